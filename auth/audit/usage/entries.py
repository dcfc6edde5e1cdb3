"""A person's own view of the audit record: who asked for what about them, when and why, and what was denied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, Select, Subquery, literal, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.chain import Band, parts_of
from auth.audit.log.kept import CHECKED, Kept, kept, tell_foreign, tell_misindexed
from auth.crypto.audit_keys import Origin, RecordKeys
from auth.principal import HiddenUse, PrincipalKind
from auth.state.engine import reading
from auth.state.instants import Instant
from auth.state.patience import PATIENT_S
from auth.state.tables import AUDIT_ENTRIES, AUDIT_SUBJECTS

Position = tuple[datetime, int, int]
"""Instant, writer and sequence of an entry: unique, and what a cursor holds."""

PLACE = (AUDIT_SUBJECTS.c.at, AUDIT_SUBJECTS.c.writer, AUDIT_SUBJECTS.c.sequence)
"""The columns of a Position in the index."""

MOST_HIDDEN = 1000
"""Rows that claim to be hidden and are held against their entries, at most, for one answer."""
_BY_HIDING = "INDEXED BY ix_audit_subjects_subject_at"


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
    """Entries about any of the pseudonyms, in a period without its `until`, but those that hide themselves that day."""

    subjects: Sequence[bytes]
    on: date
    since: datetime | None = None
    until: datetime | None = None

    def period(self) -> list[ColumnElement[bool]]:
        """Return the conditions of the period."""
        at = AUDIT_SUBJECTS.c.at
        since = [] if self.since is None else [at >= self.since]
        return since if self.until is None else [*since, at < self.until]


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
    conditions = sought.period()
    if after is not None:
        at, writer, sequence = after
        conditions.append(tuple_(*PLACE) < tuple_(literal(at, Instant()), literal(writer), literal(sequence)))
    async with reading(engine, PATIENT_S) as connection:
        hidden = await hidden_places(connection, keys, sought, conditions)
        rows = (await connection.execute(_entries_at(_places(sought, conditions, hidden, first, skipped)))).all()
    page = rows[:first]
    found = [(row, _own(keys, row, sought)) for row in page]
    foreign = [(row.its_writer, row.its_sequence) for row, own in found if own is None]
    tell_foreign(foreign, "a person's log")
    entries = [_shown(own, _position(row)) for row, own in found if own is not None and not _hides(own, sought)]
    last = _position(page[-1]) if page else None
    return UsagePage(tuple(entries), len(rows) > first, last, whole=not foreign)


async def hidden_places(
    connection: AsyncConnection, keys: RecordKeys, sought: Sought, conditions: Sequence[ColumnElement[bool]]
) -> list[tuple[int, int]]:
    """Return writer and sequence of what the index claims to be hidden and the entries themselves hide.

    Of the newest MOST_HIDDEN claims, which an index of their own has. What is claimed falsely raises an alarm.
    """
    claimed = [*conditions, AUDIT_SUBJECTS.c.hidden_until >= sought.on]
    # SQLite would go through the whole log for the few that claim it
    hinted = [
        _newest(subject, claimed, MOST_HIDDEN).with_hint(AUDIT_SUBJECTS, _BY_HIDING, "sqlite")
        for subject in sought.subjects
    ]
    newest = _in_order(hinted).limit(MOST_HIDDEN)
    rows = (await connection.execute(_entries_at(newest.subquery()))).all()
    found = [((row.its_writer, row.its_sequence), _own(keys, row, sought)) for row in rows]
    false = [place for place, own in found if own is not None and not _hides(own, sought)]
    tell_misindexed(false, "a person's log")
    return [place for place, own in found if own is not None and _hides(own, sought)]


def _places(
    sought: Sought,
    conditions: Sequence[ColumnElement[bool]],
    hidden: Sequence[tuple[int, int]],
    first: int,
    skipped: int,
) -> Subquery:
    if hidden:
        conditions = [*conditions, tuple_(*PLACE[1:]).not_in(hidden)]
    # for each pseudonym by itself, in the order of the index: a long log is not sorted for one page of it
    newest = [_newest(subject, conditions, skipped + first + 1) for subject in sought.subjects]
    return _in_order(newest).limit(first + 1).offset(skipped).subquery()


def _in_order(newest: Sequence[Select[Any]]) -> Select[Any]:
    """Return the places of all, the newest first; what is about a person under two pseudonyms is there once."""
    every = (
        newest[0].subquery()
        if len(newest) == 1
        else union(*(select(places.subquery()) for places in newest)).subquery()
    )
    return select(every).order_by(*(every.c[name].desc() for name in ("at", "writer", "sequence")))


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


def _own(keys: RecordKeys, row: Row[Any], sought: Sought) -> Kept | None:
    """Return the entry of a row, None where it is not ours or not about the person."""
    own = kept(keys, row)
    return own if own is not None and row.its_at == row.at and own.concerns(row.subjects, sought.subjects) else None


def _hides(own: Kept, sought: Sought) -> bool:
    """Tell whether the entry itself says that it is hidden on the day of reading: of the index that is not believed."""
    hidden = hiding_in(own.stated)
    return hidden is not None and hidden.until >= sought.on


def _shown_case(body: str) -> str | None:
    """Return the dossier, if the part of the body that is shown to its subjects has it."""
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
