"""Whether the secrets we are given are those that our state was made with, and which keys have signed in it.

The state keeps a check value of each master secret, by its version, and the public keys that have signed. A check
value is derived from the secret and tells nothing of it; a public key has a tag, so nobody publishes one through us.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.signed_roots import opened
from auth.crypto.audit_keys import RecordKeys
from auth.crypto.keys import Keys
from auth.crypto.signing import SignatureInvalid, SigningKey, published_key
from auth.errors import NotStarted
from auth.state.engine import writing
from auth.state.tables import AUDIT_ROOTS, MASTER_SECRETS, SIGNING_KEYS

_LOCK = 0x6C746B6579636865
"""The advisory lock that replicas starting together take in turn."""
_MASTER, _EARLIER = "LIENTHONG_MASTER_SECRET", "LIENTHONG_EARLIER_SECRETS"

_log = structlog.get_logger(__name__)


async def checked_keys(
    engine: AsyncEngine, keys: Keys, signing: SigningKey | None = None, keep: bool = True
) -> RecordKeys:
    """Return the keys of the record, those that have signed before among them.

    Raises NotStarted where a secret is not the one that the state was made with, and names which. `keep`: whether a new
    secret and a new signing key are noted in the state, as a server does and a command does not.
    """
    async with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        kept = {row.version: row.check_value for row in await connection.execute(select(MASTER_SECRETS))}
        given = dict(enumerate(keys.check_values(), 1))
        _compare(kept, given)
        record = RecordKeys(keys, signing, await _signed_before(connection, RecordKeys(keys, signing)))
        if not kept:
            await _compare_root(connection, record)
        if keep:
            await _keep(connection, {version: given[version] for version in given.keys() - kept.keys()}, record)
    return record


def _compare(kept: Mapping[int, bytes], given: Mapping[int, bytes]) -> None:
    """Raise NotStarted where the secrets given are not those kept, or fewer."""
    for version in sorted(kept.keys() & given.keys()):
        if kept[version] == given[version]:
            continue
        if version == len(given):
            raise NotStarted(
                f"{_MASTER} must be the secret that the state was made with; one that replaces it needs the earlier "
                f"ones in {_EARLIER}"
            )
        raise NotStarted(
            f"{_EARLIER} must hold the secrets used before, the oldest first: number {version} is not the one that the "
            "state was made with"
        )
    if len(kept) > len(given):
        raise NotStarted(
            f"{_EARLIER} must hold all secrets used before: the state was made with {len(kept)} secrets, of which "
            f"{len(given)} are given"
        )


async def _compare_root(connection: AsyncConnection, record: RecordKeys) -> None:
    """Raise NotStarted where a state from before check values has a root that none of our keys has signed."""
    latest = select(AUDIT_ROOTS.c.statement).order_by(AUDIT_ROOTS.c.number.desc()).limit(1)
    statement = await connection.scalar(latest)
    try:
        if statement is not None:
            opened(statement, record.public)
    except SignatureInvalid:
        raise NotStarted(
            f"{_MASTER} (or LIENTHONG_SIGNING_KEY) must be the one that has signed the audit record of the state"
        ) from None


async def _signed_before(connection: AsyncConnection, record: RecordKeys) -> Sequence[Mapping[str, Any]]:
    """Return the public keys kept, the newest first, but those that we did not put there."""
    rows = await connection.execute(select(SIGNING_KEYS).order_by(SIGNING_KEYS.c.first_used.desc()))
    ours = []
    for row in rows:
        if record.vouched(row.public_key, row.tag):
            ours.append(published_key(row.public_key, row.key_id))
        else:
            _log.error("signing key not ours", alarm=True, key=row.key_id)
    return ours


async def _keep(connection: AsyncConnection, new: Mapping[int, bytes], record: RecordKeys) -> None:
    now = datetime.now(UTC)
    for version, check_value in sorted(new.items()):
        row = {"version": version, "check_value": check_value, "first_used": now}
        await connection.execute(insert(MASTER_SECRETS).values(row))
    [public, *_] = record.published()
    held = select(SIGNING_KEYS.c.key_id).where(SIGNING_KEYS.c.key_id == public["kid"])
    if await connection.scalar(held) is None:
        row = {"key_id": public["kid"], "public_key": public["x"], "tag": record.vouch(public["x"]), "first_used": now}
        await connection.execute(insert(SIGNING_KEYS).values(row))
