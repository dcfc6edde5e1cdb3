"""The personas' rows spread over three registers for every record, as union, by route, and with copies that differ."""

from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

from connectors.composition.composed import Composed
from connectors.composition.overlapping import Overlapping
from connectors.composition.route import Route
from connectors.errors import SourceUnavailable
from connectors.guards.checked import Checked
from connectors.memory import MemorySource
from connectors.record import Record
from connectors.records import RECORDS
from connectors.source import Count, Lookup, Page, Row, Source
from connectors.values.comparison import ORDER_OF_KIND
from tests.differential.registers import Stored, rows_by_record

PLACES = ("east", "middle", "west")


def place_of(key: Any) -> str:
    return PLACES[crc32(str(key).encode()) % len(PLACES)]


class Away(MemorySource):
    """A register that does not answer."""

    async def rows(self, lookup: Lookup) -> list[Row]:
        raise SourceUnavailable(self.register, "no answer in time")

    async def page(self, page: Page) -> list[Row]:
        raise SourceUnavailable(self.register, "no answer in time")

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        raise SourceUnavailable(self.register, "no answer in time")


def union(record: Record, away: frozenset[str] = frozenset()) -> Source:
    return Composed(record, _parts(record, away), orders=_orders(record))


def routed(record: Record, away: frozenset[str] = frozenset()) -> Source:
    keys = {row[record.key]: place_of(row[record.key]) for row in rows_by_record()[record.name]}
    route = Route(record.key, keys, by_prefix=False)
    return Composed(record, _parts(record, away), route=route, orders=_orders(record))


def overlapping(record: Record) -> Source:
    """Later registers have copies of earlier ones' rows, with other values in them."""
    parts = []
    for number, place in enumerate(PLACES):
        rows = [row for row in rows_by_record()[record.name] if PLACES.index(place_of(row[record.key])) <= number]
        own = [row if place_of(row[record.key]) == place else _changed(record, row) for row in rows]
        parts.append(Checked(MemorySource(place, {record.name: own})))
    return Overlapping(record, parts)


def composed(kind: Callable[..., Source], *arguments: Any) -> dict[str, Source]:
    """Return the source of each record, served by three registers."""
    return {name: kind(RECORDS[name], *arguments) for name in rows_by_record()}


def _orders(record: Record) -> Mapping[str, Any]:
    return {name: ORDER_OF_KIND[kind] for name, kind in record.columns.items()}


def _parts(record: Record, away: frozenset[str]) -> list[Source]:
    rows = rows_by_record()[record.name]
    return [
        Checked(
            (Away if place in away else MemorySource)(
                place, {record.name: [row for row in rows if place_of(row[record.key]) == place]}
            )
        )
        for place in PLACES
    ]


def _changed(record: Record, row: Stored) -> Stored:
    """Return a row of the same key that says of another person, or of another place, where it can."""
    rows = rows_by_record()[record.name]
    other = rows[(rows.index(row) + 1) % len(rows)]
    return {**other, record.key: row[record.key]}
