"""What shows a person, with the public key alone, that an entry about them stands in the record as they were shown it.

Of other persons and clients a proof holds hashes only: the entry's second line is a digest, its neighbours in the tree
are nodes. Entries of before, whose bodies are hashed whole, have none.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.chain import GENESIS, hash_of_parts, parts_of
from auth.audit.log.kept import tell_foreign
from auth.audit.log.merkle import Frontier, Tree, includes
from auth.audit.log.signed_roots import SignedTreeHead, kept_root, opened
from auth.audit.proof.entry_proof import hexes
from auth.crypto.signing import PublicKeys, SignatureInvalid
from auth.errors import Refused
from auth.state.engine import reading
from auth.state.patience import PATIENT_S
from auth.state.tables import AUDIT_ENTRIES, AUDIT_ROOTS

KIND = "usage"
MOST_HASHES = 200_000
"""Hashes that the proofs of one operation are made from at most: between two roots lie those of half a minute."""

Place = tuple[int, int]
"""Writer and sequence of an entry."""


@dataclass(frozen=True, slots=True)
class UsageProofValue:
    """`shown` is the part of the body that the person sees, `withheld` the digest of the rest.

    `path` is the inclusion proof (RFC 9162, 2.1.3) of the entry's hash in the tree of the root in `statement`.
    """

    writer: int
    sequence: int
    previous: bytes
    shown: str
    withheld: bytes
    path: Sequence[bytes]
    statement: str
    signed_at: datetime

    @property
    def hash(self) -> bytes:
        """Return the hash of the entry: the leaf of the tree."""
        return hash_of_parts(self.previous, self.writer, self.sequence, self.shown, self.withheld)

    def document(self) -> str:
        """Return the proof as a file of one line, for `audit verify`."""
        line = {
            "kind": KIND,
            "writer": self.writer,
            "sequence": self.sequence,
            "previous": self.previous.hex(),
            "shown": self.shown,
            "withheld": self.withheld.hex(),
            "path": hexes(self.path),
            "statement": self.statement,
        }
        return orjson.dumps(line).decode()


def proved_root(line: Mapping[str, Any], keys: PublicKeys) -> SignedTreeHead:
    """Return the root that a document's entry is proved to stand under.

    Raises SignatureInvalid for one that is not, or whose root none of the keys has signed, and KeyError, TypeError or
    ValueError for what is no such document.
    """
    root = opened(line["statement"], keys)
    withheld, previous = bytes.fromhex(line["withheld"]), bytes.fromhex(line["previous"])
    leaf = hash_of_parts(previous, line["writer"], line["sequence"], line["shown"], withheld)
    path = [bytes.fromhex(node) for node in line["path"]]
    if root.writer != line["writer"] or not includes(root.root, root.size, line["sequence"] - 1, leaf, path):
        raise SignatureInvalid("not in the record that was signed")
    orjson.loads(line["shown"])
    return root


@dataclass(slots=True)
class HashBudget:
    """How many hashes the proofs of an operation may still be made from."""

    left: int = MOST_HASHES

    def spend(self, hashes: int) -> None:
        """Raises Refused where there are not so many left, and leaves none."""
        self.left -= hashes
        if self.left < 0:
            raise Refused("these entries lie too far apart to be proved together: ask for fewer at a time")


class UsageProofs:
    """Makes proofs one window at a time, whoever asks: they take no more than one connection and one thread."""

    def __init__(self, engine: AsyncEngine, keys: PublicKeys) -> None:
        """`keys` are those that our roots are signed with."""
        self._engine = engine
        self._keys = keys
        self._turn = asyncio.Lock()

    async def of(self, body_by_place: Mapping[Place, str], budget: HashBudget) -> Mapping[Place, UsageProofValue]:
        """Return the proofs of entries, each against the first root that covers it; those without one are left out.

        So are those that would prove nothing, because entries or roots are not as we wrote them: that is an alarm.

        Raises StateUnavailable, and Refused where the entries lie too far apart for the budget: then none is made.
        """
        proofs: dict[Place, UsageProofValue] = {}
        provable = {place: parts for place, body in body_by_place.items() if (parts := parts_of(body)) is not None}
        async with self._turn, reading(self._engine, PATIENT_S) as connection:
            windows = await _windows(connection, provable)
        budget.spend(sum(window.above.size - window.size_below for window in windows))
        for window in windows:
            async with self._turn:
                async with reading(self._engine, PATIENT_S) as connection:
                    leaves = await _leaves(connection, window)
                # in a thread, for a long window takes a tenth of a second, and without the connection: others need it
                proofs.update(await asyncio.to_thread(_proved, window, leaves, provable, self._keys))
        return proofs


@dataclass(frozen=True, slots=True)
class _Window:
    """The entries between two roots of a writer, and which of them are to be proved."""

    below: Row[Any] | None
    above: Row[Any]
    sequences: Sequence[int]

    @property
    def size_below(self) -> int:
        return 0 if self.below is None else int(self.below.size)


async def _windows(connection: AsyncConnection, places: Iterable[Place]) -> list[_Window]:
    windows: list[_Window] = []
    for writer, sequence in sorted(places):
        last = windows[-1] if windows else None
        if last is not None and last.above.writer == writer and sequence <= last.above.size:
            windows[-1] = _Window(last.below, last.above, [*last.sequences, sequence])
            continue
        root = AUDIT_ROOTS.c
        of_writer = select(AUDIT_ROOTS).where(root.writer == writer)
        above = await connection.execute(of_writer.where(root.size >= sequence).order_by(root.size).limit(1))
        below = await connection.execute(of_writer.where(root.size < sequence).order_by(root.size.desc()).limit(1))
        covering = above.one_or_none()
        if covering is not None:
            windows.append(_Window(below.one_or_none(), covering, [sequence]))
    return windows


async def _leaves(connection: AsyncConnection, window: _Window) -> list[bytes]:
    """Return the hash of the entry before the window, and those of the entries in it."""
    entry = AUDIT_ENTRIES.c
    within = (entry.writer == window.above.writer, entry.sequence.between(window.size_below, window.above.size))
    hashes = await connection.execute(select(entry.hash).where(*within).order_by(entry.sequence))
    leaves = list(hashes.scalars())
    return leaves if window.size_below else [GENESIS, *leaves]


def _proved(
    window: _Window, leaves: Sequence[bytes], parts: Mapping[Place, tuple[str, bytes]], keys: PublicKeys
) -> dict[Place, UsageProofValue]:
    above, before = window.above, window.size_below
    below = None if window.below is None else kept_root(window.below, keys)
    held = kept_root(above, keys)
    if held is None or (window.below is not None and below is None) or len(leaves) != above.size - before + 1:
        tell_foreign([(above.writer, above.size)], "proofs")  # a root or entries are missing: nothing can be proved
        return {}
    tree = Tree(below[1] if below else Frontier(), leaves[1:])
    proofs: dict[Place, UsageProofValue] = {}
    for sequence in window.sequences:
        place, previous = (above.writer, sequence), leaves[sequence - before - 1]
        path = tree.inclusion(sequence - 1, above.size)
        proof = UsageProofValue(*place, previous, *parts[place], path, above.statement, above.signed_at)
        if includes(held[0].root, above.size, sequence - 1, proof.hash, path):
            proofs[place] = proof
    tell_foreign(
        [(above.writer, sequence) for sequence in window.sequences if (above.writer, sequence) not in proofs], "proofs"
    )
    return proofs
