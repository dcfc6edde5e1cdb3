"""The only door to the registers: it refuses, loads the facts, masks, and keeps the denials of one request."""

from collections.abc import Collection, Mapping, MutableMapping, Sequence, Set
from operator import itemgetter
from typing import Any

from auth.policy.decisions import DecisionTable, Denial
from auth.principal import Fact
from connectors.faults import FaultyRows, without_faults
from connectors.source import Alternatives, Condition, Count, Lookup, Order, Page, Row, Source
from connectors.subjects import PERSON
from engine.declarations import Sort, Test
from engine.gate import Prepared, RowQuery, Tally
from resolvers.gate.admission import Admission
from resolvers.gate.disclosure import Disclosure
from resolvers.gate.facts import FactLoader
from resolvers.gate.few import FewPersons
from resolvers.gate.filters import check_tests, narrowing_categories
from resolvers.gate.masking import deny_hidden, masked_rows, pass_over
from resolvers.gate.page_cut import cut
from resolvers.gate.prepared import PREPARED, PRINCIPAL, AuthorizedQuery, prepare
from resolvers.gate.row_conditions import conditions_of, orders_of, sorting_of
from resolvers.gate.tallies import Tallies

key_of = itemgetter(0)


class RequestGate:
    """The Gate of one request."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        table: DecisionTable,
        fact_loader: FactLoader,
        admission: Admission,
        disclosure: Disclosure,
    ) -> None:
        self._sources = sources
        self._table = table
        self._fact_loader = fact_loader
        self._admission = admission
        self._disclosure = disclosure

    @property
    def memo(self) -> MutableMapping[Any, Any]:
        return self._table.memo

    def prepare(self, ask: RowQuery) -> AuthorizedQuery:
        """Return the ask under this request's decisions, worked out once per profile."""
        table = self._table
        prepared = PREPARED.get(table.holder, table.memo, ask)
        if prepared is None:
            prepared = prepare(ask, table)
            PREPARED.put(table.holder, table.memo, ask, prepared, prepared.weight)
        return prepared

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
        assert isinstance(prepared, AuthorizedQuery)
        if prepared.hidden is not None:
            self._disclosure.deny([(prepared.ask.coordinate, prepared.hidden)], len(keys))
            if prepared.ask.direct:
                self._disclosure.refuse_keys(f"{prepared.ask.record}.{prepared.ask.by}", keys)
            return ()
        if self._disclosure.barred is not None:
            self._disclosure.reach(prepared.record)
        filtered_categories = narrowing_categories(self._table, prepared.ask, where)
        asked = await self._known(prepared, keys)
        if not asked:
            if prepared.ask.direct:
                self._note_absent(prepared, set(keys))
            return ()
        lookup = Lookup(
            prepared.record.name,
            prepared.ask.by,
            asked,
            prepared.columns,
            conditions_of(prepared, where),
            orders_of(order),
        )
        found = await self._rows(lookup, prepared)
        without = set(asked).difference(map(key_of, found)) if prepared.ask.direct else ()
        rows = await self._masked(prepared, found, filtered_categories, without)
        if prepared.ask.direct:
            self._note_absent(prepared, set(keys).difference(map(key_of, rows)))
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
        assert isinstance(prepared, AuthorizedQuery)
        tested = (*tests, *sorting_of(prepared.ask, sort))
        within = await self._within(prepared, tested, parents=len(keys) if keys else 1)
        if not within:
            return (), frozenset()
        page = Page(
            prepared.record.name,
            prepared.columns,
            within,
            tuple(Condition(*test) for test, _ in tests),
            tuple(Order(*order) for order in sort),
            limit + 1,
            after,
            prepared.ask.by if keys is not None else None,
            keys or (),
        )
        rows, more = cut(await self._sources[page.record].page(page), limit, by_key=keys is not None)
        masked = await self._masked(prepared, rows)
        if after is None:
            found = set(map(key_of, masked)) if keys is not None else {None} if masked else set()
            self._note_empty(prepared, tests, keys, found)
        return masked, more

    async def count(
        self, ask: RowQuery, tests: Sequence[tuple[Test, str]], keys: tuple[Any, ...] | None, *, alone: bool = False
    ) -> Mapping[Any, int]:
        """Return how many rows are admitted by key (None without keys), under the same rules as a page.

        `alone`: nothing else of the lists is asked for.
        """
        prepared = self.prepare(ask)
        record = prepared.record
        within = await self._within(prepared, tests, parents=(len(keys) if keys else 1) if alone else 0)
        if not within:
            return {}
        where = tuple(Condition(*test) for test, _ in tests)
        source = self._sources[record.name]
        counted: Mapping[Any, int]
        if keys is None:
            counted = {None: (await source.counts(Count(record.name, within, where))).get((), 0)}
        else:
            grouped = Count(record.name, within, (*where, Condition(ask.by, "in", keys)), (ask.by,))
            counted = {key: number for (key,), number in (await source.counts(grouped)).items()}
        self._note_empty(prepared, tests, keys, {key for key, number in counted.items() if number})
        if alone:
            permits = [self._table.outcome(ask.category, facts) for _, facts in await self._admission.of(ask.record)]
            self._disclosure.permit(ask.coordinate, permits)
        if tests and record.holds is not None:
            by = None if keys is None else ask.by
            await self._few().account(record.name, ask.coordinate, by, within, where, counted)
        return counted

    async def tally(
        self, record: str, group_by: str, category: str, coordinate: str, read_by: tuple[str, ...]
    ) -> Tally | None:
        """Return how many rows the caller's jurisdiction has by group (resolvers/gate/tallies.py)."""
        tallies = Tallies(self._sources, self._table, self._admission, self._disclosure, self._few())
        return await tallies.of(record, group_by, category, coordinate, read_by)

    def _few(self) -> FewPersons:
        return FewPersons(self._sources, self._fact_loader, self._disclosure)

    async def _within(self, prepared: AuthorizedQuery, tests: Sequence[tuple[Test, str]], parents: int) -> Alternatives:
        """Return the predicate of admitted rows. Raises FilterDenied for a test on what may not be read.

        A denial is kept for as many `parents` as have such a list: for none where its rows were asked for already.
        """
        if self._disclosure.barred is not None:
            self._disclosure.reach(prepared.record)
        ask, hidden = prepared.ask, prepared.hidden
        # being in the jurisdiction is not enough where only a consent opens the record
        admitted = [
            (conditions, facts)
            for conditions, facts in await self._admission.of(ask.record)
            if self._table.permits(ask.category, facts)
        ]
        if hidden is not None or not admitted:
            outcome = hidden or self._table.outcome(ask.category, Fact(0))
            if isinstance(outcome, Denial):
                self._disclosure.deny([(ask.coordinate, outcome)], parents)
            return ()
        check_tests(self._table, ask, tests, {facts for _, facts in admitted})
        return tuple(conditions for conditions, _ in admitted)

    async def _known(self, prepared: AuthorizedQuery, keys: Sequence[Any]) -> tuple[Any, ...]:
        """Return the keys without those of persons who may not be known of, denied: nothing is asked about them."""
        subject = prepared.record.subject
        if subject is None or subject.kind != PERSON or prepared.ask.by != subject.column:
            return tuple(keys)
        facts_by_key = await self._fact_loader.of(subject.kind, keys, prepared.consent_dependent)
        distinct_facts = set(map(facts_by_key.__getitem__, keys))
        visible_facts = {
            subject_facts for subject_facts in distinct_facts if prepared.mask(subject_facts, None).visible
        }
        if len(visible_facts) == len(distinct_facts):
            return tuple(keys)
        if not prepared.ask.direct:  # who is asked for by key is accounted for as absent
            deny_hidden(
                prepared,
                (facts_by_key[key] for key in keys if facts_by_key[key] not in visible_facts),
                self._disclosure,
            )
        return tuple(key for key in keys if facts_by_key[key] in visible_facts)

    async def _rows(self, lookup: Lookup, prepared: AuthorizedQuery) -> Sequence[Row]:
        if lookup.record == PRINCIPAL.name:
            return [lookup.keys * len(lookup.columns)]
        return await self._sources[lookup.record].rows(lookup)

    async def _masked(
        self,
        prepared: AuthorizedQuery,
        rows: Sequence[Row],
        filtered_categories: tuple[str, ...] = (),
        without: Collection[Any] = (),
    ) -> Sequence[Row]:
        """Return the rows under their masks. For keys `without` a row the same is read, or time would tell."""
        if not (rows or without):
            return rows
        if prepared.subject_at is None:
            return masked_rows(prepared, rows, None, {}, filtered_categories, self._disclosure)
        subject, is_direct = prepared.record.subject, prepared.ask.direct
        assert subject is not None
        doubles = self._fact_loader.doubles((prepared.ask.record, prepared.ask.by, key) for key in without)
        if prepared.facts_at is not None:
            facts = map(prepared.facts_at, rows)
            readable = without_faults(list(facts)) if isinstance(rows, FaultyRows) else facts
            await self._fact_loader.learn(subject.kind, readable, doubles, is_direct=is_direct)
        subjects = {*map(itemgetter(prepared.subject_at), rows), *doubles}
        consent_dependent = prepared.consent_dependent_direct if is_direct else prepared.consent_dependent
        facts_by_key = await self._fact_loader.of(subject.kind, subjects, consent_dependent, is_direct=is_direct)
        accounts = self._fact_loader.accounts(subject.kind)
        pass_over(prepared, doubles, accounts, self._disclosure)
        if not rows:
            return rows
        return masked_rows(prepared, rows, facts_by_key, accounts, filtered_categories, self._disclosure)

    def _note_absent(self, prepared: AuthorizedQuery, absent: Set[Any]) -> None:
        """Say what would be needed to see a row that is not there or not to be known of: the same for both."""
        if not absent:
            return
        ask = prepared.ask
        if prepared.record.subject is not None:
            self._disclosure.miss_keys(f"{ask.record}.{ask.by}", absent)
        outcome = self._table.outcome(ask.category, Fact(0))
        if isinstance(outcome, Denial):
            self._disclosure.deny([(ask.coordinate, outcome)], len(absent))

    def _note_empty(
        self,
        prepared: AuthorizedQuery,
        tests: Sequence[tuple[Test, str]],
        keys: tuple[Any, ...] | None,
        found: Collection[Any],
    ) -> None:
        """Count the lists in which nobody was found; `found`: the keys of those with somebody, None without keys.

        Each parent's list is a question of its own where the caller narrows it, else all of them are one.
        """
        if prepared.record.subject is None:
            return
        asked = (prepared.ask.coordinate, tuple(test for test, _ in tests))
        if not tests:
            self._disclosure.miss_lists([asked] if not found else ())
        else:
            self._disclosure.miss_lists((asked, key) for key in keys or (None,) if key not in found)
