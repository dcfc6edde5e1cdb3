"""Figures fixed at their first publication in a month, so that repeated queries do not show changes in between."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.crypto.keys import Keys
from auth.principal import Jurisdiction
from auth.state.engine import reading, writing
from auth.state.tables import PUBLISHED_COUNTS
from auth.state.upsert import upsert

_T = PUBLISHED_COUNTS.c


@dataclass(frozen=True, slots=True)
class Published:
    """The day of the count, and by group the number as it is shown, None where it is not."""

    counted_on: date
    shown: tuple[tuple[Any, int | None], ...]


class PublishedCounts:
    """The figures of the month, shared by all replicas."""

    def __init__(self, engine: AsyncEngine, keys: Keys) -> None:
        self._engine = engine
        self._keys = keys

    def place(self, what: str, covers: Jurisdiction, today: date) -> bytes:
        """Return what stands for these figures of this month: the same for all who may count the same rows."""
        places = [sorted(covers.provinces), sorted(covers.communes), sorted(covers.institutions, key=str)]
        named = orjson.dumps([f"{today:%Y-%m}", what, covers.country, *places]).decode()
        return self._keys.pseudonym(f"figures {named}")

    async def of(self, place: bytes) -> Published | None:
        """Return the figures; None if none were published this month. Raises StateUnavailable."""
        async with reading(self._engine) as connection:
            row = (await connection.execute(select(_T.counted_on, _T.shown).where(_T.place == place))).first()
        return None if row is None else Published(row.counted_on, tuple(map(tuple, orjson.loads(row.shown))))

    async def kept(self, place: bytes, figures: Published) -> Published:
        """Keep the figures and return those of the month: of several who come at once, the first one's.

        Raises StateUnavailable: then nothing may be told.
        """
        end = (figures.counted_on.replace(day=1) + timedelta(days=32)).replace(day=1)
        row = {
            "place": place,
            "counted_on": figures.counted_on,
            "until": end,
            "shown": orjson.dumps(figures.shown).decode(),
        }
        statement = upsert(PUBLISHED_COUNTS, self._engine.dialect).values(row).on_conflict_do_nothing()
        async with writing(self._engine) as connection:
            await connection.execute(delete(PUBLISHED_COUNTS).where(_T.until <= figures.counted_on))
            await connection.execute(statement)
        return await self.of(place) or figures
