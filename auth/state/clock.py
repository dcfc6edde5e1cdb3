"""How far this machine's clock is from that of our own state's database, by which its rows are dated and compared."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.state.engine import reading

MOST_SKEW_S = 5.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Ours, compared with the database's. SQLite has none of its own."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime] = _utc_now) -> None:
        self._engine, self._now = engine, now

    async def ahead_s(self) -> float:
        """Return by how many seconds ours is ahead, below zero: behind. Raises StateUnavailable."""
        async with reading(self._engine) as connection:
            if connection.dialect.name != "postgresql":
                return 0.0
            began = self._now()
            theirs: datetime = (await connection.execute(text("select clock_timestamp()"))).scalar_one()
            ended = self._now()
        return (began + (ended - began) / 2 - theirs).total_seconds()
