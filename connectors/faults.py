"""Faults: what stands in a row in place of a value that is not what its column promises, carried up to the mask."""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Set
from typing import Any

import structlog

from connectors.errors import SourceContractBroken
from connectors.source import Row

TELL_S = 60.0
TOLD_KEPT = 1_000
"""Columns of which is remembered when they were told of: more than there are."""

_log = structlog.get_logger(__name__)


class Told:
    """What was told lately, so that one value that many requests meet is told of once a minute, and how often."""

    def __init__(self, now: Callable[[], float] = time.monotonic, kept: int = TOLD_KEPT) -> None:
        """`now`: seconds."""
        self._now = now
        self._kept = kept
        self._known: dict[Hashable, tuple[float, int]] = {}
        """When each was told of, and how often it came since."""

    def due(self, what: Hashable, times: int) -> int:
        """Return how often it came since it was told of, if that is a minute ago or never was; else 0."""
        now = self._now()
        at, untold = self._known.get(what, (now - TELL_S, 0))
        is_due = now - at >= TELL_S
        if what not in self._known and len(self._known) >= self._kept:
            del self._known[next(iter(self._known))]
        self._known[what] = (now, 0) if is_due else (at, untold + times)
        return untold + times if is_due else 0

    def clear(self) -> None:
        self._known.clear()


TOLD = Told()
"""Of this process."""


class Fault(SourceContractBroken):
    """A value that could not be read. Whoever may see the place is told so; where it is masked nobody is.

    Faults of one column are equal. `stored` is what the register holds there if it sorts by it, for positions in lists.
    """

    def __init__(self, register: str, record: str, column: str, stored: Any = None) -> None:
        super().__init__(register, f"record `{record}`: column `{column}` holds a value of a wrong kind")
        self.record, self.column = record, column
        self.stored = stored if isinstance(stored, str | int | float) else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fault) and self.args == other.args

    def __hash__(self) -> int:
        return hash(self.args)


def stored_value(value: Any) -> Any:
    """Return what a register sorts by in this place."""
    return value.stored if isinstance(value, Fault) else value


class FaultyRows(list[Row]):
    """Rows that hold a fault, or of which some were `dropped` for one: ordinary batches are never looked through."""

    def __init__(self, rows: Iterable[Row], dropped: int = 0) -> None:
        super().__init__(rows)
        self.dropped = dropped


def kept(rows: Sequence[Row], of: Sequence[Row]) -> Sequence[Row]:
    """Return some rows of a batch, known as faulty where the batch is."""
    return FaultyRows(rows, of.dropped) if isinstance(of, FaultyRows) else rows


def joined(batches: Sequence[Sequence[Row]]) -> Sequence[Row]:
    """Return the rows of several batches, known as faulty where one of them is."""
    rows = [row for batch in batches for row in batch]
    faulty = [batch for batch in batches if isinstance(batch, FaultyRows)]
    return FaultyRows(rows, sum(batch.dropped for batch in faulty)) if faulty else rows


def with_readable_keys(rows: FaultyRows, register: str, record: str, keys: Mapping[int, str]) -> FaultyRows:
    """Return the rows without those of which a key cannot be read; `keys` maps places to names of key columns.

    A row without its key belongs to nobody who could be asked about, so nothing can be decided of it. All faults are
    logged by column, never by value; dropped rows are an alarm.
    """
    log_faults(rows, register, record, frozenset(keys.values()))
    readable = [row for row in rows if not any(isinstance(row[at], Fault) for at in keys)]
    return FaultyRows(readable, rows.dropped + len(rows) - len(readable))


def log_faults(rows: FaultyRows, register: str, record: str, keys: Set[str] = frozenset()) -> None:
    """Log how many values of each column cannot be read, once a minute; of a key column as an alarm."""
    by_column = Counter(value.column for row in rows for value in row if isinstance(value, Fault))
    for column, values in by_column.items():
        _tell("faulty values", column in keys, (register, record, column), values)


def faultless(rows: Sequence[Row]) -> Sequence[Row]:
    """Return the rows that can be read whole: a fact is never drawn from one that cannot."""
    if not isinstance(rows, FaultyRows):
        return rows
    _alarm(rows)
    return [row for row in rows if not any(isinstance(value, Fault) for value in row)]


def without_faults(rows: Sequence[Row]) -> Sequence[Row]:
    """Return the rows with null in place of what cannot be read: the facts drawn from there do not hold."""
    _alarm(rows)
    return [tuple(None if isinstance(value, Fault) else value for value in row) for row in rows]


def _alarm(rows: Sequence[Row]) -> None:
    faults = (value for row in rows for value in row if isinstance(value, Fault))
    for place, values in Counter((fault.register, fault.record, fault.column) for fault in faults).items():
        _tell("facts cannot be read", True, place, values)


def _tell(event: str, alarm: bool, place: tuple[str, str, str], values: int) -> None:
    values = TOLD.due((event, alarm, place), values)
    if values:
        register, record, column = place
        _log.error(event, alarm=alarm, register=register, record=record, column=column, values=values)
