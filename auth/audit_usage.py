"""A person's own view of the audit record: who asked for what about them, when and why, and what was denied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, Select, Subquery, literal, or_, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit_chain import Band, parts_of
from auth.audit_kept import CHECKED, Kept, kept, tell_foreign
from auth.audit_keys import Origin, RecordKeys
from auth.principal import HiddenUse, PrincipalKind
from auth.state.engine import reading
from auth.state.instants import Instant
from auth.state.patience import PATIENT_S
from auth.state.tables import AUDIT_ENTRIES, AUDIT_SUBJECTS

Position = tuple[datetime, int, int]
"""Instant, writer and sequence of an entry: unique, and what a cursor holds."""

PLACE = (AUDIT_SUBJECTS.c.at, AUDIT_SUBJECTS.c.writer, AUDIT_SUBJECTS.c.sequence)
"""The columns of a Position in the index."""


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
    origin: Origin


@dataclass(frozen=True, slots=True)
class UsagePage:
    """The newest first; `has_next` tells whether older ones follow, `last` where to go on.

    `whole`: false where something stood there that no process of ours wrote about the person, which is left out.
    """

    entries: tuple[UsageEntry, ...]
    has_next: bool
    last: Position | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Sought:
    """Entries about any of the pseudonyms, in a period of which `until` is left out, but those hidden on the day."""

    subjects: Sequence[bytes]
    on: date
    since: datetime | None = None
    until: datetime | None = None

    def period(self) -> list[ColumnElement[bool]]:
        """Return the conditions of the period."""
        at = AUDIT_SUBJECTS.c.at
        since = [] if self.since is None else [at >= self.since]
        return since if self.until is None else [*since, at < self.until]

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions but for whom the entries are about: the index alone answers them."""
        hidden_until = AUDIT_SUBJECTS.c.hidden_until
        return [*self.period(), or_(hidden_until.is_(None), hidden_until < self.on)]


async def usage_of(
    engine: AsyncEngine,
    keys: RecordKeys,
    sought: Sought,
    first: int,
    after: Position | None = None,
    skipped: int = 0,
) -> UsagePage:
    """Return at most `first` entries, the newest first: those older than `after`, or beyond the first `skipped`.

    Those that no process of ours wrote about the person are left out: the page is then not whole.
    """
    conditions = sought.conditions()
    if after is not None:
        at, writer, sequence = after
        conditions.append(tuple_(*PLACE) < tuple_(literal(at, Instant()), literal(writer), literal(sequence)))
    # for each pseudonym by itself, in the order of the index: a long log is not sorted for one page of it;
    # what is about a person under two of them is in the union once
    newest = [_newest(subject, conditions, skipped + first + 1) for subject in sought.subjects]
    every = newest[0].subquery() if len(newest) == 1 else union(*(select(one.subquery()) for one in newest)).subquery()
    in_order = [every.c[name].desc() for name in ("at", "writer", "sequence")]
    places = select(every).order_by(*in_order).limit(first + 1).offset(skipped).subquery()
    async with reading(engine, PATIENT_S) as connection:
        rows = (await connection.execute(_entries_at(places))).all()
    page = rows[:first]
    entries = [entry for row in page if (entry := _entry(keys, row, sought)) is not None]
    own = {entry.position for entry in entries}
    foreign = [(row.its_writer, row.its_sequence) for row in page if _position(row) not in own]
    tell_foreign(foreign, "a person's log")
    last = _position(page[-1]) if page else None
    return UsagePage(tuple(entries), len(rows) > first, last, whole=not foreign)


def _newest(subject: bytes, conditions: Sequence[ColumnElement[bool]], number: int) -> Select[Any]:
    return (
        select(*PLACE)
        .where(AUDIT_SUBJECTS.c.subject == subject, *conditions)
        .order_by(*(column.desc() for column in PLACE))
        .limit(number)
    )


def _entries_at(places: Subquery) -> Select[Any]:
    """Return the statement for the entries at places of the index, with those of which there is none."""
    place = places.c
    return (
        select(
            place.at.label("its_at"),
            place.writer.label("its_writer"),
            place.sequence.label("its_sequence"),
            *CHECKED,
            AUDIT_ENTRIES.c.subjects,
        )
        .outerjoin(
            AUDIT_ENTRIES,
            (AUDIT_ENTRIES.c.writer == place.writer) & (AUDIT_ENTRIES.c.sequence == place.sequence),
        )
        .order_by(place.at.desc(), place.writer.desc(), place.sequence.desc())
    )


def _position(row: Row[Any]) -> Position:
    return row.its_at, row.its_writer, row.its_sequence


def _entry(keys: RecordKeys, row: Row[Any], sought: Sought) -> UsageEntry | None:
    """Return the entry of a row, None where it is not ours, not about the person, or not to be seen yet."""
    own = kept(keys, row)
    if own is None or row.its_at != row.at or not own.concerns(row.subjects, sought.subjects):
        return None
    hidden = hiding_in(own.stated)
    return None if hidden is not None and hidden.until >= sought.on else _shown(own, _position(row))


def _shown_case(body: str) -> str | None:
    """Return the dossier, where it stands in the part of the body that its subjects are shown."""
    parts = parts_of(body)
    case: str | None = None if parts is None else orjson.loads(parts[0]).get("case")
    return case


def _shown(own: Kept, position: Position) -> UsageEntry:
    stated = own.stated
    band = band_in(stated)
    return UsageEntry(
        at=position[0],
        client_id=stated["client_id"],
        principal_kind=PrincipalKind(stated["principal_kind"]),
        purpose=stated["purpose"],
        case=_shown_case(own.body) if band is Band.ONE else None,
        released=tuple(stated["released"]),
        denied=tuple((coordinate, code, rule) for coordinate, code, rule in stated["denied"]),
        position=position,
        request_id=stated["request_id"],
        rules=tuple(stated.get("rules", ())),
        bases=tuple(stated.get("bases", ())),
        agreement=stated.get("agreement"),
        band=band,
        hidden=hiding_in(stated),
        body=own.body,
        origin=own.origin,
    )


def band_in(kept: Mapping[str, Any]) -> Band | None:
    """Return about how many a body's entry concerns; None for nobody, and for entries of before this was kept."""
    band = kept.get("band")
    return None if band is None else Band(band)


def hiding_in(kept: Mapping[str, Any]) -> HiddenUse | None:
    """Return by which law a body's entry is hidden from its subjects, and until when; None where it is not."""
    hidden = kept.get("hidden")
    return None if hidden is None else HiddenUse(hidden["citation"], date.fromisoformat(hidden["until"]))
