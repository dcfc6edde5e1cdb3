"""One record that several registers serve, each a part of its rows: no key is in two of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from connectors.composition.merging import first_of_each_key, ordered
from connectors.composition.parts import Parts, narrowed, replies_of, settled, whole
from connectors.composition.route import Route
from connectors.errors import NotOffered, SourceUnavailable
from connectors.faults import joined, kept
from connectors.guards.questions import understood_count, understood_lookup, understood_page
from connectors.record import Record
from connectors.source import Alternatives, ColumnOrder, Conditions, Count, Key, Lookup, Order, Page, Row, Source

_log = structlog.get_logger(__name__)

Questions = Mapping[str, tuple[Key, ...]]
"""The keys that each register is asked for, by register."""


class Composed(Parts):
    """The union of the rows of several registers, each asked only for what a route cannot rule out.

    `orders` are those that all registers have alike; a list in another order is not offered. Order columns, the key and
    the route's column are asked for as well and cut off again. The first register that has a key is the one whose row
    stays. Pages cost `limit` rows of each register. Raises PartlyAvailable with the other rows where some registers did
    not answer; a count is never of some of them.
    """

    def __init__(
        self,
        record: Record,
        sources: Sequence[Source],
        *,
        route: Route | None = None,
        orders: Mapping[str, ColumnOrder] | None = None,
    ) -> None:
        super().__init__(record, sources)
        self._route, self._orders = route, orders or {}
        self._compared = self._compared | dict(self._orders)

    def routed(self, lookup: Lookup) -> tuple[str, ...]:
        """Return the registers that this look-up asks."""
        return tuple(self._questions(lookup.by, lookup.keys, lookup.where))

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        question = understood_lookup(lookup)
        if question is None:
            return ()
        keys_by_register = self._questions(question.by, question.keys, question.where)
        if len(keys_by_register) == 1:
            ((register, keys),) = keys_by_register.items()
            return await self._sources[register].rows(question._replace(keys=keys))
        columns = self._widened(question.columns, question.order)
        replies = await replies_of(
            {
                name: self._sources[name].rows(question._replace(keys=keys, columns=columns))
                for name, keys in keys_by_register.items()
            }
        )
        rows = ordered(self._distinct(columns, replies.rows), columns, question.order, self._compared)
        return whole(narrowed(rows, len(question.columns)), replies.missing)

    async def page(self, page: Page) -> Sequence[Row]:
        self._check_orders(page.order)
        question = understood_page(page)
        if question is None:
            return ()
        keys_by_register = self._questions(question.by, question.keys, question.where, question.within)
        columns = self._widened(question.columns, question.order)
        replies = await replies_of(
            {
                name: self._sources[name].page(question._replace(keys=keys, columns=columns))
                for name, keys in keys_by_register.items()
            }
        )
        rows = ordered(self._distinct(columns, replies.rows), columns, question.order, self._compared)
        if question.by is None:
            rows = kept(rows[: question.limit], rows)
        else:
            rows = first_of_each_key(rows, columns.index(question.by), question.limit)
        return whole(narrowed(rows, len(question.columns)), replies.missing)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        question = understood_count(count)
        if question is None:
            return count.of_no_rows
        registers = self._questions(None, (), question.where, question.within)
        answers = await settled({name: self._sources[name].counts(question) for name in registers})
        totals: Counter[tuple[Any, ...]] = Counter()
        for answer in answers.values():
            if isinstance(answer, SourceUnavailable):
                raise answer  # a sum without one register would be taken for the whole
            totals.update(answer)
        return dict(totals) if totals else count.of_no_rows

    def _questions(
        self, by: str | None, keys: tuple[Key, ...], where: Conditions, within: Alternatives = ((),)
    ) -> Questions:
        """Return the keys to ask each register for, without registers that cannot have such rows."""
        route = self._route
        if route is None:
            return dict.fromkeys(self._sources, keys)
        possible = route.of_conditions(where, within)
        registers = [name for name in self._sources if possible is None or name in possible]
        if by != route.column:
            return dict.fromkeys(registers, keys)
        return route.split(keys, registers)

    def _widened(self, columns: tuple[str, ...], order: Sequence[Order]) -> tuple[str, ...]:
        """Return the columns with those behind them that rows are put together by."""
        widened = self._with_order(columns, order)
        return widened if self._route is None else tuple(dict.fromkeys((*widened, self._route.column)))

    def _distinct(self, columns: tuple[str, ...], rows_by_register: Mapping[str, Sequence[Row]]) -> Sequence[Row]:
        """Return the rows that each register may have, each key once; others are an alarm."""
        own = {name: self._own(name, columns, rows) for name, rows in rows_by_register.items()}
        rows = joined(list(own.values()))
        at = columns.index(self.record.key)
        by_key: dict[Any, Row] = {}
        for row in rows:
            by_key.setdefault(row[at], row)
        if len(by_key) == len(rows):
            return rows
        self._alarm("key in several registers", len(rows) - len(by_key))
        return kept(list(by_key.values()), rows)

    def _own(self, register: str, columns: tuple[str, ...], rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows that the route gives to this register: no other row is ever found by its key."""
        route = self._route
        if route is None:
            return rows
        at = columns.index(route.column)
        own = [row for row in rows if route.register_of(row[at]) in (None, register)]
        if len(own) == len(rows):
            return rows
        self._alarm("rows of another register", len(rows) - len(own), register)
        return kept(own, rows)

    def _check_orders(self, order: Sequence[Order]) -> None:
        for term in order:
            if self._orders.get(term.column, ColumnOrder.OWN) is ColumnOrder.OWN:
                told = f"record `{self.record.name}`: no order by `{term.column}`, which they compare differently"
                raise NotOffered(self.register, told)

    def _alarm(self, event: str, rows: int, register: str | None = None) -> None:
        _log.error(event, alarm=True, register=register or self.register, record=self.record.name, rows=rows)
