"""The audit record: an entry is durable before the answer that it is about leaves."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import date, datetime
from typing import Any, NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.log.chain import Entry, body_of, joined
from auth.audit.oversight.alarms import Alarm, alarms
from auth.audit.oversight.minimisation import CountedReaderUse, Reader, minimisation, readers
from auth.audit.oversight.search import FoundPage, Search, found
from auth.audit.proof.usage_proof import HashBudget, Place, UsageProofs, UsageProofValue
from auth.audit.usage.entries import Position, Sought, UsageEntry, UsagePage, usage_of
from auth.audit.usage.walk import usage_number, walk_began
from auth.audit.writing.adoption import adopt
from auth.audit.writing.outbox import Outbox, noting
from auth.audit.writing.signer import ROOT_INTERVAL_S, Signer
from auth.audit.writing.store import Store, Unwritten
from auth.crypto.audit_keys import RecordKeys
from auth.crypto.keys import PSEUDONYM_BYTES, Key, Keys
from auth.crypto.signing import SigningKey
from auth.errors import AuditUnavailable, StateUnavailable
from runtime.deadlines import Deadlines

Period = tuple[datetime | None, datetime | None]

CAPACITY = 10_000
"""Entries that may wait to be written."""
_ENTRIES_PER_COMMIT = 512
_SUBJECT_BYTES_PER_COMMIT = 20_000 * PSEUDONYM_BYTES
_WAIT_S = 6.0
"""How long an operation waits for its entry to be durable, the turn in the queue included."""
_DEADLINE_S = 8.0
"""For one commit, the look for what became of the last one included; each statement has a shorter one."""

_NOTES_EVERY_S = 15.0

_WAITS = Deadlines()
_log = structlog.get_logger(__name__)


class _Waiting(NamedTuple):
    entry: Unwritten
    durable: "asyncio.Future[None]"


class Audit:
    """Writes what has come since the last commit with one commit: alone without delay, in a crowd cheaply."""

    def __init__(
        self,
        engine: AsyncEngine,
        keys: Keys,
        signing_key: SigningKey | None = None,
        root_interval_s: float = ROOT_INTERVAL_S,
        record: RecordKeys | None = None,
        notes_every_s: float = _NOTES_EVERY_S,
    ) -> None:
        """Roots are signed with `signing_key`, or with one derived from the master secret where there is none.

        `record`: the keys of the record where the state has been asked for those of before
        (auth/deployment/key_checks.py).
        """
        self._engine = engine
        self._record = record or RecordKeys(keys, signing_key)
        self._signer = Signer(engine, self._record, root_interval_s)
        self._store = Store(engine, self._record)
        self._outbox = Outbox(engine, self._record)
        self._proofs = UsageProofs(engine, self._record.public)
        self._keys = keys
        self._notes_every_s = notes_every_s
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._delivery: asyncio.Task[None] | None = None
        self._stopping = False
        self._stopped = asyncio.Event()
        self._asking: list[asyncio.Future[None]] = []

    async def start(self) -> None:
        """Begin to write and to sign. Raises StateUnavailable."""
        await adopt(self._engine, self._record)
        self._writer = asyncio.create_task(self._write_what_comes(), name="audit writer")
        self._delivery = asyncio.create_task(self._deliver_now_and_then(), name="audit outbox")
        self._signer.start()

    async def stop(self) -> None:
        """Write what waits, sign it, and take nothing more."""
        self._stopping = True
        self._stopped.set()
        self._arrived.set()
        if self._writer is not None and self._delivery is not None:
            try:
                await self._delivery
            finally:  # whatever became of notes, entries that wait are written and signed
                await self._writer
                await self._signer.stop()

    async def record(self, entry: Entry) -> None:
        """Return when the entry is durable; raises AuditUnavailable where it is not known to be.

        Once called, the entry is written even if the caller stops waiting.
        """
        subjects = joined(entry.subjects)
        hidden_until = entry.hidden.until if entry.hidden else None
        body = body_of(entry, subjects)
        unwritten = Unwritten(entry.at, entry.client_id, entry.purpose, body, subjects, hidden_until)
        try:
            with _WAITS.by(asyncio.get_running_loop().time() + _WAIT_S):
                await self._durable(unwritten)
        except TimeoutError:
            raise AuditUnavailable("the audit record cannot be written in time") from None

    def noting(self, entry: Entry) -> AbstractContextManager[None]:
        """Let each change made within leave a note of this entry in its own transaction
        (auth/audit/writing/outbox.py)."""
        return noting(self._record, entry)

    async def deliver(self, at: datetime | None = None) -> None:
        """Make entries of the notes that are due, by default now, and that no entry tells of; forget the others.

        Raises StateUnavailable, AuditUnavailable: then what is left is delivered later, or by another process.
        """
        while notes := await self._outbox.due(at):
            for note in notes:
                if not await self._outbox.is_told(note):
                    await self._durable(note.unwritten)
                    _log.warning("audit entry of a change made of its note", request_id=note.stated["request_id"])
                await self._outbox.drop([note])

    def _durable(self, unwritten: Unwritten) -> "asyncio.Future[None]":
        """Return what is done once the entry is durable."""
        if self._writer is None or self._stopping or len(self._waiting) >= CAPACITY:
            raise AuditUnavailable("the audit record takes no entry now")
        durable = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(unwritten, durable))
        self._arrived.set()
        return durable

    async def ready(self) -> None:
        """Return when an entry went the way of entries and was undone; raises AuditUnavailable where it could not."""
        if self._writer is None or self._stopping:
            raise AuditUnavailable("the audit record takes no entry now")
        answered = asyncio.get_running_loop().create_future()
        self._asking.append(answered)
        self._arrived.set()
        await answered

    def published_keys(self) -> list[dict[str, Any]]:
        """Return the public keys that roots and receipts are and were signed with, as JWK, the one in use first."""
        return self._record.published()

    async def sign(self) -> None:
        """Sign what has been written so far, before the next round would."""
        await self._signer.sign()

    async def usage(
        self, subject: Key, also: Sequence[Key], on: date, first: int, after: Position | None = None
    ) -> UsagePage:
        """Return at most `first` entries about the subject, the newest first, those older than `after`.

        Those hidden on that day are left out. `also`: other keys the subject was asked under.
        """
        return await usage_of(self._engine, self._record, Sought(self._pseudonyms(subject, also), on), first, after)

    async def usage_in(
        self,
        subject: Key,
        also: Sequence[Key],
        on: date,
        period: Period,
        first: int,
        skipped: int = 0,
        after: Position | None = None,
    ) -> UsagePage:
        """Return entries of a period (its end left out): those beyond so many, or those older than `after`."""
        sought = Sought(self._pseudonyms(subject, also), on, *period)
        return await usage_of(self._engine, self._record, sought, first, after, skipped)

    async def usage_number(self, subject: Key, also: Sequence[Key], on: date, period: Period) -> int:
        """Return how many entries a period has, MOST_COUNTED where there are more."""
        return await usage_number(self._engine, self._record, Sought(self._pseudonyms(subject, also), on, *period))

    async def walk_began(
        self, subject: Key, also: Sequence[Key], on: date, client_id: str, operation: str
    ) -> datetime | None:
        """Return when the client's newest operation of that name was, None where the newest entries have none."""
        sought = Sought(self._pseudonyms(subject, also), on)
        return await walk_began(self._engine, self._record, sought, client_id, operation)

    async def found(self, search: Search, first: int, after: Position | None) -> FoundPage:
        """Return at most `first` entries that an officer's search fits, the newest first."""
        return await found(self._engine, self._record, search, first, after)

    async def readers(self, search: Search) -> list[Reader]:
        """Return who has read for what."""
        return await readers(self._engine, search)

    async def minimisation(
        self, search: Search, granted: Mapping[Reader, frozenset[str]], most: int
    ) -> list[CountedReaderUse]:
        """Return what clients ask for beside what they were granted, of at most so many entries."""
        return await minimisation(self._engine, self._record, search, granted, most)

    async def alarms(self, since: datetime, until: datetime, most: int) -> list[Alarm]:
        """Return what an officer should look at, found in at most so many entries."""
        return await alarms(self._engine, self._record, since, until, most)

    async def proofs(self, entries: Iterable[UsageEntry], budget: HashBudget) -> Mapping[Place, UsageProofValue]:
        """Return what proves entries to those whom they concern, by writer and sequence, where a root covers them.

        Raises Refused beyond the budget, which is that of the operation.
        """
        return await self._proofs.of({entry.position[1:]: entry.body for entry in entries}, budget)

    def _pseudonyms(self, subject: Key, also: Sequence[Key]) -> list[bytes]:
        return [pseudonym for key in (subject, *also) for pseudonym in self._keys.pseudonyms(key)]

    async def _deliver_now_and_then(self) -> None:
        while not self._stopped.is_set():
            try:
                await self.deliver()
            except (StateUnavailable, AuditUnavailable) as error:
                _log.error("audit notes not delivered", error=type(error).__name__)
            except Exception as error:  # whatever went wrong this time: who gave up here would deliver nothing any more
                _log.error("audit notes not delivered", alarm=True, error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), self._notes_every_s)

    async def _write_what_comes(self) -> None:
        while self._waiting or not self._stopping:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting or self._asking:
                asking, self._asking = self._asking, []
                _tell(asking, await self._written(self._next_batch()))

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        subjects = 0
        while self._waiting and len(batch) < _ENTRIES_PER_COMMIT and subjects < _SUBJECT_BYTES_PER_COMMIT:
            batch.append(self._waiting.popleft())
            subjects += len(batch[-1].entry.subjects)
        return batch

    async def _written(self, batch: list[_Waiting]) -> bool:
        """Write the batch, or find out whether one could be written where it is empty; return whether it could."""
        try:
            async with asyncio.timeout(_DEADLINE_S):
                if not batch:
                    await self._store.rehearse()
                    return True
                chain = await self._store.append([waiting.entry for waiting in batch])
        except Exception as error:  # whatever went wrong, those who wait must hear of it
            _log.error("audit entries not written", entries=len(batch), error=type(error).__name__)
            _tell([waiting.durable for waiting in batch], written=False)
            return False
        _tell([waiting.durable for waiting in batch], written=True)
        self._signer.grew(chain.writer, chain.added)
        return True


def _tell(waiting: Iterable["asyncio.Future[None]"], written: bool) -> None:
    for future in waiting:
        if future.done():
            continue
        if written:
            future.set_result(None)
        else:
            future.set_exception(AuditUnavailable("the audit record cannot be written now"))
