"""How audit entries reach the database: many in one transaction, each table in one statement.

The statements go to the driver as they are: for an entry about 500 subjects that is several times cheaper. To
PostgreSQL both tables' rows go in one statement, which is its own transaction, on a connection of its own.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit_chain import GENESIS, hash_of
from auth.audit_keys import RecordKeys
from auth.keys import PSEUDONYM_BYTES
from auth.state.engine import writing
from auth.state.instants import Instant
from auth.state.line import Line
from auth.state.tables import AUDIT_WRITERS

_SQLITE_ENTRIES = (
    "insert into audit_entries (writer, sequence, body, hash, at, client_id, purpose, tag, subjects) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SQLITE_SUBJECTS = "insert into audit_subjects (subject, at, writer, sequence, hidden_until) values (?, ?, ?, ?, ?)"
# the subjects of an entry travel as one value and are cut apart in the database
_POSTGRESQL = (
    "with written as (insert into audit_entries "  # noqa: S608
    "(writer, sequence, body, hash, at, client_id, purpose, tag, subjects) select $1::bigint, * from "
    "unnest($2::bigint[], $3::text[], $4::bytea[], $5::timestamptz[], $7::text[], $8::text[], $9::bytea[], "
    "$6::bytea[])) insert into audit_subjects (subject, at, writer, sequence, hidden_until) "
    f"select substr(subjects, {PSEUDONYM_BYTES} * i + 1, {PSEUDONYM_BYTES}), at, $1::bigint, sequence, hidden_until "
    "from unnest($2::bigint[], $5::timestamptz[], $6::bytea[], $10::date[]) "
    "as entry (sequence, at, subjects, hidden_until) "
    f"cross join generate_series(0, length(subjects) / {PSEUDONYM_BYTES} - 1) as i"
)
_POSTGRESQL_WRITER = "insert into audit_writers (started_at) values ($1) returning id"


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
    """Where a writer's chain stands."""

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


class Store:
    """Where entries are written; SQLAlchemy's engine says which database it is."""

    def __init__(self, engine: AsyncEngine, keys: RecordKeys) -> None:
        self._engine = engine
        self._keys = keys
        self._line = Line(engine) if engine.dialect.name == "postgresql" else None

    async def append(self, chain: Chain | None, entries: Sequence[Unwritten]) -> Chain:
        """Write all entries or none, on a new chain where there is none, and return where the chain then stands."""
        if self._line is not None:
            chain = chain or Chain((await self._line.fetch(_POSTGRESQL_WRITER, datetime.now(UTC)))[0][0], 0, GENESIS)
            chained = _chained(chain, entries, self._keys)
            await self._line.fetch(_POSTGRESQL, chain.writer, *_columns(chained))
        else:
            async with writing(self._engine) as connection:
                chain = chain or await _opened(connection)
                chained = _chained(chain, entries, self._keys)
                await _insert(connection, chain.writer, chained)
        return Chain(chain.writer, chain.length + len(chained), chained[-1].hash, [one.hash for one in chained])


def _chained(chain: Chain, entries: Sequence[Unwritten], keys: RecordKeys) -> Sequence[_Chained]:
    chained: list[_Chained] = []
    head = chain.head
    for sequence, entry in enumerate(entries, chain.length + 1):
        head = hash_of(head, chain.writer, sequence, entry.body)
        chained.append(_Chained(sequence, entry, head, keys.tag(chain.writer, sequence, head, entry.body)))
    return chained


def _columns(chained: Sequence[_Chained]) -> tuple[list[object], ...]:
    """Return the statement's arrays: sequences, bodies, hashes, instants, subjects, clients, purposes, tags, days."""
    entries = [one.entry for one in chained]
    return (
        [one.sequence for one in chained],
        [entry.body.decode() for entry in entries],
        [one.hash for one in chained],
        [entry.at for entry in entries],
        [entry.subjects for entry in entries],
        [entry.client_id for entry in entries],
        [entry.purpose for entry in entries],
        [one.tag for one in chained],
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
            one.sequence,
            one.entry.body.decode(),
            one.hash,
            instant(one.entry.at),
            one.entry.client_id,
            one.entry.purpose,
            one.tag,
            one.entry.subjects,
        )
        for one in chained
    ]
    subjects = [
        (one.entry.subjects[start : start + PSEUDONYM_BYTES], at, writer, one.sequence, hidden)
        for one in chained
        for at, hidden in ((instant(one.entry.at), _day(one.entry.hidden_until)),)
        for start in range(0, len(one.entry.subjects), PSEUDONYM_BYTES)
    ]
    await connection.exec_driver_sql(_SQLITE_ENTRIES, entries)
    if subjects:
        await connection.exec_driver_sql(_SQLITE_SUBJECTS, subjects)


def _day(day: date | None) -> str | None:
    """Return a day as SQLite keeps it."""
    return None if day is None else day.isoformat()
