"""The audit record as a file that can be checked anywhere: JSON lines of roots, entries and proofs.

The signed roots come first. Then, writer by writer: the peaks that the part begins with (none at the very beginning),
the entries, and after the last entry under each root the proof that it extends the root before. No line holds a
person's number or pseudonym: an entry's body has a digest of them. Entries that no process of ours wrote are not in
it: a line says where they stood. The last lines name entries of which the index of persons does not say the same.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.kept import contradicts
from auth.audit.log.merkle import Tree
from auth.audit.proof.entry_proof import entries_between, frontier_at, hexes
from auth.audit.proof.index import Misindexed, misindexed
from auth.audit.proof.verify import VERSION
from auth.crypto.audit_keys import Origin, RecordKeys
from auth.state.engine import reading
from auth.state.tables import AUDIT_ENTRIES, AUDIT_ROOTS, AUDIT_WRITERS

Line = Mapping[str, Any]


class Export:
    """Everything, or what came after each writer's last root before `since`.

    Without `entries` only roots and proofs: enough for a witness, and nothing about anybody.
    """

    def __init__(
        self, engine: AsyncEngine, keys: RecordKeys, since: datetime | None = None, entries: bool = True
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._since = since
        self._entries = entries
        self.contradiction: tuple[int, int] | None = None
        """Writer and number of the first entry that is searched by something else than its body states."""
        self.foreign: list[tuple[int, int]] = []
        """Writer and number of the entries that are not ours; of a writer the first alone."""
        self.misindexed: list[Misindexed] = []
        """Entries of which the index does not say what they say themselves, wherever in the record."""

    async def lines(self) -> AsyncIterator[Line]:
        """Raises StateUnavailable."""
        async with reading(self._engine, None) as connection:
            first = await _first_root(connection, self._since)
            from_there = select(AUDIT_ROOTS).where(AUDIT_ROOTS.c.number >= first).order_by(AUDIT_ROOTS.c.number)
            roots = (await connection.execute(from_there)).all()
            since = self._since.isoformat() if self._since else None
            at = datetime.now(UTC).isoformat(timespec="seconds")
            yield {"kind": "export", "version": VERSION, "at": at, "since": since, "entries": self._entries}
            of_writer: dict[int, list[Row[Any]]] = {}
            for root in roots:
                of_writer.setdefault(root.writer, []).append(root)
                yield {"kind": "root", "statement": root.statement}
            for writer in (await connection.execute(select(AUDIT_WRITERS.c.id).order_by(AUDIT_WRITERS.c.id))).scalars():
                async for line in self._of_writer(connection, writer, first, of_writer.get(writer, [])):
                    yield line
            self.misindexed = await misindexed(connection)
            for writer, sequence, fault in self.misindexed:
                yield {"kind": "misindexed", "writer": writer, "sequence": sequence, "fault": fault.name}

    async def _of_writer(
        self, connection: AsyncConnection, writer: int, first: int, roots: Sequence[Row[Any]]
    ) -> AsyncIterator[Line]:
        before = await _last_root_before(connection, writer, first) if first > 1 else None
        known = frontier_at(before)
        if before is not None and await _reaches_beyond(connection, writer, before.size):
            peaks = hexes(known.peaks)
            yield {"kind": "peaks", "writer": writer, "peaks": peaks, "statement": before.statement}
        for root in roots:
            window = await entries_between(connection, writer, known.size, root.size)
            for entry in window:
                line = self._line(entry)
                if self._entries or line["kind"] == "foreign":
                    yield line
            if known.size and len(window) == root.size - known.size:
                proof = Tree(known, (entry.hash for entry in window)).consistency(known.size, root.size)
                yield {"kind": "consistency", "writer": writer, "to": root.size, "path": hexes(proof)}
            known = frontier_at(root)
        for entry in await entries_between(connection, writer, known.size):
            line = self._line(entry)
            if self._entries or line["kind"] == "foreign":
                yield line

    def _line(self, entry: Row[Any]) -> Line:
        place = {"writer": entry.writer, "sequence": entry.sequence}
        body = entry.body.encode()
        origin = self._keys.origin(entry.writer, entry.sequence, entry.hash, body, entry.tag)
        if origin is None:
            if entry.writer not in [writer for writer, _ in self.foreign]:
                self.foreign.append((entry.writer, entry.sequence))
            return {"kind": "foreign", **place}
        if self.contradiction is None and contradicts(orjson.loads(body), entry):
            self.contradiction = entry.writer, entry.sequence
        earlier = {"earlier": True} if origin is Origin.EARLIER else {}
        return {"kind": "entry", **place, "body": entry.body, "hash": entry.hash.hex(), **earlier}


async def _first_root(connection: AsyncConnection, since: datetime | None) -> int:
    """Return the number of the first root to export. By number, for the clocks of replicas may differ."""
    if since is None:
        return 1
    root = AUDIT_ROOTS.c
    first = await connection.scalar(select(func.min(root.number)).where(root.signed_at >= since))
    after_all = await connection.scalar(select(func.coalesce(func.max(root.number), 0) + 1))
    return int(first or after_all or 1)


async def _last_root_before(connection: AsyncConnection, writer: int, number: int) -> Row[Any] | None:
    root = AUDIT_ROOTS.c
    earlier = select(AUDIT_ROOTS).where(root.writer == writer, root.number < number)
    return (await connection.execute(earlier.order_by(root.size.desc()).limit(1))).one_or_none()


async def _reaches_beyond(connection: AsyncConnection, writer: int, size: int) -> bool:
    entry, root = AUDIT_ENTRIES.c, AUDIT_ROOTS.c
    longest = await connection.scalar(select(func.max(entry.sequence)).where(entry.writer == writer))
    signed = await connection.scalar(select(func.max(root.size)).where(root.writer == writer))
    return max(longest or 0, signed or 0) > size
