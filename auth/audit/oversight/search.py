"""Officers' search of the audit record: by client, purpose, period, coordinate and outcome, never by person."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Row, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.log.chain import Band
from auth.audit.log.kept import CHECKED, kept, tell_foreign
from auth.audit.usage.entries import Position, band_in, hiding_in
from auth.crypto.audit_keys import RecordKeys
from auth.principal import HiddenUse, PrincipalKind
from auth.state.engine import reading
from auth.state.instants import Instant
from auth.state.patience import PATIENT_S
from auth.state.tables import AUDIT_ENTRIES

MOST_LOOKED_AT = 20_000
"""Entries that one page looks through at most: a rare coordinate is found over several pages, the first ones short."""
_AT_ONCE = 1000


class EntryOutcome(Enum):
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
    outcome: EntryOutcome | None = None


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """One operation, without the persons concerned."""

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
    whole: bool = True
    """False where something stood there that no process of ours wrote, which is left out."""


async def found(
    engine: AsyncEngine,
    keys: RecordKeys,
    search: Search,
    first: int,
    after: Position | None = None,
    most_looked_at: int = MOST_LOOKED_AT,
) -> FoundPage:
    """Return at most `first` entries that the search fits, those older than `after`. Raises StateUnavailable."""
    at_once = min(_AT_ONCE, most_looked_at)
    entries: list[FoundEntry] = []
    foreign: list[tuple[int, int]] = []
    looked_at = 0
    more = True
    while more and len(entries) < first and looked_at < most_looked_at:
        rows = await _rows(engine, search, after, at_once)
        more = len(rows) == at_once
        for number, row in enumerate(rows, 1):
            after = (row.at, row.writer, row.sequence)
            own = kept(keys, row)
            if own is None:
                foreign.append((row.writer, row.sequence))
            elif _fits(entry := _entry(own.stated, after), search):
                entries.append(entry)
            if len(entries) == first:
                more = more or number < len(rows)
                break
        looked_at += len(rows)
    tell_foreign(foreign, "an officer's search")
    return FoundPage(tuple(entries), after if more else None, whole=not foreign)


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
    statement = select(*CHECKED).where(*period(search)).order_by(*(column.desc() for column in place)).limit(limit)
    if after is not None:
        at, writer, sequence = after
        statement = statement.where(tuple_(*place) < tuple_(literal(at, Instant()), literal(writer), literal(sequence)))
    async with reading(engine, PATIENT_S) as connection:
        rows: Sequence[Any] = (await connection.execute(statement)).all()
        return rows


def _entry(stated: Mapping[str, Any], position: Position) -> FoundEntry:
    return FoundEntry(
        at=position[0],
        request_id=stated["request_id"],
        client_id=stated["client_id"],
        principal_kind=PrincipalKind(stated["principal_kind"]),
        purpose=stated["purpose"],
        case=stated["case"],
        operation_hash=stated["operation_hash"],
        operation_name=stated["operation_name"],
        released=tuple(stated["released"]),
        denied=tuple((coordinate, code, rule) for coordinate, code, rule in stated["denied"]),
        rows=stated["rows"],
        rules=tuple(stated["rules"]),
        bases=tuple(stated["bases"]),
        position=position,
        agreement=stated.get("agreement"),
        band=band_in(stated),
        hidden=hiding_in(stated),
    )


def _fits(entry: FoundEntry, search: Search) -> bool:
    had: set[str] = set()
    if search.outcome is not EntryOutcome.DENIED:
        had.update(entry.released)
    if search.outcome is not EntryOutcome.RELEASED:
        had.update(coordinate for coordinate, _, _ in entry.denied)
    if search.coordinates:
        return not had.isdisjoint(search.coordinates)
    return search.outcome is None or bool(had)
