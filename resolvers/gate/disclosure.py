"""What an operation has released and denied: the matter of `extensions.access` and of the audit entry."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from auth.crypto.keys import unlinked_subject
from auth.errors import Refused
from auth.policy.decisions import Denial, Outcome, Permit
from connectors.record import Record
from connectors.records import HOLDERS, RECORDS
from connectors.source import Key
from connectors.subjects import PERSON, Subject


def _person(key: Key) -> Key:
    return key


def _subject_by_column() -> Iterator[tuple[str, Callable[[Key], Key]]]:
    for record in RECORDS.values():
        if record.subject is not None and record.subject == Subject(PERSON, record.key):
            yield f"{record.name}.{record.key}", _person
    for kind, holder in HOLDERS.items():
        assert holder.holds is not None
        yield f"{kind}.{holder.key}", partial(unlinked_subject, kind)
        yield from ((f"{kind}.{column}", _person) for column in holder.holds.reverse)


_SUBJECT_BY_COLUMN: Mapping[str, Callable[[Key], Key]] = MappingProxyType(dict(_subject_by_column()))
"""Under which key somebody is a subject who was asked for by a column."""


class Disclosure:
    """Coordinates released and denied, and the subjects whose rows were read."""

    def __init__(self) -> None:
        self.released: set[str] = set()
        self.denials: defaultdict[tuple[str, Denial], int] = defaultdict(int)
        self.unanswered: defaultdict[tuple[str, str], int] = defaultdict(int)
        """By coordinate and code of the reason, the values that are null because they are not known."""
        self.sources: defaultdict[tuple[str, str], int] = defaultdict(int)
        """By coordinate and register, the answers that were taken from it where there were several to take from."""
        self.rules: set[tuple[str, str]] = set()
        self.subjects: set[Key] = set()
        self.rows = 0
        self.refusals: set[tuple[str, str]] = set()
        """Coordinates at which nothing was answered, with the error's code; the caller is told by the error itself."""
        self._answered: set[str] = set()
        self.withheld: tuple[str, str, str] | None = None
        """Coordinate, code and rule, where what was read is not answered after all."""
        self.barred: Refused | None = None
        """Why the caller may read about nobody now, where that is known before anything is read."""
        self.reached_persons = False
        """Whether an operation of such a caller asked for anything about persons."""
        self.missed_keys: set[tuple[str, Key]] = set()
        """Column and key of persons or learners asked for who are not there, or not to be known of."""
        self.refused_keys: set[tuple[str, Key]] = set()
        """Column and key of those asked for where no rule can open the record: no misses, nobody could be found."""
        self.missed_lists: set[Hashable] = set()
        """Lists of persons in which nobody was found who may be known of."""

    @property
    def sought(self) -> set[Key]:
        """Keys of persons and learners whom the caller has named and of whom it was shown nothing, there or not."""
        asked = self.missed_keys | self.refused_keys
        named = {_SUBJECT_BY_COLUMN[column](key) for column, key in asked if column in _SUBJECT_BY_COLUMN}
        return named - self.subjects

    @property
    def misses(self) -> int:
        """How many questions about persons found nobody: the same whether nobody is there or nobody may be seen."""
        return len(self.missed_keys) + len(self.missed_lists)

    def reach(self, record: Record) -> None:
        """Note that a caller who is barred asks for rows of the record. Raises why, where they are about persons."""
        if record.subject is not None and self.barred is not None:
            self.reached_persons = True
            raise self.barred

    def miss_keys(self, column: str, keys: Iterable[Key]) -> None:
        """Note keys by which nobody was found."""
        self.missed_keys.update((column, key) for key in keys)

    def refuse_keys(self, column: str, keys: Iterable[Key]) -> None:
        """Note keys that were asked for in vain, whoever they may be of."""
        self.refused_keys.update((column, key) for key in keys)

    def miss_lists(self, lists: Iterable[Hashable]) -> None:
        """Note lists in which nobody was found; the page and the total of one list are one question."""
        self.missed_lists.update(lists)

    def withhold(self, code: str, rule: str, coordinate: str = "Query") -> None:
        """Note that the whole answer is kept back: nothing counts as released, but changes that were made stand."""
        self.released = {coordinate for coordinate in self._answered if coordinate.startswith("Mutation.")}
        self.withheld = (coordinate, code, rule)

    def permit(self, coordinate: str, outcomes: Iterable[Outcome]) -> None:
        """Note that something was told that stands in no row, and the rules of those outcomes that permit it."""
        self.released.add(coordinate)
        self.rules.update((outcome.rule, outcome.basis) for outcome in outcomes if isinstance(outcome, Permit))

    def answer(self, coordinate: str) -> None:
        """Note that a field with a resolver of its own was answered."""
        self._answered.add(coordinate)
        self.released.add(coordinate)

    def refuse(self, coordinate: str, code: str | None) -> None:
        """Note that such a field was not answered: what was read for it alone counts as released to nobody."""
        if coordinate not in self._answered:
            self.released.discard(coordinate)
        if code is not None:
            self.refusals.add((coordinate, code))

    def deny(self, denials: Iterable[tuple[str, Denial]], parents: int) -> None:
        """Note that each coordinate was denied for so many rows that the caller may know of."""
        if parents:
            for coordinate_and_reason in denials:
                self.denials[coordinate_and_reason] += parents
