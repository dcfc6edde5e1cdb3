"""A person's own view of the audit record: who asked for what about them, when and why, and what was denied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import JSON, ColumnElement, Dialect, Select, cast, func, literal, or_, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit_chain import Band
from auth.principal import HiddenUse, PrincipalKind
from auth.state.engine import reading
from auth.state.instants import Instant
from auth.state.sets import among
from auth.state.tables import AUDIT_ENTRIES, AUDIT_SUBJECTS

Position = tuple[datetime, int, int]
"""Instant, writer and sequence of an entry: unique, and what a cursor holds."""

_PLACE = (AUDIT_SUBJECTS.c.at, AUDIT_SUBJECTS.c.writer, AUDIT_SUBJECTS.c.sequence)
_OF_THE_INDEX = (AUDIT_ENTRIES.c.writer == AUDIT_SUBJECTS.c.writer) & (
    AUDIT_ENTRIES.c.sequence == AUDIT_SUBJECTS.c.sequence
)


@dataclass(frozen=True, slots=True)
class UsageEntry:
    """One operation that concerned the person, perhaps among others."""

    at: datetime
    client_id: str
    principal_kind: PrincipalKind
    purpose: str
    case: str | None
    """The dossier named; None where the entry is not known to concern one alone: it may be of somebody else."""
    released: tuple[str, ...]
    denied: tuple[tuple[str, str, str], ...]
    position: Position
    request_id: str
    rules: tuple[str, ...]
    bases: tuple[str, ...]
    agreement: str | None
    """The number of the data-sharing agreement it was asked under."""
    band: Band | None
    """How many persons and learners it concerned, about; None for entries of before this was kept."""
    hidden: HiddenUse | None
    """By which law it was hidden from the person, and until when; it no longer is."""
    body: str


@dataclass(frozen=True, slots=True)
class UsagePage:
    """The newest first; `has_next` tells whether older ones follow."""

    entries: tuple[UsageEntry, ...]
    has_next: bool


@dataclass(frozen=True, slots=True)
class Sought:
    """Entries about any of the pseudonyms, in a period of which `until` is left out, but those hidden on the day."""

    subjects: Sequence[bytes]
    on: date
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self, dialect: Dialect) -> list[ColumnElement[bool]]:
        """Return the conditions but for whom the entries are about."""
        at = AUDIT_SUBJECTS.c.at
        since = [] if self.since is None else [at >= self.since]
        until = [] if self.until is None else [at < self.until]
        return [*since, *until, _shown(self.on, dialect)]


async def usage_of(
    engine: AsyncEngine, sought: Sought, first: int, after: Position | None = None, skipped: int = 0
) -> UsagePage:
    """Return at most `first` entries, the newest first: those older than `after`, or beyond the first `skipped`."""
    conditions = sought.conditions(engine.dialect)
    if after is not None:
        at, writer, sequence = after
        conditions.append(tuple_(*_PLACE) < tuple_(literal(at, Instant()), literal(writer), literal(sequence)))
    # for each pseudonym by itself, in the order of the index: a long log is not sorted for one page of it;
    # what is about a person under two of them is in the union once
    newest = [_newest(subject, conditions, skipped + first + 1) for subject in sought.subjects]
    every = union(*(select(one.subquery()) for one in newest)).subquery()
    place = (every.c.at, every.c.writer, every.c.sequence)
    statement = select(every).order_by(*(column.desc() for column in place)).limit(first + 1).offset(skipped)
    async with reading(engine) as connection:
        rows = (await connection.execute(statement)).all()
    entries = tuple(_entry(row.body, (row.at, row.writer, row.sequence)) for row in rows[:first])
    return UsagePage(entries, has_next=len(rows) > first)


def _newest(subject: bytes, conditions: Sequence[ColumnElement[bool]], number: int) -> Select[Any]:
    return (
        select(*_PLACE, AUDIT_ENTRIES.c.body)
        .join(AUDIT_ENTRIES, _OF_THE_INDEX)
        .where(AUDIT_SUBJECTS.c.subject == subject, *conditions)
        .order_by(*(column.desc() for column in _PLACE))
        .limit(number)
    )


async def usage_number(engine: AsyncEngine, sought: Sought) -> int:
    """Return how many entries there are. Raises StateUnavailable."""
    about = among(AUDIT_SUBJECTS.c.subject, sought.subjects, engine.dialect)
    found = select(*_PLACE).distinct().join(AUDIT_ENTRIES, _OF_THE_INDEX)
    found = found.where(about, *sought.conditions(engine.dialect))
    async with reading(engine) as connection:
        return int(await connection.scalar(select(func.count()).select_from(found.subquery())) or 0)


def _shown(on: date, dialect: Dialect) -> ColumnElement[bool]:
    """Return the condition that an entry is not, or no longer, hidden from its subjects."""
    body = AUDIT_ENTRIES.c.body  # one JSON object, in two lines
    if dialect.name == "postgresql":
        until = cast(body, JSON)["hidden"]["until"].as_string()
    else:
        until = func.json_extract(body, "$.hidden.until")
    return or_(until.is_(None), until < on.isoformat())


def _entry(body: str, position: Position) -> UsageEntry:
    kept = orjson.loads(body)
    band = band_in(kept)
    return UsageEntry(
        at=position[0],
        client_id=kept["client_id"],
        principal_kind=PrincipalKind(kept["principal_kind"]),
        purpose=kept["purpose"],
        case=kept["case"] if band is Band.ONE else None,
        released=tuple(kept["released"]),
        denied=tuple((coordinate, code, rule) for coordinate, code, rule in kept["denied"]),
        position=position,
        request_id=kept["request_id"],
        rules=tuple(kept.get("rules", ())),
        bases=tuple(kept.get("bases", ())),
        agreement=kept.get("agreement"),
        band=band,
        hidden=hiding_in(kept),
        body=body,
    )


def band_in(kept: Mapping[str, Any]) -> Band | None:
    """Return about how many a body's entry concerns; None for nobody, and for entries of before this was kept."""
    band = kept.get("band")
    return None if band is None else Band(band)


def hiding_in(kept: Mapping[str, Any]) -> HiddenUse | None:
    """Return by which law a body's entry is hidden from its subjects, and until when; None where it is not."""
    hidden = kept.get("hidden")
    return None if hidden is None else HiddenUse(hidden["citation"], date.fromisoformat(hidden["until"]))
