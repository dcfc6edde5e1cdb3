"""The harvest guard: how many persons and learners a client may read about in a day for one purpose.

A quota of requests does not stop somebody who reads the country slowly, or tries citizen numbers one after another; the
number of distinct subjects does. A key that finds nobody whom the client may know of is a miss and weighs more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.errors import Refused, StateUnavailable
from auth.shared_state import Harvest, SharedState
from auth.state.engine import reading, writing
from auth.state.tables import HARVEST_STOPS
from auth.state.upsert import upsert
from reference.vietnam_time import VIETNAM

MISS_WEIGHT = 5
"""Subjects that one miss counts as."""

_log = structlog.get_logger(__name__)


class HarvestStopped(Refused):
    """The client has read about as many as its grant lets it."""

    def __init__(self, limit: int) -> None:
        now = datetime.now(VIETNAM)
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), VIETNAM)
        wait_s = int((midnight - now).total_seconds()) + 1
        message = f"more than {limit} persons and learners for this purpose today, misses counted {MISS_WEIGHT} times"
        super().__init__(message, "HARVEST_STOPPED", {"Retry-After": str(wait_s)})


@dataclass(frozen=True, slots=True)
class HarvestState:
    """How a client stands for a purpose; `charged` is what counts against the limit."""

    subjects: int
    misses: int
    misses_in_month: int
    limit: int

    @property
    def charged(self) -> int:
        """Return the subjects and weighed misses of the day, or the misses of the month where those are more.

        Who tries few numbers a day, every day, is stopped when the misses of a month reach the limit of a day.
        """
        return max(self.subjects + MISS_WEIGHT * self.misses, self.misses_in_month)

    @property
    def stopped(self) -> bool:
        return self.charged > self.limit


@dataclass(frozen=True, slots=True)
class HarvestStop:
    """That a client was stopped: what an officer is shown."""

    client_id: str
    purpose: str
    day: date
    at: datetime
    subjects: int
    misses: int
    limit: int


class HarvestGuard:
    """Counts for every replica alike."""

    def __init__(self, shared: SharedState, engine: AsyncEngine) -> None:
        self._shared = shared
        self._engine = engine
        self._charged: dict[tuple[str, str, date], int] = {}
        """What clients had come to when this process stopped them."""

    def check(self, client_id: str, purpose: str, limit: int, today: date) -> None:
        """Raise HarvestStopped where this process knows it already: before anything is read, and for nothing."""
        if self._charged.get((client_id, purpose, today), 0) > limit:
            raise HarvestStopped(limit)

    async def charge(
        self, client_id: str, purpose: str, subjects: Sequence[bytes], misses: int, limit: int, today: date
    ) -> HarvestState:
        """Count the subjects, by their pseudonyms, and the misses, and return how the client then stands.

        Raises HarvestStopped beyond the limit, the alarm given and
        kept, and SharedStateUnavailable where nothing can be counted: then nothing may be answered.
        """
        harvest = await self._shared.harvested(client_id, purpose, today, subjects, misses)
        state = HarvestState(harvest.subjects, harvest.misses, harvest.misses_in_month, limit)
        if state.stopped:
            await self._tell(client_id, purpose, today, harvest, limit)
            self._charged = {stopped: charged for stopped, charged in self._charged.items() if stopped[2] >= today}
            self._charged[client_id, purpose, today] = state.charged
            raise HarvestStopped(limit)
        return state

    async def _tell(self, client_id: str, purpose: str, day: date, harvest: Harvest, limit: int) -> None:
        """Keep the stop and give the alarm, once for the day whichever replica comes first."""
        if (client_id, purpose, day) in self._charged:
            return
        row = {
            "client_id": client_id,
            "purpose": purpose,
            "day": day,
            "at": datetime.now(UTC),
            "subjects": harvest.subjects,
            "misses": harvest.misses,
            "limit": limit,
        }
        statement = upsert(HARVEST_STOPS, self._engine.dialect).values(row).on_conflict_do_nothing()
        try:
            async with writing(self._engine) as connection:
                first = (await connection.execute(statement)).rowcount == 1
        except (SQLAlchemyError, StateUnavailable) as error:
            _log.error("harvest stop not kept", alarm=True, error=type(error).__name__)
            first = True
        if first:
            numbers = {"subjects": harvest.subjects, "misses": harvest.misses, "limit": limit}
            _log.error("harvest stopped", alarm=True, client_id=client_id, purpose=purpose, **numbers)


async def stops(engine: AsyncEngine, since: datetime | None = None, until: datetime | None = None) -> list[HarvestStop]:
    """Return the stops of a period, the newest first. Raises StateUnavailable."""
    statement = select(HARVEST_STOPS).order_by(HARVEST_STOPS.c.at.desc())
    if since is not None:
        statement = statement.where(HARVEST_STOPS.c.at >= since)
    if until is not None:
        statement = statement.where(HARVEST_STOPS.c.at < until)
    async with reading(engine) as connection:
        return [HarvestStop(**row) for row in (await connection.execute(statement)).mappings()]
