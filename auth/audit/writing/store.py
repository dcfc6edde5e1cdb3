"""How audit entries reach the database: many in one transaction, each table in one statement.

The statements go to the driver as they are: for an entry about 500 subjects that is several times cheaper. To
PostgreSQL both tables' rows go in one statement, which is its own transaction, on a connection of its own.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

import structlog
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.chain import GENESIS, hash_of
from auth.crypto.audit_keys import RecordKeys
from auth.crypto.keys import PSEUDONYM_BYTES
from auth.state.engine import reading, rehearsing, writing
from auth.state.instants import Instant
from auth.state.line import LOST, DedicatedConnection
from auth.state.tables import AUDIT_ENTRIES, AUDIT_WRITERS

_SQLITE_ENTRIES = (
    "insert into audit_entries (writer, sequence, body, hash, at, client_id, purpose, tag, subjects) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SQLITE_SUBJECTS = "insert into audit_subjects (subject, at, writer, sequence, hidden_until) values (?, ?, ?, ?, ?)"
# the subjects of an entry travel as one value and are cut apart in the database
_POSTGRESQL = (
    "with {opened}written as (insert into audit_entries "  # noqa: S608
    "(writer, sequence, body, hash, at, client_id, purpose, tag, subjects) select $1::bigint, * from "
    "unnest($2::bigint[], $3::text[], $4::bytea[], $5::timestamptz[], $7::text[], $8::text[], $9::bytea[], "
    "$6::bytea[])) insert into audit_subjects (subject, at, writer, sequence, hidden_until) "
    f"select substr(subjects, {PSEUDONYM_BYTES} * i + 1, {PSEUDONYM_BYTES}), at, $1::bigint, sequence, hidden_until "
    "from unnest($2::bigint[], $5::timestamptz[], $6::bytea[], $10::date[]) "
    "as entry (sequence, at, subjects, hidden_until) "
    f"cross join generate_series(0, length(subjects) / {PSEUDONYM_BYTES} - 1) as i"
)
_POSTGRESQL_NEXT = _POSTGRESQL.format(opened="")
# a writer's row comes with its first entries, or it would stay behind where they fail
_POSTGRESQL_FIRST = _POSTGRESQL.format(
    opened="opened as (insert into audit_writers (id, started_at) values ($1::bigint, now())), "
)
_POSTGRESQL_WRITER = "select nextval(pg_get_serial_sequence('audit_writers', 'id'))"
_POSTGRESQL_LAST = "select sequence, hash from audit_entries where writer = $1 order by sequence desc limit 1"

_ATTEMPTS_KEPT = 8

_log = structlog.get_logger(__name__)


class Unwritten(NamedTuple):
    """An entry ready to be chained. `subjects` are distinct pseudonyms, one after the other.

    `hidden_until`: the last day on which its subjects do not see it.
    """

    at: datetime
    client_id: str
    purpose: str
    body: bytes
    subjects: bytes
    hidden_until: date | None = None


class Chain(NamedTuple):
    """The end of a writer's chain."""

    writer: int
    length: int
    head: bytes
    added: Sequence[bytes] = ()
    """The hashes of the entries that came last."""


class _Chained(NamedTuple):
    sequence: int
    entry: Unwritten
    hash: bytes
    tag: bytes


class _Attempt(NamedTuple):
    """Entries that were sent, and the end of the chain if they arrived."""

    entries: Sequence[Unwritten]
    chain: Chain


class Store:
    """The chain of this process, and where its entries are written; SQLAlchemy's engine says which database it is.

    After a failure the entries may yet be there, or arrive late. The chain goes on from what is found: two entries
    cannot have one number. A new one begins only where neither what was written nor what was sent last is found.
    """

    def __init__(self, engine: AsyncEngine, keys: RecordKeys) -> None:
        self._engine = engine
        self._keys = keys
        self._line = DedicatedConnection(engine) if engine.dialect.name == "postgresql" else None
        self._chain: Chain | None = None
        self._failed: list[_Attempt] = []
        """What was sent since the last success."""
        self._grown: list[bytes] = []
        """The hashes of stored entries that no caller was notified of yet."""

    async def append(self, entries: Sequence[Unwritten]) -> Chain:
        """Write all entries or none, once more where the connection was lost; return where the chain then stands.

        It holds the hashes of all that came since the last return, of entries sent before a failure as well.
        """
        try:
            await self._append(entries)
        except LOST as error:
            if isinstance(error, TimeoutError):
                raise
            await self._append(entries)
        assert self._chain is not None
        added, self._grown = self._grown, []
        return self._chain._replace(added=added)

    async def rehearse(self) -> None:
        """Write a first entry of a writer that nobody is, by the way of entries, and undo it.

        Raises what the driver or SQLAlchemy raises. Replicas that do so at once do not wait for each other: the
        writer's number is drawn, from beyond those of writers.
        """
        chain = Chain(2**62 + secrets.randbits(62), 0, GENESIS)
        entry = Unwritten(datetime.now(UTC), "", "", b"{}", bytes(PSEUDONYM_BYTES))
        chained = _chained(chain, [entry], self._keys)
        if self._line is not None:
            await self._line.rehearse(_POSTGRESQL_FIRST, chain.writer, *_columns(chained))
            return
        async with rehearsing(self._engine) as connection:
            await connection.execute(insert(AUDIT_WRITERS).values(id=chain.writer, started_at=entry.at))
            await _insert(connection, chain.writer, chained)

    async def _append(self, entries: Sequence[Unwritten]) -> None:
        if self._failed and await self._arrived() is entries:
            return
        if self._line is not None:
            chain = self._chain or Chain((await self._line.fetch(_POSTGRESQL_WRITER))[0][0], 0, GENESIS)
            self._chain = chain
            chained = self._sent(chain, entries)
            statement = _POSTGRESQL_NEXT if chain.length else _POSTGRESQL_FIRST
            await self._line.fetch(statement, chain.writer, *_columns(chained))
        else:
            async with writing(self._engine) as connection:
                chain = self._chain or await _opened(connection)
                await _insert(connection, chain.writer, self._sent(chain, entries))
        self._stands(self._failed[-1])

    def _sent(self, chain: Chain, entries: Sequence[Unwritten]) -> Sequence[_Chained]:
        chained = _chained(chain, entries, self._keys)
        hashes = [chained_entry.hash for chained_entry in chained]
        stand = Chain(chain.writer, chain.length + len(chained), hashes[-1], hashes)
        self._failed = [*self._failed[1 - _ATTEMPTS_KEPT :], _Attempt(entries, stand)]  # until it is known
        return chained

    def _stands(self, attempt: _Attempt) -> None:
        self._chain = attempt.chain._replace(added=())
        self._grown += attempt.chain.added
        self._failed.clear()

    async def _arrived(self) -> Sequence[Unwritten] | None:
        """Find how far the chain reaches, and return the entries that had been taken for failed, if any are there."""
        last = await self._last(self._failed[-1].chain.writer)
        for attempt in self._failed:
            if last == (attempt.chain.length, attempt.chain.head):
                self._stands(attempt)
                return attempt.entries
        if last is None if self._chain is None or not self._chain.length else last == self._chain[1:3]:
            return None
        writer = self._failed[-1].chain.writer
        _log.error("audit chain not found as written, a new one begins", alarm=True, writer=writer)
        self._chain = None
        self._failed.clear()
        return None

    async def _last(self, writer: int) -> tuple[int, bytes] | None:
        """Return number and hash of the writer's last entry."""
        if self._line is not None:
            rows = await self._line.fetch(_POSTGRESQL_LAST, writer)
            return (rows[0][0], rows[0][1]) if rows else None
        entry = AUDIT_ENTRIES.c
        last = select(entry.sequence, entry.hash).where(entry.writer == writer).order_by(entry.sequence.desc()).limit(1)
        async with reading(self._engine) as connection:
            row = (await connection.execute(last)).one_or_none()
        return None if row is None else (row.sequence, row.hash)


def _chained(chain: Chain, entries: Sequence[Unwritten], keys: RecordKeys) -> Sequence[_Chained]:
    chained: list[_Chained] = []
    head = chain.head
    for sequence, entry in enumerate(entries, chain.length + 1):
        head = hash_of(head, chain.writer, sequence, entry.body)
        chained.append(_Chained(sequence, entry, head, keys.tag(chain.writer, sequence, head, entry.body)))
    return chained


def _columns(chained: Sequence[_Chained]) -> tuple[list[object], ...]:
    """Return the statement's arrays: sequences, bodies, hashes, instants, subjects, clients, purposes, tags, days."""
    entries = [chained_entry.entry for chained_entry in chained]
    return (
        [chained_entry.sequence for chained_entry in chained],
        [entry.body.decode() for entry in entries],
        [chained_entry.hash for chained_entry in chained],
        [entry.at for entry in entries],
        [entry.subjects for entry in entries],
        [entry.client_id for entry in entries],
        [entry.purpose for entry in entries],
        [chained_entry.tag for chained_entry in chained],
        [entry.hidden_until for entry in entries],
    )


async def _opened(connection: AsyncConnection) -> Chain:
    statement = insert(AUDIT_WRITERS).values(started_at=datetime.now(UTC)).returning(AUDIT_WRITERS.c.id)
    return Chain((await connection.execute(statement)).scalar_one(), 0, GENESIS)


async def _insert(connection: AsyncConnection, writer: int, chained: Sequence[_Chained]) -> None:
    instant = Instant().bind_processor(connection.dialect) or (lambda at: at)
    entries = [
        (
            writer,
            chained_entry.sequence,
            chained_entry.entry.body.decode(),
            chained_entry.hash,
            instant(chained_entry.entry.at),
            chained_entry.entry.client_id,
            chained_entry.entry.purpose,
            chained_entry.tag,
            chained_entry.entry.subjects,
        )
        for chained_entry in chained
    ]
    subjects = [
        (chained_entry.entry.subjects[start : start + PSEUDONYM_BYTES], at, writer, chained_entry.sequence, hidden)
        for chained_entry in chained
        for at, hidden in ((instant(chained_entry.entry.at), _day(chained_entry.entry.hidden_until)),)
        for start in range(0, len(chained_entry.entry.subjects), PSEUDONYM_BYTES)
    ]
    await connection.exec_driver_sql(_SQLITE_ENTRIES, entries)
    if subjects:
        await connection.exec_driver_sql(_SQLITE_SUBJECTS, subjects)


def _day(day: date | None) -> str | None:
    """Return a day as SQLite keeps it."""
    return None if day is None else day.isoformat()
