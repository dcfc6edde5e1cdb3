"""Walking a long log by offsets: how many entries there are, and where a walk began, so that each is met once.

An answer is an entry of the log itself, so pages by offset from the newest shift under whoever asks for them. A walk
therefore ends where its first answer began, whose entry the log has: no replica has to remember anything.
"""

from datetime import datetime

import orjson
from sqlalchemy import func, select, union
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.usage.entries import PLACE, Position, Sought, hidden_places, usage_of
from auth.crypto.audit_keys import RecordKeys
from auth.state.engine import reading
from auth.state.tables import AUDIT_SUBJECTS

MOST_COUNTED = 100_000
"""Entries that are counted, and skipped, at most: what a number takes does not grow beyond."""
_AT_ONCE, _TIMES = 100, 10


async def usage_number(engine: AsyncEngine, keys: RecordKeys, sought: Sought) -> int:
    """Return how many entries there are, MOST_COUNTED where there are more. Raises StateUnavailable."""
    async with reading(engine) as connection:
        # the index alone answers the first; few are hidden, and each of those is looked at
        number = await _number(connection, sought)
        return number - len(await hidden_places(connection, keys, sought, sought.period()))


async def walk_began(
    engine: AsyncEngine, keys: RecordKeys, sought: Sought, client_id: str, operation: str
) -> datetime | None:
    """Return when the client's newest operation of that name was, None where it is not among the newest entries."""
    after: Position | None = None
    for _ in range(_TIMES):
        page = await usage_of(engine, keys, sought, _AT_ONCE, after)
        for entry in page.entries:
            if entry.client_id == client_id and orjson.loads(entry.body).get("operation_name") == operation:
                return entry.at
        if not page.has_next:
            break
        after = page.last
    return None


async def _number(connection: AsyncConnection, sought: Sought) -> int:
    own = [
        select(*PLACE).where(AUDIT_SUBJECTS.c.subject == subject, *sought.period()).limit(MOST_COUNTED).subquery()
        for subject in sought.subjects
    ]
    # what is about a person under two pseudonyms is counted once
    every = own[0] if len(own) == 1 else union(*map(select, own)).subquery()
    some = select(every).limit(MOST_COUNTED).subquery()
    return int(await connection.scalar(select(func.count()).select_from(some)) or 0)
