"""An Ask under one profile's decisions: which columns are fetched, where each value lies, what is masked for whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from auth.policy.decisions import DecisionTable, Denial, Outcome, Permit
from auth.principal import Fact
from connectors.record import Kind, Record
from connectors.records import RECORDS
from connectors.source import Row
from connectors.subjects import PERSON, Subject
from engine.gate import OutputColumn, RowQuery
from reference.weighted_cache import ShelvedCache
from resolvers.gate.row_shapes import NULL, TRUE, RowShape
from resolvers.gate.subjects import ALL_MASKS, SubjectFacts

PRINCIPAL = Record(
    "principal",
    "",
    "person_key",
    MappingProxyType({"person_key": Kind.KEY}),
    Subject(PERSON, "person_key"),
)
"""The caller as a row, so that `me` is an ordinary way in; it comes from the token, not from a register."""


MASKS_KEPT = 256
"""Masks of one ask, and shapes of its rows."""


def record_named(name: str) -> Record:
    return PRINCIPAL if name == PRINCIPAL.name else RECORDS[name]


@dataclass(frozen=True, slots=True)
class Mask:
    """The changes to a row under one combination of facts and tag."""

    visible: bool
    hidden: tuple[int, ...]
    denials: tuple[tuple[str, Denial], ...]
    released: tuple[str, ...]
    rules: frozenset[tuple[str, str]]


@dataclass(slots=True)
class AuthorizedQuery:
    """`columns` are fetched; a row handed up has the first `width` of them and then the `copies`.

    A copy is a second place for a column that two categories want, or (None) the place that says "permitted".
    Columns that no row can release are not fetched: their position is None.
    """

    ask: RowQuery
    record: Record
    table: DecisionTable
    columns: tuple[str, ...]
    width: int
    copies: tuple[int | None, ...]
    positions: tuple[int | None, ...]
    hidden: Denial | None
    subject_at: int | None
    facts_at: Callable[[Row], tuple[Any, ...]] | None
    link_at: int | None
    tag_at: int | None
    consent_dependent: frozenset[int]
    """The masks of facts under which a consent would change anything that this ask releases, denies or says why."""
    consent_dependent_direct: frozenset[int] = frozenset()
    """The same for who is asked for directly: with the masks that hide a row, if a consent may show one of them.

    Consents of hidden subjects are read whatever their facts, so that the reads do not reveal who is hidden.
    """
    _masks: dict[Any, Mask] = field(default_factory=dict)
    _shapes: dict[Any, RowShape] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """Bytes, with the masks of the combinations of facts that are usual."""
        return 4_000 + 600 * len(self.ask.slots)

    @property
    def register(self) -> str:
        return self.record.register or "token"

    def decisions(self) -> Sequence[str]:
        """Return how each slot is decided: "always", "never", or the facts on which it depends."""
        return [self._decision(slot) for slot in self.ask.slots]

    def _decision(self, slot: OutputColumn) -> str:
        category = slot.category
        if self.table.never(category) or self.table.not_held(self.ask.record, slot.column) is not None:
            return "never"
        relevant = self.table.relevant(category)
        return " or ".join(str(fact.name).lower() for fact in Fact if fact & relevant) or "always"

    def mask(self, subject_facts: SubjectFacts, tag: str | None) -> Mask:
        """Return the mask for rows with these facts and tag."""
        # Thousands of rows share a handful of combinations: outcomes are combined once for each, not once a row.
        key = (subject_facts[0], subject_facts[1], tag)
        mask = self._masks.get(key)
        if mask is None:
            if len(self._masks) >= MASKS_KEPT:  # consents combine freely: keep the memo bounded
                self._masks.clear()
            mask = self._masks[key] = self._mask(subject_facts, tag)
        return mask

    def _mask(self, subject_facts: SubjectFacts, tag: str | None) -> Mask:
        hidden: list[int] = []
        denials: list[tuple[str, Denial]] = []
        released: list[str] = []
        rules: set[tuple[str, str]] = set()
        for slot, position in zip(self.ask.slots, self.positions, strict=True):
            outcome = self.table.not_held(self.ask.record, slot.column) or self.outcome(slot.category, subject_facts)
            if isinstance(outcome, Denial) and position is not None:
                hidden.append(position)
            if slot.tag is not None and slot.tag != tag:
                continue
            if isinstance(outcome, Denial):
                denials.append((slot.coordinate, outcome))
            else:
                released.append(slot.coordinate)
                rules.add((outcome.rule, outcome.basis))
        visible = self.permits(self.ask.category, subject_facts)
        return Mask(visible, tuple(hidden), tuple(dict.fromkeys(denials)), tuple(released), frozenset(rules))

    @property
    def follows_link(self) -> bool:
        """Whether rows hold the way from a subject to a person, which is null where the link is not verified."""
        return self.link_at is not None and self.link_at < self.width

    def shape(self, mask: Mask, linked: bool) -> RowShape:
        """Return what becomes of rows under a mask. Where the link is not verified the way to the person is null."""
        key = (mask.hidden, linked or not self.follows_link)
        shape = self._shapes.get(key)
        if shape is None:
            if len(self._shapes) >= MASKS_KEPT:
                self._shapes.clear()
            shape = self._shapes[key] = RowShape(self._sources(mask.hidden, linked), len(self.columns))
        return shape

    def _sources(self, hidden: tuple[int, ...], linked: bool) -> list[int]:
        unlinked = None if linked else self.link_at
        sources = [NULL if place == unlinked else place for place in range(self.width)]
        sources += [TRUE if place is None else NULL if place == unlinked else place for place in self.copies]
        return [NULL if position in hidden else source for position, source in enumerate(sources)]

    def permits(self, category: str, subject_facts: SubjectFacts) -> bool:
        return isinstance(self.outcome(category, subject_facts), Permit)

    def outcome(self, category: str, subject_facts: SubjectFacts) -> Outcome:
        """Return the outcome for a category; a consent to anything of a person is a consent to be known of."""
        facts, consents, _ = subject_facts
        if category in consents or (consents and category in BEING_KNOWN):
            facts |= Fact.CONSENT
        return self.table.outcome(category, Fact(facts))


BEING_KNOWN = frozenset({"learner.record", "identity.record"})


PREPARED = ShelvedCache[RowQuery, AuthorizedQuery](32_000_000, 8_000_000)
"""Asks under the decisions in whose memo they lie."""


def prepare(ask: RowQuery, table: DecisionTable) -> AuthorizedQuery:
    """Return the ask under the table's decisions. Columns that no row can release are left out: not even fetched."""
    record = record_named(ask.record)
    layout = _Layout(ask.by)
    positions: list[int | None] = []
    for slot in ask.slots:
        if table.never(slot.category) or table.not_held(ask.record, slot.column) is not None:
            positions.append(None)
        else:
            positions.append(layout.place(slot, free=table.always(slot.category)))
    width = len(layout.columns)
    places = tuple(width - 1 - place if place is not None and place < 0 else place for place in positions)
    subject_at, facts_at, tag_at = _internal(layout, record, ask)
    never = table.never(ask.category)
    hidden = table.not_held(ask.record) or (table.outcome(ask.category, Fact(0)) if never else None)
    consent_dependent = _consent_dependent(ask, table)
    hiding = frozenset(facts for facts in ALL_MASKS if isinstance(table.outcome(ask.category, Fact(facts)), Denial))
    return AuthorizedQuery(
        ask,
        record,
        table,
        tuple(layout.columns),
        width,
        tuple(layout.copies),
        places,
        hidden if isinstance(hidden, Denial) else None,
        subject_at,
        facts_at,
        layout.columns.index(record.holds.person) if record.holds else None,
        tag_at,
        consent_dependent,
        consent_dependent | hiding if consent_dependent & hiding else consent_dependent,
    )


def _consent_dependent(ask: RowQuery, table: DecisionTable) -> frozenset[int]:
    return frozenset(
        facts
        for facts in ALL_MASKS
        for category in _categories(ask)
        if table.outcome(category, Fact(facts)) != table.outcome(category, Fact(facts) | Fact.CONSENT)
    )


def _categories(ask: RowQuery) -> frozenset[str]:
    """Return the categories that decide about the ask's rows."""
    tested = (category for _, category in ask.tested)
    return frozenset((ask.category, *(slot.category for slot in ask.slots), *tested))


class _Layout:
    """Where columns lie in a row. A place in the copies is negative: -1 the first, -2 the second."""

    def __init__(self, by: str) -> None:
        self.columns = [by]
        self.copies: list[int | None] = []
        self._places: dict[tuple[str | None, str], int] = {(by, ""): 0}

    def place(self, slot: OutputColumn, free: bool) -> int:
        """Return the place of the slot's value; `free`: never masked, so that it may share a place."""
        key = (slot.column, "" if free else slot.category)
        if key not in self._places:
            if slot.column is None:
                self._places[key] = self._copy(None)
            elif slot.column in self.columns:
                self._places[key] = self._copy(self.columns.index(slot.column))
            else:
                self.columns.append(slot.column)
                self._places[key] = len(self.columns) - 1
        return self._places[key]

    def index(self, column: str) -> int:
        """Return where the column is fetched for our own use, fetching it if nobody else wants it."""
        if column not in self.columns:
            self.columns.append(column)
        return self.columns.index(column)

    def _copy(self, source: int | None) -> int:
        self.copies.append(source)
        return -len(self.copies)


def _internal(
    layout: _Layout, record: Record, ask: RowQuery
) -> tuple[int | None, Callable[[Row], tuple[Any, ...]] | None, int | None]:
    """Add what the Gate itself must know of a row: its subject, the facts that it holds, its concrete type."""
    subject_at = layout.index(record.subject.column) if record.subject else None
    facts_at = None
    if record.holds is not None:
        facts_at = itemgetter(*map(layout.index, record.fact_columns))
    return subject_at, facts_at, layout.index(ask.tag) if ask.tag else None
