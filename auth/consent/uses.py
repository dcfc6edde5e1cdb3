"""Readings under consents that limit how often: counted for all replicas, before anything is read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.consent.terms import Frequency
from auth.state.engine import writing
from auth.state.sets import among
from auth.state.tables import CONSENT_USES, CONSENTS


async def used(engine: AsyncEngine, frequencies: Mapping[int, Frequency], at: datetime) -> frozenset[int]:
    """Return which of the consents leave a reading at this instant, and count it, once for the same instant.

    Whoever comes at the same time waits for the consents' rows, so that nobody reads once too often.
    """
    ids = sorted(frequencies)
    of_these = among(CONSENT_USES.c.consent, ids, engine.dialect)
    held = select(CONSENTS.c.id).where(among(CONSENTS.c.id, ids, engine.dialect)).order_by(CONSENTS.c.id)
    counts = select(CONSENT_USES.c.consent, func.count()).where(of_these).group_by(CONSENT_USES.c.consent)
    now = select(CONSENT_USES.c.consent).where(of_these, CONSENT_USES.c.at == at)
    async with writing(engine) as connection:
        await connection.execute(held.with_for_update())
        await connection.execute(delete(CONSENT_USES).where(of_these, CONSENT_USES.c.until <= at))
        reads_by_id = {row[0]: row[1] for row in await connection.execute(counts)}
        again = set((await connection.execute(now)).scalars())
        new = [
            consent_id
            for consent_id in ids
            if consent_id not in again and reads_by_id.get(consent_id, 0) < frequencies[consent_id].reads
        ]
        if new:
            rows: list[dict[str, Any]] = [
                {"consent": consent_id, "at": at, "until": at + frequencies[consent_id].period.length}
                for consent_id in new
            ]
            await connection.execute(insert(CONSENT_USES), rows)
    return frozenset({*again, *new})
