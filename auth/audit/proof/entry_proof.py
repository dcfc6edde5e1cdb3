"""Inclusion proofs of single entries, from data stored with the roots: at most one window is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.chain import GENESIS
from auth.audit.log.kept import CHECKED, kept
from auth.audit.log.merkle import Frontier, Tree, includes
from auth.audit.log.signed_roots import kept_root, peaks_of
from auth.crypto.audit_keys import RecordKeys
from auth.crypto.signing import SignatureInvalid
from auth.state.engine import reading
from auth.state.patience import PATIENT_S
from auth.state.tables import AUDIT_ENTRIES, AUDIT_ROOTS


@dataclass(frozen=True, slots=True)
class EntryProof:
    """What shows, with the public key alone, that an entry is the one recorded at its place.

    `path` is the inclusion proof (RFC 9162, 2.1.3) in the tree of the root in `statement`.
    """

    writer: int
    sequence: int
    previous: bytes
    body: str
    path: Sequence[bytes]
    statement: str

    def line(self) -> dict[str, Any]:
        """Return the proof as a line that `audit verify` reads."""
        return {
            "kind": "inclusion",
            "writer": self.writer,
            "sequence": self.sequence,
            "previous": self.previous.hex(),
            "body": self.body,
            "path": [node.hex() for node in self.path],
            "statement": self.statement,
        }


async def proof_of(engine: AsyncEngine, keys: RecordKeys, writer: int, sequence: int) -> EntryProof | None:
    """Return the proof of an entry against the first root that covers it, or None where there is none yet.

    Raises SignatureInvalid where the entry, a root or what lies between them is not as we wrote it.
    """
    root = AUDIT_ROOTS.c
    covering = select(AUDIT_ROOTS).where(root.writer == writer, root.size >= sequence).order_by(root.size).limit(1)
    before = select(AUDIT_ROOTS).where(root.writer == writer, root.size < sequence).order_by(root.size.desc()).limit(1)
    async with reading(engine, PATIENT_S) as connection:
        above = (await connection.execute(covering)).one_or_none()
        below = (await connection.execute(before)).one_or_none()
        if above is None or sequence < 1:
            return None
        known = frontier_at(below)
        entries = await entries_between(connection, writer, known.size, above.size)
        previous = await _hash_at(connection, writer, sequence - 1)
    held, own = kept_root(above, keys.public), [entry for entry in entries if entry.sequence == sequence]
    if held is None or len(entries) != above.size - known.size or not own or kept(keys, own[0]) is None:
        raise SignatureInvalid("the entry or its root is not as we wrote it")
    path = Tree(known, (entry.hash for entry in entries)).inclusion(sequence - 1, above.size)
    if not includes(held[0].root, above.size, sequence - 1, own[0].hash, path):
        raise SignatureInvalid("the entry is not in the record that was signed")
    return EntryProof(writer, sequence, previous, own[0].body, path, above.statement)


def frontier_at(root: Row[Any] | None) -> Frontier:
    """Return the frontier that the row of a root keeps; an empty one where there is no root."""
    return Frontier() if root is None else peaks_of(root.size, root.peaks)


async def entries_between(
    connection: AsyncConnection, writer: int, after: int, until: int | None = None
) -> Sequence[Row[Any]]:
    """Return the writer's entries beyond number `after`, up to `until` or to the end, in order."""
    entry = AUDIT_ENTRIES.c
    statement = select(*CHECKED).where(entry.writer == writer, entry.sequence > after).order_by(entry.sequence)
    if until is not None:
        statement = statement.where(entry.sequence <= until)
    return (await connection.execute(statement)).all()


async def _hash_at(connection: AsyncConnection, writer: int, sequence: int) -> bytes:
    entry = AUDIT_ENTRIES.c
    statement = select(entry.hash).where(entry.writer == writer, entry.sequence == sequence)
    return (await connection.scalar(statement)) or GENESIS


def hexes(nodes: Iterable[bytes]) -> list[str]:
    return [node.hex() for node in nodes]
