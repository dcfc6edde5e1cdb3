"""A source whose answers are checked against the question.

A value of a wrong kind is in its place a fault, and all others are handed up. An answer to another question (widths,
keys that nobody asked for, rows repeated, too many of them) is refused as a whole.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

import structlog

from connectors.errors import SourceContractBroken
from connectors.faults import Fault, FaultyRows, kept, log_faults, with_readable_keys
from connectors.guards.questions import understood_count, understood_lookup, understood_page
from connectors.record import Kind
from connectors.records import RECORDS
from connectors.source import Count, Key, Lookup, Page, Row, Source
from connectors.values.codes import CODES
from reference.normal_form import nfkc

TYPES: dict[Kind, set[type]] = {
    Kind.TEXT: {str},
    Kind.INTEGER: {int},
    Kind.NUMBER: {float},
    Kind.BOOLEAN: {bool},
    Kind.DATE: {date},
    Kind.INSTANT: {datetime},
    Kind.KEY: {str, int},
}
ALLOWED = {kind: types | {type(None), Fault} for kind, types in TYPES.items()}

_log = structlog.get_logger(__name__)


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
        if not rows:
            return rows
        rows = self._checked(question.record, question.columns, question.by, rows)
        return self._asked_for(question.record, question.columns, question.by, question.keys, rows)

    async def page(self, page: Page) -> Sequence[Row]:
        question = understood_page(page)
        if question is None:
            return ()
        rows = await self._source.page(question)
        if not rows:
            return rows
        rows = self._checked(question.record, question.columns, question.by, rows)
        if question.by is not None:
            rows = self._asked_for(question.record, question.columns, question.by, question.keys, rows)
        self._check_length(question, rows)
        return rows

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        question = understood_count(count)
        if question is None:
            return count.of_no_rows
        rows_by_group = await self._source.counts(question)
        if not all(type(rows) is int and rows >= 0 for rows in rows_by_group.values()):
            raise self._broken(count.record, "a count is not a number of rows")
        groups = self._of_kinds(count.record, count.group_by, list(rows_by_group))
        if not all(codes.issuperset(map(value_of, groups)) for value_of, codes in _coded(count.record, count.group_by)):
            groups = self._of_codes(count.record, count.group_by, groups)
        if not isinstance(groups, FaultyRows):
            return rows_by_group
        log_faults(groups, self.register, count.record)
        totals: Counter[tuple[Any, ...]] = Counter()
        for group, rows in zip(groups, rows_by_group.values(), strict=True):
            totals[tuple(group)] += rows  # whatever is stored there, what cannot be read is one group
        return dict(totals)

    async def ready(self) -> None:
        await self._source.ready()

    async def close(self) -> None:
        await self._source.close()

    def _checked(self, record: str, columns: tuple[str, ...], by: str | None, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows with faults in place of values of a wrong kind, without rows whose keys are faults."""
        if not self._typed:
            rows = self._of_kinds(record, columns, rows)
        key, subject = RECORDS[record].key, RECORDS[record].subject
        if not all(codes.issuperset(map(value_of, rows)) for value_of, codes in _coded(record, columns)):
            rows = self._of_codes(record, columns, rows)
        if isinstance(rows, FaultyRows):
            names = {key, by, subject.column if subject else None}
            places = {at: name for at, name in enumerate(columns) if name in names}
            rows = with_readable_keys(rows, self.register, record, places)
        if len(rows) > 1 and key in columns and len(set(map(itemgetter(columns.index(key)), rows))) != len(rows):
            raise self._broken(record, "a row came more than once")
        return rows

    def _of_kinds(self, record: str, columns: tuple[str, ...], rows: Sequence[Row]) -> Sequence[Row]:
        if any(width != len(columns) for width in set(map(len, rows))):
            raise self._broken(record, "a row has another number of columns than asked for")
        by_column = list(zip(*rows, strict=True))
        kinds = [RECORDS[record].columns[name] for name in columns]
        wrong = [at for at, kind in enumerate(kinds) if rows and not _are_of_kind(kind, by_column[at])]
        for at in wrong:
            by_column[at] = tuple(
                value if _are_of_kind(kinds[at], (value,)) else Fault(self.register, record, columns[at], value)
                for value in by_column[at]
            )
        return FaultyRows(zip(*by_column, strict=True)) if wrong else rows

    def _of_codes(self, record: str, columns: tuple[str, ...], rows: Sequence[Row]) -> FaultyRows:
        """Return rows, or groups of counts, with faults in place of codes that are none."""
        known = [CODES.get((record, name)) for name in columns]
        return FaultyRows(
            tuple(
                Fault(self.register, record, columns[at])
                if codes is not None and value is not None and not isinstance(value, Fault) and value not in codes
                else value
                for at, (value, codes) in enumerate(zip(row, known, strict=True))
            )
            for row in rows
        )

    def _asked_for(
        self, record: str, columns: tuple[str, ...], by: str, keys: tuple[Key, ...], rows: Sequence[Row]
    ) -> Sequence[Row]:
        """Return the rows of these keys. A row that a collation took for one of them is dropped: nobody asked for it.

        A key has one spelling, the register's own. Any other row that nobody asked for makes the answer invalid.
        """
        at, asked = columns.index(by), frozenset(keys)
        if asked.issuperset(map(itemgetter(at), rows)):
            return rows
        spellings = frozenset(map(_spelling, keys))
        if not spellings.issuperset(_spelling(row[at]) for row in rows):
            raise self._broken(record, "a row came that nobody asked for")
        own = [row for row in rows if row[at] in asked]
        unasked = len(rows) - len(own)
        _log.error("keys compared loosely", alarm=True, register=self.register, record=record, column=by, rows=unasked)
        return kept(own, rows)

    def _check_length(self, page: Page, rows: Sequence[Row]) -> None:
        if page.by is None:
            most = len(rows)
        else:
            most = max(Counter(map(itemgetter(page.columns.index(page.by)), rows)).values(), default=0)
        if most > page.limit:
            raise self._broken(page.record, "more rows came than asked for")

    def _broken(self, record: str, message: str) -> SourceContractBroken:
        return SourceContractBroken(self.register, f"record `{record}`: {message}")


@lru_cache(maxsize=1024)
def _coded(record: str, columns: tuple[str, ...]) -> Sequence[tuple[Callable[[Row], Any], frozenset[Any]]]:
    """Return of each column of a closed list how its value is read from a row, and what it may be."""
    coded = [(at, CODES[record, name]) for at, name in enumerate(columns) if (record, name) in CODES]
    return [(itemgetter(at), codes | {None}) for at, codes in coded]


def _are_of_kind(kind: Kind, values: Sequence[Any]) -> bool:
    if not ALLOWED[kind].issuperset(map(type, values)):
        return False
    return kind is not Kind.INSTANT or {value.tzinfo for value in values if type(value) is datetime} <= {UTC}


def _spelling(key: Key | None) -> str:
    """Return what is left of a key where case, blanks and normal form do not count."""
    return "".join(nfkc(nfkc(str(key)).casefold()).split())
