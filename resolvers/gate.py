"""The only door to the registers: it refuses, loads the facts, masks, and keeps the denials of one request."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

from auth.decisions import DecisionTable, Denial
from auth.principal import Fact
from connectors.records import RECORDS
from connectors.source import Alternatives, Condition, Conditions, Count, Key, Lookup, Order, Page, Row, Source
from engine.declarations import Sort, Test
from engine.gate import Ask, Prepared
from resolvers.admission import Admission
from resolvers.disclosure import Disclosure
from resolvers.prepared import LINKED, PRINCIPAL, PreparedAsk, prepare
from resolvers.standing import VERIFIED, Standing, Standings


class FilterDenied(Exception):
    """A filter or a sort on a column that may not be read. It names the coordinate of the argument."""

    def __init__(self, coordinate: str, denial: Denial) -> None:
        super().__init__(f"`{coordinate}` may not be used: {denial.code}")
        self.coordinate = coordinate
        self.denial = denial


class RequestGate:
    """The Gate of one request."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        table: DecisionTable,
        standings: Standings,
        admission: Admission,
        disclosure: Disclosure,
    ) -> None:
        self._sources = sources
        self._table = table
        self._standings = standings
        self._admission = admission
        self._disclosure = disclosure

    def prepare(self, ask: Ask) -> PreparedAsk:
        """Return the ask under this request's decisions, worked out once per profile."""
        prepared = self._table.memo.get(ask)
        if prepared is None:
            if len(self._table.memo) > 2048:
                self._table.memo.clear()
            prepared = self._table.memo[ask] = prepare(ask, self._table)
        return cast(PreparedAsk, prepared)

    def permitted(self, category: str, coordinate: str) -> bool:
        """Tell whether a category that belongs to no row is permitted; a denial is kept."""
        outcome = self._table.outcome(category, Fact(0))
        if isinstance(outcome, Denial):
            self._disclosure.deny([(coordinate, outcome)], 1)
            return False
        return True

    async def lookup(
        self, prepared: Prepared, keys: Sequence[Any], where: tuple[Test, ...] = (), order: tuple[Sort, ...] = ()
    ) -> Sequence[Row]:
        """Return the rows of the keys that the caller may know of, masked. A row's first value is its key."""
        assert isinstance(prepared, PreparedAsk)
        if prepared.hidden is not None:
            self._disclosure.deny([(prepared.ask.coordinate, prepared.hidden)], len(keys))
            return ()
        lookup = Lookup(
            prepared.record.name,
            prepared.ask.by,
            tuple(keys),
            prepared.columns,
            _conditions(prepared, where),
            tuple(Order(*sort) for sort in order),
        )
        rows = await self._masked(prepared, await self._rows(lookup, prepared))
        if prepared.ask.direct:
            self._note_absent(prepared, len(lookup.keys) - len({row[0] for row in rows}))
        return rows

    async def page(
        self,
        prepared: Prepared,
        sort: tuple[Sort, ...],
        tests: Sequence[tuple[Test, str]],
        after: tuple[Any, ...] | None,
        limit: int,
        keys: tuple[Any, ...] | None,
    ) -> tuple[Sequence[Row], frozenset[Any]]:
        """Return the first `limit` rows after a position among those admitted, and which keys have more of them.

        `tests` are (test, category). Without keys the one list there is has the key None.
        """
        assert isinstance(prepared, PreparedAsk)
        within = await self._within(prepared.ask, tests, parents=len(keys) if keys else 1)
        if not within:
            return (), frozenset()
        page = Page(
            prepared.record.name,
            prepared.columns,
            within,
            tuple(Condition(*test) for test, _ in tests),
            tuple(Order(*one) for one in sort),
            limit + 1,
            after,
            prepared.ask.by if keys is not None else None,
            keys or (),
        )
        rows, more = _cut(await self._sources[prepared.record.register].page(page), limit, by_key=keys is not None)
        return await self._masked(prepared, rows), more

    async def count(
        self, ask: Ask, tests: Sequence[tuple[Test, str]], keys: tuple[Any, ...] | None
    ) -> Mapping[Any, int]:
        """Return how many rows are admitted by key (None without keys), under the same rules as a page."""
        record = self.prepare(ask).record
        within = await self._within(ask, tests, parents=0)
        if not within:
            return {}
        where = tuple(Condition(*test) for test, _ in tests)
        source = self._sources[record.register]
        if keys is None:
            return {None: (await source.counts(Count(record.name, within, where))).get((), 0)}
        counted = await source.counts(Count(record.name, within, (*where, Condition(ask.by, "in", keys)), (ask.by,)))
        return {key: number for (key,), number in counted.items()}

    async def tally(self, record: str, group_by: tuple[str, ...], category: str, coordinate: str) -> Mapping[Any, int]:
        """Return how many rows the caller's jurisdiction has by group; none where `category` is not permitted.

        Numbers of persons only: whether a person may be known of is not asked, the category of aggregates is.
        """
        within: list[Conditions] = []
        for conditions, facts in await self._admission.of(record):
            outcome = self._table.outcome(category, facts)
            if isinstance(outcome, Denial):
                self._disclosure.deny([(coordinate, outcome)], 1)
                return {}
            within.append(conditions)
        if not within:
            self.permitted(category, coordinate)
            return {}
        self._disclosure.released.add(coordinate)
        return await self._sources[RECORDS[record].register].counts(Count(record, tuple(within), (), group_by))

    async def _within(self, ask: Ask, tests: Sequence[tuple[Test, str]], parents: int) -> Alternatives:
        """Return the predicate of admitted rows. Raises FilterDenied for a test on what may not be read.

        A denial is kept for as many `parents` as have such a list: for none where its rows were asked for already.
        """
        hidden = self.prepare(ask).hidden
        admitted = await self._admission.of(ask.record)
        if hidden is not None or not admitted:
            outcome = hidden or self._table.outcome(ask.category, Fact(0))
            if isinstance(outcome, Denial):
                self._disclosure.deny([(ask.coordinate, outcome)], parents)
            return ()
        for _, facts in admitted:
            for (column, _, _), category in tests:
                outcome = self._table.outcome(category, facts)
                if isinstance(outcome, Denial):
                    raise FilterDenied(f"{ask.coordinate}({column}:)", outcome)
        return tuple(conditions for conditions, _ in admitted)

    async def _rows(self, lookup: Lookup, prepared: PreparedAsk) -> Sequence[Row]:
        if lookup.record == PRINCIPAL.name:
            return [lookup.keys * len(lookup.columns)]
        return await self._sources[prepared.record.register].rows(lookup)

    async def _masked(self, prepared: PreparedAsk, rows: Sequence[Row]) -> Sequence[Row]:
        if not rows:
            return rows
        if prepared.subject_at is None:
            return self._apply(prepared, rows, None)
        if prepared.facts_at is not None:
            await self._standings.learn(map(prepared.facts_at, rows))
        subject = prepared.record.subject
        assert subject is not None
        standings = await self._standings.of(subject.kind, {row[prepared.subject_at] for row in rows})
        return self._apply(prepared, rows, standings)

    def _apply(
        self, prepared: PreparedAsk, rows: Sequence[Row], standings: Mapping[Any, Standing] | None
    ) -> Sequence[Row]:
        """Drop the rows that may not be known of, null what their facts do not permit, and keep account of both."""
        subject_at, tag_at = prepared.subject_at, prepared.tag_at
        safe: list[Row] = []
        seen: Counter[Any] = Counter()
        subjects: set[Key] = set()
        standing = _NOBODY
        for row in rows:
            if standings is not None and subject_at is not None:
                standing = standings[row[subject_at]]
            tag = row[tag_at] if tag_at is not None else None
            mask = prepared.mask(standing, tag)
            if not mask.visible:
                continue
            seen[standing, tag] += 1
            if subject_at is not None:
                subjects.add(row[subject_at] if standing.person_key is None else standing.person_key)
            safe.append(prepared.shown(row, mask, linked=standing.person_key is not None))
        self._account(prepared, seen)
        self._disclosure.subjects |= subjects
        return safe

    def _account(self, prepared: PreparedAsk, seen: Counter[Any]) -> None:
        disclosure = self._disclosure
        for (standing, tag), rows in seen.items():
            mask = prepared.mask(standing, tag)
            disclosure.deny(mask.denials, rows)
            disclosure.released.update(mask.released)
            disclosure.rules.update((permit.rule, permit.basis) for permit in mask.permits)
            disclosure.rows += rows
        visible = seen.total()
        disclosure.deny(prepared.always_denied, visible)

    def _note_absent(self, prepared: PreparedAsk, absent: int) -> None:
        """Say what would be needed to see a row that is not there or not to be known of: the same for both."""
        outcome = self._table.outcome(prepared.ask.category, Fact(0))
        if isinstance(outcome, Denial):
            self._disclosure.deny([(prepared.ask.coordinate, outcome)], absent)


_NOBODY = Standing(Fact(0), frozenset(), None)


def _conditions(prepared: PreparedAsk, where: tuple[Test, ...]) -> tuple[Condition, ...]:
    conditions = tuple(Condition(*test) for test in where)
    reverse = prepared.record.name == "learner" and prepared.ask.by in (LINKED, "citizen_id")
    return (*conditions, VERIFIED) if reverse else conditions


def _cut(rows: Sequence[Row], limit: int, by_key: bool) -> tuple[list[Row], frozenset[Any]]:
    """Leave out the rows that were read only to know whether there are more; return the keys that have more."""
    seen: Counter[Any] = Counter()
    kept: list[Row] = []
    for row in rows:
        key = row[0] if by_key else None
        seen[key] += 1
        if seen[key] <= limit:
            kept.append(row)
    return kept, frozenset(key for key, number in seen.items() if number > limit)
