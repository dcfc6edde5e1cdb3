"""A process that records under load and says of each entry that it was answered: `python -m … URL RUN`."""

import asyncio
import dataclasses
import os
import sys
from datetime import UTC, datetime
from itertools import count

from auth.audit.log.chain import Entry
from auth.audit.record import Audit
from auth.crypto.keys import Keys
from auth.crypto.signing import SigningKey
from auth.principal import PrincipalKind
from auth.state.engine import migrated_engine

RECORDERS = 32
SEED = bytes(range(32))
_KEYS = Keys(SEED)
ENTRY = Entry(
    at=datetime.now(UTC),
    request_id="",
    client_id="school",
    principal_kind=PrincipalKind.CLIENT,
    purpose="school-management",
    case=None,
    operation_hash="ab" * 16,
    operation_name="Class",
    released=("Learner.fullName",),
    denied=(),
    subjects=[_KEYS.pseudonym(f"{number:012d}") for number in range(20)],
    rows=20,
    rules=("school-names",),
    bases=("public task",),
    latency_us=1500,
)


async def record_for_ever(url: str, run: str) -> None:
    engine = await migrated_engine(url)
    audit = Audit(engine, _KEYS, SigningKey(SEED), root_interval_s=0.2)
    await audit.start()
    numbers = count()

    async def answer_one_after_another() -> None:
        for number in numbers:
            request_id = f"{run}-{number}"
            await audit.record(dataclasses.replace(ENTRY, request_id=request_id, at=datetime.now(UTC)))
            os.write(1, f"{request_id}\n".encode())  # at once: what a caller has read cannot be taken back

    await asyncio.gather(*(answer_one_after_another() for _ in range(RECORDERS)))


if __name__ == "__main__":
    asyncio.run(record_for_ever(sys.argv[1], sys.argv[2]))
