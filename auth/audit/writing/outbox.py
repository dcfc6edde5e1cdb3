"""Transactional outbox: a note of each change of our own state, committed with the change.

An operation's entry is written when all of it is known, after its changes have been committed. So each change leaves a
note in its own transaction: an entry that says of the operation what is known then. As a rule the operation's entry
follows, says at least as much, and the note is dropped. Where it does not follow, the process having died or the
record having been away, the note becomes an entry itself.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
import structlog
from sqlalchemy import Column, Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.chain import Entry, body_of, joined
from auth.audit.log.kept import CHECKED, kept
from auth.audit.writing.store import Unwritten
from auth.crypto.audit_keys import RecordKeys
from auth.crypto.keys import PSEUDONYM_BYTES
from auth.state.engine import reading, writing
from auth.state.tables import AUDIT_ENTRIES, AUDIT_OUTBOX

LEFT_FOR = timedelta(seconds=30)
"""How long a note waits for its operation's entry: longer than an operation and its entry may take."""
_AT_ONCE = 200
_ID_BYTES = 16
_NOTE = AUDIT_OUTBOX.c
_ENTRY = AUDIT_ENTRIES.c

_log = structlog.get_logger(__name__)


class Note(NamedTuple):
    """A note that is due: which, and the entry that it becomes."""

    id: bytes
    stated: Mapping[str, Any]
    unwritten: Unwritten


class _Noting(NamedTuple):
    keys: RecordKeys
    entry: Entry


_NOTING: ContextVar[_Noting | None] = ContextVar("noting", default=None)


@contextmanager
def noting(keys: RecordKeys, entry: Entry) -> Iterator[None]:
    """Make each change within the context store a note of this entry, for the persons that the change concerns."""
    token = _NOTING.set(_Noting(keys, entry))
    try:
        yield
    finally:
        _NOTING.reset(token)


async def note(connection: AsyncConnection, subjects: Collection[bytes]) -> None:
    """Leave a note about the pseudonyms in the transaction of a change. What no request makes leaves none."""
    now = _NOTING.get()
    if now is None:
        return
    about = joined(subjects)
    body = body_of(replace(now.entry, subjects=tuple(subjects)), about)
    place = os.urandom(_ID_BYTES)
    row = {"id": place, "due": datetime.now(UTC) + LEFT_FOR, "body": body.decode(), "subjects": about}
    await connection.execute(insert(AUDIT_OUTBOX).values(**row, tag=now.keys.note_tag(place, body)))


class Outbox:
    """The notes of all processes."""

    def __init__(self, engine: AsyncEngine, keys: RecordKeys) -> None:
        self._engine = engine
        self._keys = keys

    async def due(self, at: datetime | None = None) -> list[Note]:
        """Return notes that are due at a time, by default now, kept from other processes for a while.

        Those that no process of ours has left as they stand are told of, and become nothing. Raises StateUnavailable.
        """
        now = at or datetime.now(UTC)
        waiting = select(_NOTE.id).where(_NOTE.due <= now).order_by(_NOTE.due).limit(_AT_ONCE)
        async with reading(self._engine) as connection:
            if (await connection.execute(waiting.limit(1))).one_or_none() is None:
                return []
        # who takes them and dies leaves them to the next, and so does who finds that they are not ours
        taken = update(AUDIT_OUTBOX).where(_NOTE.id.in_(waiting.with_for_update(skip_locked=True)))
        async with writing(self._engine) as connection:
            statement = taken.values(due=now + LEFT_FOR).returning(AUDIT_OUTBOX)
            rows = (await connection.execute(statement)).all()
        notes = [made for row in rows if (made := self._note(row)) is not None]
        if len(notes) < len(rows):
            _log.error("audit notes not ours", alarm=True, notes=len(rows) - len(notes))
        return notes

    async def is_told(self, note: Note) -> bool:
        """Tell whether an entry of the operation is in the record that says at least what the note says."""
        stated, unwritten = note.stated, note.unwritten
        same = (_ENTRY.at == unwritten.at, _ENTRY.client_id == unwritten.client_id)
        columns: list[Column[Any]] = [*CHECKED, _ENTRY.subjects]
        statement = select(*columns).where(*same, _ENTRY.purpose == unwritten.purpose)
        async with reading(self._engine) as connection:
            rows = (await connection.execute(statement)).all()
        return any(
            entry is not None
            and entry.stated["request_id"] == stated["request_id"]
            and set(stated["released"]) <= set(entry.stated["released"])
            and self._in_use(unwritten.subjects) <= self._in_use(row.subjects)
            for row in rows
            for entry in (kept(self._keys, row),)
        )

    async def drop(self, notes: Sequence[Note]) -> None:
        """Forget notes that the record has. Raises StateUnavailable."""
        if notes:
            async with writing(self._engine) as connection:
                await connection.execute(delete(AUDIT_OUTBOX).where(_NOTE.id.in_([note.id for note in notes])))

    def _note(self, row: Row[Any]) -> Note | None:
        body = row.body.encode()
        if not self._keys.is_note(row.id, body, row.tag):
            return None
        stated = orjson.loads(body)
        if sha256(row.subjects).hexdigest() != stated["subjects"]:
            return None
        hidden = stated["hidden"]
        until = None if hidden is None else date.fromisoformat(hidden["until"])
        at = datetime.fromisoformat(stated["at"])
        return Note(row.id, stated, Unwritten(at, stated["client_id"], stated["purpose"], body, row.subjects, until))

    def _in_use(self, subjects: bytes) -> set[bytes]:
        """Return the pseudonyms of the master secret in use: an operation's entry has those, a changed row may not."""
        every = (subjects[start : start + PSEUDONYM_BYTES] for start in range(0, len(subjects), PSEUDONYM_BYTES))
        return {pseudonym for pseudonym in every if pseudonym[0] == self._keys.version}
