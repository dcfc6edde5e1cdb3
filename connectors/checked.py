"""A source whose answers are checked against the question: the whole answer is refused where anything is wrong."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any

from connectors.errors import SourceContractBroken
from connectors.questions import understood_count, understood_lookup, understood_page
from connectors.records import RECORDS, Kind
from connectors.source import Count, Key, Lookup, Page, Row, Source

TYPES: dict[Kind, set[type]] = {
    Kind.TEXT: {str},
    Kind.INTEGER: {int},
    Kind.NUMBER: {float},
    Kind.BOOLEAN: {bool},
    Kind.DATE: {date},
    Kind.INSTANT: {datetime},
    Kind.KEY: {str, int},
}
NONE = type(None)


class Checked:
    """The same source, asked in NFC, with every answer checked: widths, kinds, keys asked for, rows not repeated.

    `typed`: the source itself vouches for widths and kinds, as a database with typed columns does.
    """

    def __init__(self, source: Source, typed: bool = False) -> None:
        self._source, self._typed = source, typed

    @property
    def register(self) -> str:
        return self._source.register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        question = understood_lookup(lookup)
        if question is None:
            return ()
        rows = await self._source.rows(question)
        if rows:
            self._check_rows(question.record, question.columns, rows)
            self._check_keys(question.record, question.columns, question.by, question.keys, rows)
        return rows

    async def page(self, page: Page) -> Sequence[Row]:
        question = understood_page(page)
        if question is None:
            return ()
        rows = await self._source.page(question)
        if rows:
            self._check_rows(question.record, question.columns, rows)
            self._check_length(question, rows)
        return rows

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        question = understood_count(count)
        if question is None:
            return {} if count.group_by else {(): 0}
        rows_by_group = await self._source.counts(question)
        self._check_kinds(count.record, count.group_by, list(rows_by_group))
        if not all(type(rows) is int and rows >= 0 for rows in rows_by_group.values()):
            raise self._broken(count.record, "a count is not a number of rows")
        return rows_by_group

    async def ready(self) -> None:
        await self._source.ready()

    async def close(self) -> None:
        await self._source.close()

    def _check_rows(self, record: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        if not self._typed:
            self._check_kinds(record, columns, rows)
        key = RECORDS[record].key
        if len(rows) > 1 and key in columns and len(set(map(itemgetter(columns.index(key)), rows))) != len(rows):
            raise self._broken(record, "a row came more than once")

    def _check_kinds(self, record: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        if any(width != len(columns) for width in set(map(len, rows))):
            raise self._broken(record, "a row has another number of columns than asked for")
        for name, column in zip(columns, zip(*rows, strict=True), strict=bool(rows)):
            kind = RECORDS[record].columns[name]
            if not set(map(type, column)) <= TYPES[kind] | {NONE}:
                raise self._broken(record, f"column `{name}` holds a value of a wrong kind")
            if kind is Kind.INSTANT and {value.tzinfo for value in column if value is not None} - {UTC}:
                raise self._broken(record, f"column `{name}` holds an instant that is not in UTC")

    def _check_keys(
        self, record: str, columns: tuple[str, ...], by: str, keys: tuple[Key, ...], rows: Sequence[Row]
    ) -> None:
        if not frozenset(keys).issuperset(map(itemgetter(columns.index(by)), rows)):
            raise self._broken(record, "a row came that nobody asked for")

    def _check_length(self, page: Page, rows: Sequence[Row]) -> None:
        if page.by is None:
            most = len(rows)
        else:
            self._check_keys(page.record, page.columns, page.by, page.keys, rows)
            most = max(Counter(map(itemgetter(page.columns.index(page.by)), rows)).values())
        if most > page.limit:
            raise self._broken(page.record, "more rows came than asked for")

    def _broken(self, record: str, message: str) -> SourceContractBroken:
        return SourceContractBroken(self.register, f"record `{record}`: {message}")
