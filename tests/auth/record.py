"""An audit record to try things on: entries, and its export as lines."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

import orjson
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.log.chain import GENESIS, Entry, hash_of
from auth.audit.log.merkle import Frontier
from auth.audit.log.signed_roots import RootLog, TreeState
from auth.audit.proof.export import Export
from auth.audit.proof.verify import Verification
from auth.audit.record import Audit
from auth.crypto.audit_keys import RecordKeys
from auth.crypto.keys import Keys
from auth.crypto.signing import PublicKeys, SigningKey
from auth.principal import PrincipalKind
from auth.state.engine import writing
from auth.state.tables import AUDIT_ENTRIES, AUDIT_SUBJECTS, AUDIT_WRITERS

NUMBER = "001099012345"
KEYS = Keys(bytes(range(32)))
KEY = SigningKey(bytes(range(32)))
RECORD = RecordKeys(KEYS, KEY)
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
BODY_OF_BEFORE = orjson.dumps(
    {
        "at": ENTRY.at.isoformat(),
        "bases": [],
        "case": None,
        "client_id": "school",
        "denied": [],
        "latency_us": 1,
        "operation_hash": "ab",
        "operation_name": None,
        "principal_kind": "client",
        "purpose": "school-management",
        "released": [],
        "request_id": "r-0",
        "rows": 1,
        "rules": [],
        "subjects": sha256(KEYS.pseudonym(NUMBER)).hexdigest(),
    }
).decode()
"""A body as it was before bodies had two lines and entries had tags; it is about NUMBER."""


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


async def left_by_before(engine: AsyncEngine, body: str, subject: bytes, signed: bool = True) -> int:
    """Put in an entry as it was kept before entries were tagged, under a root if `signed`, and return its writer."""
    stated = orjson.loads(body)
    place = {"sequence": 1, "at": datetime.fromisoformat(stated["at"])}
    async with writing(engine) as connection:
        opened = insert(AUDIT_WRITERS).values(started_at=place["at"]).returning(AUDIT_WRITERS.c.id)
        writer: int = (await connection.execute(opened)).scalar_one()
        place["writer"] = writer
        entry_hash = hash_of(GENESIS, writer, 1, body.encode())
        searched = {"client_id": stated["client_id"], "purpose": stated["purpose"]}
        kept = {"body": body, "hash": entry_hash, "subjects": subject, **searched}
        await connection.execute(insert(AUDIT_ENTRIES).values(**place, **kept))
        await connection.execute(insert(AUDIT_SUBJECTS).values(**place, subject=subject))
    if signed:
        tree = Frontier()
        tree.grow(entry_hash)
        stand = TreeState(writer, 1, tree.root(), entry_hash, b"".join(tree.peaks))
        await RootLog(engine, RECORD).sign([stand], datetime.now(UTC))
    return writer


async def lines_of(engine: AsyncEngine, since: datetime | None = None, entries: bool = True) -> list[bytes]:
    return [orjson.dumps(line) async for line in Export(engine, RECORD, since, entries).lines()]


def verified(lines: Sequence[bytes], witness: Sequence[bytes] = (), keys: PublicKeys = PUBLIC) -> list[str]:
    """Return what a verifier finds wrong."""
    verification = Verification(keys)
    verification.read(lines, witness)
    return [str(finding) for finding in verification.findings]
