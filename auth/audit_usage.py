"""A person's own view of the audit record: who asked for what about them, when and why, and what was denied."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.principal import PrincipalKind
from auth.state.instants import Instant
from auth.state.sets import among
from auth.state.tables import AUDIT_ENTRIES, AUDIT_SUBJECTS

Position = tuple[datetime, int, int]
"""Instant, writer and sequence of an entry: unique, and what a cursor holds."""


@dataclass(frozen=True, slots=True)
class UsageEntry:
    """One operation that concerned the person, perhaps among others."""

    at: datetime
    client_id: str
    principal_kind: PrincipalKind
    purpose: str
    case: str | None
    released: tuple[str, ...]
    denied: tuple[tuple[str, str, str], ...]
    position: Position


@dataclass(frozen=True, slots=True)
class UsagePage:
    """The newest first; `has_next` tells whether older ones follow."""

    entries: tuple[UsageEntry, ...]
    has_next: bool


async def usage_of(engine: AsyncEngine, subjects: Sequence[bytes], first: int, after: Position | None) -> UsagePage:
    """Return at most `first` entries about the person of these pseudonyms, those older than `after`."""
    entry, index = AUDIT_ENTRIES.c, AUDIT_SUBJECTS.c
    place = (index.at, index.writer, index.sequence)
    statement = (
        select(*place, entry.body)
        .join(AUDIT_ENTRIES, (entry.writer == index.writer) & (entry.sequence == index.sequence))
        .where(among(index.subject, subjects, engine.dialect))
        .order_by(*(column.desc() for column in place))
        .limit(first + 1)
    )
    if after is not None:
        at, writer, sequence = after
        statement = statement.where(tuple_(*place) < tuple_(literal(at, Instant()), literal(writer), literal(sequence)))
    async with engine.connect() as connection:
        rows = (await connection.execute(statement)).all()
    entries = tuple(_entry(row.body, (row.at, row.writer, row.sequence)) for row in rows[:first])
    return UsagePage(entries, has_next=len(rows) > first)


def _entry(body: str, position: Position) -> UsageEntry:
    kept = orjson.loads(body)
    return UsageEntry(
        at=position[0],
        client_id=kept["client_id"],
        principal_kind=PrincipalKind(kept["principal_kind"]),
        purpose=kept["purpose"],
        case=kept["case"],
        released=tuple(kept["released"]),
        denied=tuple((coordinate, code, rule) for coordinate, code, rule in kept["denied"]),
        position=position,
    )
