"""A process that changes our own state as requests do, each change before its entry: `python -m … URL RUN`."""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

from auth.audit.record import Audit
from auth.crypto.keys import Keys
from auth.crypto.signing import SigningKey
from auth.dossiers.store import Dossiers
from auth.dossiers.terms import Opener, Opening
from auth.state.engine import migrated_engine
from tests.audit_kill.writer import ENTRY, SEED

CHANGERS = 8
PERSON = "001099012345"
CHANGE = "Mutation.receiveDossier"
_LAST = date(2100, 1, 1)


async def change_for_ever(url: str, run: str) -> None:
    keys = Keys(SEED)
    engine = await migrated_engine(url)
    audit = Audit(engine, keys, SigningKey(SEED))
    await audit.start()
    dossiers, numbers = Dossiers(engine, keys), count()

    async def change_one_after_another() -> None:
        for number in numbers:
            name, now = f"{run}-{number}", datetime.now(UTC)
            opening = Opening("department", "diploma-reissue", name, Opener.AGENCY, _LAST, _LAST, "sealed")
            begun = replace(ENTRY, at=now, request_id=name, released=(CHANGE,), subjects=())
            with audit.noting(begun):
                await dossiers.open(opening, PERSON, now, now.date())
            os.write(1, f"{name}\n".encode())
            await audit.record(replace(begun, subjects=[keys.pseudonym(PERSON)]))

    await asyncio.gather(*(change_one_after_another() for _ in range(CHANGERS)))


if __name__ == "__main__":
    asyncio.run(change_for_ever(sys.argv[1], sys.argv[2]))
