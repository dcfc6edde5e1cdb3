"""An audit record to try things on: entries, and its export as lines."""

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit import Audit
from auth.audit_chain import Entry
from auth.audit_export import Export
from auth.audit_verify import Verification
from auth.keys import Keys
from auth.principal import PrincipalKind
from auth.signing import PublicKeys, SigningKey

NUMBER = "001099012345"
KEYS = Keys(bytes(range(32)))
KEY = SigningKey(bytes(range(32)))
PUBLIC = PublicKeys([KEY.published()])
ENTRY = Entry(
    at=datetime(2026, 11, 21, 8, 0, 0, 123, UTC),
    request_id="r-1",
    client_id="school",
    principal_kind=PrincipalKind.CLIENT,
    purpose="school-management",
    case="H01-7",
    operation_hash="ab" * 16,
    operation_name="Class",
    released=("Learner.fullName",),
    denied=(("Learner.phone", "ROLE_NOT_PERMITTED", "school-contact"),),
    subjects=(KEYS.pseudonym(NUMBER),),
    rows=1,
    rules=("school-names",),
    bases=("public task",),
    latency_us=1500,
)
TODAY = ENTRY.at.date()


async def recorded(engine: AsyncEngine, entries: int, roots: int = 1, key: SigningKey = KEY) -> Audit:
    """Record as many entries for each of so many roots, and stop."""
    audit = Audit(engine, KEYS, key)
    await audit.start()
    for _ in range(roots):
        for _ in range(entries):
            await audit.record(ENTRY)
        await audit.sign()
    await audit.stop()
    return audit


async def lines_of(engine: AsyncEngine, since: datetime | None = None, entries: bool = True) -> list[bytes]:
    return [orjson.dumps(line) async for line in Export(engine, since, entries).lines()]


def verified(lines: Sequence[bytes], witness: Sequence[bytes] = (), keys: PublicKeys = PUBLIC) -> list[str]:
    """Return what a verifier finds wrong."""
    verification = Verification(keys)
    verification.read(lines, witness)
    return [str(finding) for finding in verification.findings]
