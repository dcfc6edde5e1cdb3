"""The index of persons by entry, compared with the entries themselves: missing and differing rows."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from enum import Enum
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Date, Row, Select, Text, cast, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.audit.usage.entries import hiding_in
from auth.crypto.keys import PSEUDONYM_BYTES
from auth.state.tables import AUDIT_ENTRIES, AUDIT_SUBJECTS

MOST_NAMED = 100
"""Entries that are named at most."""


class IndexFault(Enum):
    """What is wrong with the rows of an entry."""

    MISSING = "is missing from the log of somebody whom it concerns"
    OTHERWISE = "stands in the index for another person, at another time or hidden otherwise than it states"
    NO_ENTRY = "stands in the index and is not in the record"


class Misindexed(NamedTuple):
    """An entry of which the index does not say what it says itself."""

    writer: int
    sequence: int
    fault: IndexFault


async def misindexed(connection: AsyncConnection) -> list[Misindexed]:
    """Return the first MOST_NAMED entries of which the index does not say what they say themselves."""
    found: list[Misindexed] = []
    async for entry, rows in _with_rows(connection):
        fault = _fault(entry, rows)
        if fault is not None:
            first = rows[0] if entry is None else entry
            found.append(Misindexed(first.writer, first.sequence, fault))
        if len(found) == MOST_NAMED:
            break
    return found


async def _with_rows(connection: AsyncConnection) -> AsyncIterator[tuple[Row[Any] | None, list[Row[Any]]]]:
    """Return each entry that has rows or should have, in order, and its rows; None for rows without an entry."""
    entry: Row[Any] | None = None
    rows: list[Row[Any]] = []
    place: tuple[int, int] | None = None
    async with connection.stream(_both()) as both:
        async for row in both:
            if place is not None and place != (row.writer, row.sequence):
                yield entry, rows
                entry, rows = None, []
            place = row.writer, row.sequence
            if row.of_index:
                rows.append(row)
            else:
                entry = row
    if place is not None:
        yield entry, rows


def _both() -> Select[Any]:
    """Return entries and rows as one statement sees them: a server may be writing both."""
    entry, subject = AUDIT_ENTRIES.c, AUDIT_SUBJECTS.c
    entries = select(
        entry.writer,
        entry.sequence,
        literal(0).label("of_index"),
        entry.subjects.label("subjects"),
        entry.at,
        entry.body,
        cast(null(), Date).label("hidden_until"),
    )
    rows = select(
        subject.writer,
        subject.sequence,
        literal(1),
        subject.subject,
        subject.at,
        cast(null(), Text),
        subject.hidden_until,
    )
    every = union_all(entries, rows).subquery()
    return select(every).order_by(every.c.writer, every.c.sequence, every.c.of_index, every.c.subjects)


def _fault(entry: Row[Any] | None, rows: Sequence[Row[Any]]) -> IndexFault | None:
    if entry is None:
        return IndexFault.NO_ENTRY
    own = entry.subjects or b""
    subjects = {own[start : start + PSEUDONYM_BYTES] for start in range(0, len(own), PSEUDONYM_BYTES)}
    if not subjects <= {row.subjects for row in rows}:
        return IndexFault.MISSING
    try:
        stated = orjson.loads(entry.body)
        says = datetime.fromisoformat(stated["at"]), _hidden_until(stated)
        authentic = sha256(own).hexdigest() == stated["subjects"]
    except (KeyError, TypeError, ValueError):
        return IndexFault.OTHERWISE
    alike = all((row.at, row.hidden_until) == says for row in rows)
    return None if authentic and alike and len(rows) == len(subjects) else IndexFault.OTHERWISE


def _hidden_until(stated: Any) -> date | None:
    hidden = hiding_in(stated)
    return None if hidden is None else hidden.until
