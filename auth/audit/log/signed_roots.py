"""The log of signed roots: each says how long a writer's chain is, what its Merkle root is, and which root was before.

A leaf of a writer's tree is the hash of an entry in its chain (RFC 9162 trees, see merkle.py). The roots of all writers
are one log, numbered from 1: whoever keeps one of them can tell whether the record was cut, forked or set back since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import structlog
from sqlalchemy import Row, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.chain import GENESIS
from auth.audit.log.merkle import Frontier
from auth.crypto.audit_keys import RecordKeys
from auth.crypto.signing import PublicKeys, SignatureInvalid
from auth.state.engine import reading, writing
from auth.state.patience import PATIENT_S
from auth.state.tables import AUDIT_ROOTS

KIND = "lienthong-audit-root+jws"
_LOOKED_BACK_AT = 100
"""Roots that are checked in search of ours: forged ones cost no more than that."""
_LOCK = 0x6C74617564697472
"""The advisory lock that replicas take in turn to number their roots."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignedTreeHead:
    """What is signed: the first `size` entries of a writer's chain, the last of which has the hash `last`."""

    number: int
    writer: int
    size: int
    root: bytes
    last: bytes
    at: datetime
    previous: bytes
    """The digest of root `number` - 1, 32 zeros for the first."""

    def statement(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "writer": self.writer,
            "size": self.size,
            "root": self.root.hex(),
            "last": self.last.hex(),
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "previous": self.previous.hex(),
        }


@dataclass(frozen=True, slots=True)
class TreeState:
    """How far a writer's chain is known, ready to be signed."""

    writer: int
    size: int
    root: bytes
    last: bytes
    peaks: bytes


def opened(statement: str, keys: PublicKeys) -> SignedTreeHead:
    """Return the root that one of the keys has signed; raises SignatureInvalid."""
    return _root(keys.opened(KIND, statement))


def _root(held: Mapping[str, Any]) -> SignedTreeHead:
    try:
        return SignedTreeHead(
            int(held["number"]),
            int(held["writer"]),
            int(held["size"]),
            bytes.fromhex(held["root"]),
            bytes.fromhex(held["last"]),
            datetime.fromisoformat(held["at"]),
            bytes.fromhex(held["previous"]),
        )
    except (KeyError, TypeError, ValueError):
        raise SignatureInvalid("not the statement of a root") from None


def digest_of(statement: str) -> bytes:
    """Return what the next root names this one by."""
    return sha256(statement.encode()).digest()


def peaks_of(size: int, stored: bytes) -> Frontier:
    """Return the frontier that a root keeps in `audit_roots.peaks`; raises ValueError where it is garbled."""
    return Frontier(size, [stored[start : start + 32] for start in range(0, len(stored), 32)])


def kept_root(row: Row[Any], keys: PublicKeys) -> tuple[SignedTreeHead, Frontier] | None:
    """Return the root in a row and the tree that it signs; None if its signature is not ours."""
    try:
        root, frontier = opened(row.statement, keys), peaks_of(row.size, row.peaks)
    except (SignatureInvalid, ValueError):
        return None
    stated = root.number, root.writer, root.size, root.root
    return (root, frontier) if stated == (row.number, row.writer, row.size, frontier.root()) else None


class RootLog:
    """Signs roots. Remembers the last one it has seen, so that a record set back under a running process shows."""

    def __init__(self, engine: AsyncEngine, keys: RecordKeys) -> None:
        self._engine = engine
        self._keys = keys
        self._seen: tuple[int, bytes] | None = None

    async def sign(self, stands: Sequence[TreeState], at: datetime) -> None:
        """Append a root for each tree state, unless its writer has one of that size already."""
        async with writing(self._engine, PATIENT_S) as connection:
            await _one_signer_at_a_time(connection)
            await self._look_back(connection)
            seen = await self._append(connection, stands, at)
        self._seen = seen or self._seen

    async def _append(
        self, connection: AsyncConnection, stands: Sequence[TreeState], at: datetime
    ) -> tuple[int, bytes] | None:
        last = await _last(connection)
        for stand in stands:
            latest_of = await last_root(connection, self._keys.public, stand.writer)
            if latest_of is not None and stand.size <= latest_of[0].size:
                continue
            number, previous = last or (0, GENESIS)
            root = SignedTreeHead(number + 1, stand.writer, stand.size, stand.root, stand.last, at, previous)
            statement = self._keys.signing.signed(KIND, root.statement())
            row = {
                "number": root.number,
                "writer": root.writer,
                "size": root.size,
                "signed_at": at,
                "peaks": stand.peaks,
                "statement": statement,
            }
            await connection.execute(insert(AUDIT_ROOTS).values(row))
            last = root.number, digest_of(statement)
        return last

    async def _look_back(self, connection: AsyncConnection) -> None:
        """Raise the alarm where the root seen last is no longer there as it was, or one since then is not ours."""
        if self._seen is None:
            return
        number, digest = self._seen
        since = select(AUDIT_ROOTS).where(AUDIT_ROOTS.c.number >= number).order_by(AUDIT_ROOTS.c.number)
        rows = (await connection.execute(since.limit(_LOOKED_BACK_AT))).all()
        if not rows or rows[0].number != number or digest_of(rows[0].statement) != digest:
            _log.error("audit record is not the one that was signed", alarm=True, root=number)
        for row in rows:
            if kept_root(row, self._keys.public) is None:
                _log.error("audit root not ours", alarm=True, root=row.number)


async def latest(engine: AsyncEngine) -> str | None:
    """Return the statement signed last, to be published: what a witness keeps."""
    statement = select(AUDIT_ROOTS.c.statement).order_by(AUDIT_ROOTS.c.number.desc()).limit(1)
    async with reading(engine) as connection:
        found: str | None = await connection.scalar(statement)
        return found


async def _one_signer_at_a_time(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


async def _last(connection: AsyncConnection) -> tuple[int, bytes] | None:
    statement = select(AUDIT_ROOTS.c.number, AUDIT_ROOTS.c.statement).order_by(AUDIT_ROOTS.c.number.desc()).limit(1)
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else (row.number, digest_of(row.statement))


async def last_root(
    connection: AsyncConnection, keys: PublicKeys, writer: int, up_to: int | None = None
) -> tuple[SignedTreeHead, Frontier] | None:
    """Return the writer's longest root that we signed, of at most that size, and its tree; forged ones do not count."""
    root = AUDIT_ROOTS.c
    statement = select(AUDIT_ROOTS).where(root.writer == writer).order_by(root.size.desc()).limit(_LOOKED_BACK_AT)
    if up_to is not None:
        statement = statement.where(root.size <= up_to)
    for row in await connection.execute(statement):
        held = kept_root(row, keys)
        if held is not None:
            return held
    return None
