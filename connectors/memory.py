"""A register in memory: what every other connector must agree with."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.record import PERIOD_OF
from connectors.source import Alternatives, Conditions, Count, Key, Lookup, Order, Page, Row
from connectors.values.comparison import meets

Stored = Mapping[str, Any]
"""One row by column; a column that is not there is null."""


class MemorySource:
    """The source on rows given once, per record. Text is ordered by code point."""

    def __init__(self, register: str, rows_by_record: Mapping[str, Sequence[Stored]]) -> None:
        self._register = register
        self._rows_by_record = rows_by_record
        self._by_key: dict[tuple[str, str], Mapping[Key, Sequence[Stored]]] = {}

    @property
    def register(self) -> str:
        return self._register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        by_key = self._index(lookup.record, lookup.by)
        found = [row for key in lookup.keys for row in by_key.get(key, ()) if _meets_all(row, lookup.where)]
        return _projected(_ordered(found, lookup.order), lookup.columns)

    async def page(self, page: Page) -> Sequence[Row]:
        rows = [row for row in self._admitted(page) if page.after is None or _is_after(row, page.order, page.after)]
        rows = _ordered(rows, page.order)
        if page.by is None:
            return _projected(rows[: page.limit], page.columns)
        per_key: Counter[Key] = Counter()
        first = []
        for row in rows:
            key = row.get(page.by)
            if key in page.keys and per_key[key] < page.limit:
                per_key[key] += 1
                first.append(row)
        return _projected(first, page.columns)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        totals = Counter(tuple(row.get(column) for column in count.group_by) for row in self._admitted(count))
        return dict(totals) if count.group_by else {(): totals[()]}

    async def ready(self) -> None:
        return

    async def close(self) -> None:
        return

    def _index(self, record: str, by: str) -> Mapping[Key, Sequence[Stored]]:
        if (record, by) not in self._by_key:
            index: dict[Any, list[Stored]] = defaultdict(list)
            for row in self._rows_by_record.get(record, ()):
                index[row.get(by)].append(row)
            index.pop(None, None)
            self._by_key[record, by] = index
        return self._by_key[record, by]

    def _admitted(self, question: Page | Count) -> list[Stored]:
        rows = self._rows_by_record.get(question.record, ())
        return [row for row in rows if _meets_all(row, question.where) and _meets_one(row, question.within)]


def _meets_all(row: Stored, conditions: Conditions) -> bool:
    return all(meets(row.get(c.column), c.operator, c.value) for c in conditions)


def _meets_one(row: Stored, alternatives: Alternatives) -> bool:
    return any(_meets_all(row, conditions) for conditions in alternatives)


def _ordered(rows: Sequence[Stored], order: tuple[Order, ...]) -> list[Stored]:
    ordered = list(rows)
    for term in reversed(order):  # sorting is stable: the first term is sorted by last
        ordered.sort(key=_known(term.column), reverse=term.descending)
        ordered.sort(key=_is_null(term.column))
    return ordered


def _known(column: str) -> Callable[[Stored], Any]:
    """A key in which nulls compare with anything, wherever they end up."""
    return lambda row: (False,) if row.get(column) is None else (True, row[column])


def _is_null(column: str) -> Callable[[Stored], bool]:
    return lambda row: row.get(column) is None


def _is_after(row: Stored, order: tuple[Order, ...], after: tuple[Any, ...]) -> bool:
    for term, position in zip(order, after, strict=True):
        value = row.get(term.column)
        if value == position:
            continue
        if value is None or position is None:
            return value is None
        return bool(value < position if term.descending else value > position)
    return False


def _projected(rows: Sequence[Stored], columns: tuple[str, ...]) -> Sequence[Row]:
    return [tuple(_value(row, column) for column in columns) for row in rows]


def _value(row: Stored, column: str) -> Any:
    """Return a value; what is known of a date is told by the date where the row does not say it."""
    value, date = row.get(column), row.get(PERIOD_OF.get(column, ""))
    return date.isoformat() if value is None and date is not None else value
