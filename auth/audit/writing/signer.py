"""Signs the chains that this process writes, and those of ended writers without a last root."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.chain import GENESIS, hash_of
from auth.audit.log.merkle import Frontier, root_of
from auth.audit.log.signed_roots import RootLog, TreeState, last_root
from auth.crypto.audit_keys import RecordKeys
from auth.state.engine import reading
from auth.state.tables import AUDIT_ENTRIES, AUDIT_ROOTS, AUDIT_WRITERS

ROOT_INTERVAL_S = 30.0
"""Half of what is promised, so that one failure does not break the promise."""
ABANDONED_S = 120.0
"""Entries unsigned for so long have no living writer."""
_WRITERS_AT_ONCE = 100
_ENTRIES_AT_ONCE = 1000
_MOST_TAKEN_UP = 50_000
"""Entries of one chain that one round signs; the next round continues."""
_DEADLINE_S = 20.0

_log = structlog.get_logger(__name__)


class _Growing:
    """The tree over what this process knows itself to have written, whatever the database says later."""

    def __init__(self) -> None:
        self.frontier = Frontier()
        self.last = GENESIS
        self.signed = 0


class Signer:
    """Signs what is new every `interval_s`, and once more when it stops."""

    def __init__(self, engine: AsyncEngine, keys: RecordKeys, interval_s: float = ROOT_INTERVAL_S) -> None:
        self._engine = engine
        self._keys = keys
        self._log = RootLog(engine, keys)
        self._interval_s = interval_s
        self._growing: dict[int, _Growing] = {}
        self._writer: int | None = None
        self._broken: set[int] = set()
        self._stopped = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._sign_now_and_then(), name="audit signer")

    async def stop(self) -> None:
        """Sign what is not signed yet; the writer must have stopped before."""
        self._stopped.set()
        if self._task is not None:
            await self._task
            await self.sign()

    def grew(self, writer: int, hashes: Sequence[bytes]) -> None:
        """Note that the writer's chain is longer by entries of these hashes, durable by now."""
        self._writer = writer
        growing = self._growing.setdefault(writer, _Growing())
        for entry_hash in hashes:
            growing.frontier.grow(entry_hash)
        growing.last = hashes[-1]

    async def sign(self, abandoned_s: float = ABANDONED_S) -> None:
        """Sign what this process has written and what others have left; where that fails, the log says so."""
        now = datetime.now(UTC)
        unsigned = {
            writer: growing for writer, growing in self._growing.items() if growing.frontier.size > growing.signed
        }
        stands = [_stand(writer, growing.frontier, growing.last) for writer, growing in unsigned.items()]
        try:
            async with asyncio.timeout(_DEADLINE_S):
                stands += await self._abandoned(now - timedelta(seconds=abandoned_s))
                if stands:
                    await self._log.sign(stands, now)
        except Exception as error:  # the record goes on, and the next round signs this too
            _log.error("audit roots not signed", alarm=True, error=type(error).__name__)
            return
        for stand in stands:
            if stand.writer in unsigned:
                unsigned[stand.writer].signed = stand.size
        # a chain given up after a failed write: should that have arrived after all, it is an abandoned chain's end
        self._growing = {
            writer: growing
            for writer, growing in self._growing.items()
            if writer == self._writer or growing.signed < growing.frontier.size
        }

    async def _sign_now_and_then(self) -> None:
        while not self._stopped.is_set():
            try:
                await asyncio.wait_for(self._stopped.wait(), self._interval_s)
            except TimeoutError:
                await self.sign()

    async def _abandoned(self, before: datetime) -> list[TreeState]:
        """Return how far the whole chains reach that others have left unsigned since before then."""
        async with reading(self._engine, _DEADLINE_S) as connection:
            stands = []
            for writer in await _unsigned(connection, self._growing.keys() | self._broken):
                stands.append(await self._left_by(connection, writer, before))
        return [stand for stand in stands if stand is not None]

    async def _left_by(self, connection: AsyncConnection, writer: int, before: datetime) -> TreeState | None:
        """Return how far a chain reaches; None where it is not old enough, or an entry in it is not ours."""
        root, frontier = await last_root(connection, self._keys.public, writer) or (None, Frontier())
        signed, last = frontier.size, root.last if root else GENESIS
        while frontier.size - signed < _MOST_TAKEN_UP:
            entries = await _entries_after(connection, writer, frontier.size)
            if not entries:
                break
            for entry in entries:
                if not self._follows(entry, writer, frontier.size, last):
                    self._broken.add(writer)
                    _log.error("audit chain broken", alarm=True, writer=writer, entry=frontier.size + 1)
                    return None
                if frontier.size == signed and datetime.fromisoformat(orjson.loads(entry.body)["at"]) > before:
                    return None
                frontier.grow(entry.hash)
                last = entry.hash
        return _stand(writer, frontier, last) if frontier.size > signed else None

    def _follows(self, entry: Row[Any], writer: int, size: int, last: bytes) -> bool:
        """Tell whether an entry is the next of its chain, and written by a process of ours."""
        body = entry.body.encode()
        if entry.sequence != size + 1 or hash_of(last, writer, entry.sequence, body) != entry.hash:
            return False
        return self._keys.origin(writer, entry.sequence, entry.hash, body, entry.tag) is not None


def _stand(writer: int, frontier: Frontier, last: bytes) -> TreeState:
    return TreeState(writer, frontier.size, root_of(frontier.peaks), last, b"".join(frontier.peaks))


async def _unsigned(connection: AsyncConnection, but: Collection[int]) -> Sequence[int]:
    """Return writers whose chains reach beyond their last root: two look-ups in an index for each writer there is."""
    entry, root = AUDIT_ENTRIES.c, AUDIT_ROOTS.c
    length = select(func.max(entry.sequence)).where(entry.writer == AUDIT_WRITERS.c.id).scalar_subquery()
    signed = select(func.max(root.size)).where(root.writer == AUDIT_WRITERS.c.id).scalar_subquery()
    statement = (
        select(AUDIT_WRITERS.c.id)
        .where(length > func.coalesce(signed, 0), AUDIT_WRITERS.c.id.not_in(but))
        .order_by(AUDIT_WRITERS.c.id)
        .limit(_WRITERS_AT_ONCE)
    )
    return (await connection.execute(statement)).scalars().all()


async def _entries_after(connection: AsyncConnection, writer: int, sequence: int) -> Sequence[Any]:
    entry = AUDIT_ENTRIES.c
    statement = (
        select(entry.sequence, entry.body, entry.hash, entry.tag)
        .where(entry.writer == writer, entry.sequence > sequence)
        .order_by(entry.sequence)
        .limit(_ENTRIES_AT_ONCE)
    )
    return (await connection.execute(statement)).all()
