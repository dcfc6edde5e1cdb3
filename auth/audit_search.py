"""Officers' search of the audit record: by client, purpose, period, coordinate and outcome, never by person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit_chain import Band
from auth.audit_usage import Position, band_in, hiding_in
from auth.principal import HiddenUse, PrincipalKind
from auth.state.engine import reading
from auth.state.instants import Instant
from auth.state.tables import AUDIT_ENTRIES

MOST_LOOKED_AT = 20_000
"""Entries that one page looks through at most: a rare coordinate is found over several pages, the first ones short."""
_AT_ONCE = 1000


class Outcome(Enum):
    """What became of a coordinate."""

    RELEASED = "released"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; None and no coordinates mean any. `until` is left out of the period.

    Of several coordinates one is enough. An outcome without coordinates asks that anything had it.
    """

    client_id: str | None = None
    purpose: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    coordinates: frozenset[str] = frozenset()
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """One operation, without whom it concerned."""

    at: datetime
    request_id: str
    client_id: str
    principal_kind: PrincipalKind
    purpose: str
    case: str | None
    operation_hash: str
    operation_name: str | None
    released: tuple[str, ...]
    denied: tuple[tuple[str, str, str], ...]
    rows: int
    rules: tuple[str, ...]
    bases: tuple[str, ...]
    position: Position
    agreement: str | None
    band: Band | None
    """How many persons and learners it concerned, about; None for entries of before this was kept."""
    hidden: HiddenUse | None
    """By which law it is or was hidden from its subjects, and until when."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """The newest first. `next_after` is where to go on, None at the end; a page may be short before the end."""

    entries: tuple[FoundEntry, ...]
    next_after: Position | None


async def found(
    engine: AsyncEngine,
    search: Search,
    first: int,
    after: Position | None = None,
    most_looked_at: int = MOST_LOOKED_AT,
) -> FoundPage:
    """Return at most `first` entries that the search fits, those older than `after`. Raises StateUnavailable."""
    at_once = min(_AT_ONCE, most_looked_at)
    entries: list[FoundEntry] = []
    looked_at = 0
    while looked_at < most_looked_at:
        rows = await _rows(engine, search, after, at_once)
        for row in rows:
            after = (row.at, row.writer, row.sequence)
            entry = _entry(row.body, after)
            if _fits(entry, search):
                entries.append(entry)
            if len(entries) == first:
                return FoundPage(tuple(entries), after)
        if len(rows) < at_once:
            return FoundPage(tuple(entries), None)
        looked_at += len(rows)
    return FoundPage(tuple(entries), after)


def period(search: Search) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that the database answers by its indexes."""
    entry = AUDIT_ENTRIES.c
    if search.client_id is not None:
        yield entry.client_id == search.client_id
    if search.purpose is not None:
        yield entry.purpose == search.purpose
    if search.since is not None:
        yield entry.at >= search.since
    if search.until is not None:
        yield entry.at < search.until


async def _rows(engine: AsyncEngine, search: Search, after: Position | None, limit: int) -> Sequence[Row[Any]]:
    entry = AUDIT_ENTRIES.c
    place = (entry.at, entry.writer, entry.sequence)
    statement = (
        select(*place, entry.body).where(*period(search)).order_by(*(column.desc() for column in place)).limit(limit)
    )
    if after is not None:
        at, writer, sequence = after
        statement = statement.where(tuple_(*place) < tuple_(literal(at, Instant()), literal(writer), literal(sequence)))
    async with reading(engine) as connection:
        rows: Sequence[Any] = (await connection.execute(statement)).all()
        return rows


def _entry(body: str, position: Position) -> FoundEntry:
    kept = orjson.loads(body)
    return FoundEntry(
        at=position[0],
        request_id=kept["request_id"],
        client_id=kept["client_id"],
        principal_kind=PrincipalKind(kept["principal_kind"]),
        purpose=kept["purpose"],
        case=kept["case"],
        operation_hash=kept["operation_hash"],
        operation_name=kept["operation_name"],
        released=tuple(kept["released"]),
        denied=tuple((coordinate, code, rule) for coordinate, code, rule in kept["denied"]),
        rows=kept["rows"],
        rules=tuple(kept["rules"]),
        bases=tuple(kept["bases"]),
        position=position,
        agreement=kept.get("agreement"),
        band=band_in(kept),
        hidden=hiding_in(kept),
    )


def _fits(entry: FoundEntry, search: Search) -> bool:
    had: set[str] = set()
    if search.outcome is not Outcome.DENIED:
        had.update(entry.released)
    if search.outcome is not Outcome.RELEASED:
        had.update(coordinate for coordinate, _, _ in entry.denied)
    if search.coordinates:
        return not had.isdisjoint(search.coordinates)
    return search.outcome is None or bool(had)
