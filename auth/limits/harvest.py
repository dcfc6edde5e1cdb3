"""The harvest guard: how many persons and learners a client may read about and miss in a day, and how fast.

A quota of requests does not stop somebody who reads the country slowly, or tries citizen numbers one after another; the
number of distinct subjects does. A question that finds nobody whom the client may know of is a miss and weighs more.
"""

import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from enum import Enum
from hashlib import blake2b

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.crypto.keys import PSEUDONYM_BYTES
from auth.errors import Refused, StateUnavailable
from auth.limits.shared_state import Harvest, SharedState
from auth.principal import Grant
from auth.state.engine import reading, writing
from auth.state.tables import HARVEST_STOPS
from auth.state.upsert import upsert
from reference.vietnam_time import VIETNAM

MISS_WEIGHT = 5
"""Subjects that one miss counts as."""
STRANGERS_PER_DAY = 10
"""Misses that a citizen has in a day: so many slips of the finger, and no search."""

_log = structlog.get_logger(__name__)


class StopReason(Enum):
    """Why a client is stopped or slowed, as it is kept."""

    SUBJECTS = "subjects"
    MISSES = "misses"
    PACE = "pace"


class HarvestStopped(Refused):
    """The client has read about as many as its grant lets it, or missed as many; until the day or month is over."""

    def __init__(self, message: str, wait_s: int) -> None:
        super().__init__(message, "HARVEST_STOPPED", {"Retry-After": str(wait_s)})


class HarvestSlowed(Refused):
    """The client has read as many new persons as a minute allows."""

    def __init__(self, per_minute: int, wait_s: int) -> None:
        message = f"more than {per_minute} persons and learners in a minute for this purpose"
        super().__init__(message, "RATE_LIMITED", {"Retry-After": str(wait_s)})


def seconds_left_today(now: datetime | None = None) -> int:
    """Return how long the day lasts in Vietnam, rounded up."""
    now = now or datetime.now(VIETNAM)
    return _seconds_until(now.date() + timedelta(days=1), now)


def _seconds_until(day: date, now: datetime) -> int:
    return int((datetime.combine(day, time_of_day(), VIETNAM) - now).total_seconds()) + 1


@dataclass(frozen=True, slots=True)
class HarvestState:
    """The counts of a client for a purpose, with the limits of its grant."""

    harvest: Harvest
    grant: Grant

    @property
    def charged(self) -> int:
        """Return the subjects and weighed misses of the day, or the misses of the month where those are more.

        Who tries few numbers a day, every day, is stopped when the misses of a month reach the limit of a day.
        """
        harvest = self.harvest
        return max(harvest.subjects + MISS_WEIGHT * harvest.misses, harvest.misses_in_month)

    @property
    def misses_allowed(self) -> int:
        """Return how many misses of the day, in all purposes, go with so many persons found."""
        return self.grant.misses_per_day + self.grant.misses_percent * self.harvest.subjects_in_all // 100

    @property
    def stopped(self) -> StopReason | None:
        """Return why the client is stopped for the day; misses count first, because they stop every purpose."""
        if self.harvest.misses_in_all > self.misses_allowed:
            return StopReason.MISSES
        return StopReason.SUBJECTS if self.charged > self.grant.subjects_per_day else None

    @property
    def limit(self) -> int:
        """Return the limit that the client is beyond."""
        return self.misses_allowed if self.stopped is StopReason.MISSES else self.grant.subjects_per_day

    def refusal(self, now: datetime | None = None) -> HarvestStopped:
        """Return what a stopped client is told. `now`: in Vietnam, the present if left out."""
        now = now or datetime.now(VIETNAM)
        midnight = seconds_left_today(now)
        if self.harvest.misses_in_month > self.grant.subjects_per_day:
            # tomorrow would be refused as well; whatever else stops it ends no later
            said = f"more than {self.grant.subjects_per_day} questions this month, for this purpose, that found nobody"
            next_month = (now.date().replace(day=1) + timedelta(days=31)).replace(day=1)
            return HarvestStopped(said, _seconds_until(next_month, now))
        if self.stopped is StopReason.MISSES:
            said = f"more than {self.limit} questions today, for any purpose, that found nobody"
            return HarvestStopped(said, midnight)
        return HarvestStopped(
            f"more than {self.limit} persons and learners for this purpose today, misses counted {MISS_WEIGHT} times",
            midnight,
        )


@dataclass(frozen=True, slots=True)
class HarvestStop:
    """That a client was stopped or slowed, as an officer is shown it; of misses the numbers are of all purposes."""

    client_id: str
    purpose: str
    day: date
    reason: str
    at: datetime
    subjects: int
    misses: int
    limit: int


class HarvestGuard:
    """Counts shared by all replicas."""

    def __init__(
        self,
        shared: SharedState,
        engine: AsyncEngine,
        strangers_per_day: int = STRANGERS_PER_DAY,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now`: seconds, for what this process remembers of those who are slowed."""
        self._shared = shared
        self._engine = engine
        self._strangers_per_day = strangers_per_day
        self._now = now
        self._known: dict[tuple[str, str, date], Harvest] = {}
        """The counts of clients at the time when this process stopped them."""
        self._slowed_until: dict[tuple[str, str], float] = {}
        self._told: set[tuple[str, str, date, StopReason]] = set()

    def refusal(self, grant: Grant, today: date) -> Refused | None:
        """Return why the client may read about nobody now, where this process knows it: nothing need be read for it."""
        if not self._known and not self._slowed_until:
            return None
        known = self._known.get((grant.client_id, grant.purpose, today))
        if known is not None and (state := HarvestState(known, grant)).stopped is not None:
            return state.refusal()
        missed = self._known.get((grant.client_id, "", today))
        if missed is not None:
            # of another purpose perhaps: only the sums over all purposes say anything of this one
            in_all = Harvest(0, 0, 0, missed.subjects_in_all, missed.misses_in_all)
            if (state := HarvestState(in_all, grant)).stopped is not None:
                return state.refusal()
        wait_s = self._slowed_until.get((grant.client_id, grant.purpose), 0.0) - self._now()
        return HarvestSlowed(grant.subjects_per_minute, int(wait_s) + 1) if wait_s > 0 else None

    async def charge(
        self, grant: Grant, subjects: Sequence[bytes], misses: Sequence[bytes], today: date
    ) -> HarvestState:
        """Count the subjects, by their pseudonyms, and the misses, by digests; return how the client then stands.

        Raises HarvestStopped beyond a limit of the day and HarvestSlowed beyond that of a minute, the alarm given and
        kept, and SharedStateUnavailable where nothing can be counted: then nothing may be answered.
        """
        client_id, purpose = grant.client_id, grant.purpose
        harvest = await self._shared.harvested(client_id, purpose, today, subjects, misses, grant.subjects_per_minute)
        state = HarvestState(harvest, grant)
        reason = state.stopped
        if reason is not None:
            self._known = {stopped: last for stopped, last in self._known.items() if stopped[2] >= today}
            self._known[client_id, "" if reason is StopReason.MISSES else purpose, today] = harvest
            counted = (harvest.subjects, harvest.misses)
            if reason is StopReason.MISSES:
                counted = (harvest.subjects_in_all, harvest.misses_in_all)
            await self._tell(HarvestStop(client_id, purpose, today, reason.value, _now(), *counted, state.limit))
            raise state.refusal()
        if harvest.wait_s:
            self._slowed_until[client_id, purpose] = self._now() + harvest.wait_s
            counted = (harvest.subjects, harvest.misses)
            limit = grant.subjects_per_minute
            await self._tell(HarvestStop(client_id, purpose, today, StopReason.PACE.value, _now(), *counted, limit))
            raise HarvestSlowed(limit, harvest.wait_s)
        return state

    async def charge_citizen(
        self, client_id: str, purpose: str, citizen: bytes, misses: Sequence[bytes], today: date
    ) -> None:
        """Count what a citizen asked for in vain. Raises HarvestStopped after a few of a day; what is found goes on.

        `client_id` is the app's, for the alarm; `citizen` the person's pseudonym, which neither alarm nor log names.
        A person is counted through all apps together.
        """
        harvest = await self._shared.harvested(_citizens_own(citizen), purpose, today, (), misses, 1)
        limit = self._strangers_per_day
        if harvest.misses > limit:
            await self._tell(
                HarvestStop(client_id, purpose, today, StopReason.MISSES.value, _now(), 0, harvest.misses, limit)
            )
            said = f"more than {limit} questions today that found nobody you may know of"
            raise HarvestStopped(said, seconds_left_today())

    async def state(self, grant: Grant, today: date) -> HarvestState:
        """Return the client's state without counting. Raises SharedStateUnavailable."""
        who = (grant.client_id, grant.purpose)
        return HarvestState(await self._shared.harvested(*who, today, (), (), grant.subjects_per_minute), grant)

    async def strangers(self, purpose: str, citizen: bytes, today: date) -> tuple[int, int]:
        """Return how often a citizen may ask in vain in a day, and has. Raises SharedStateUnavailable."""
        harvest = await self._shared.harvested(_citizens_own(citizen), purpose, today, (), (), 1)
        return self._strangers_per_day, harvest.misses

    async def _tell(self, stop: HarvestStop) -> None:
        """Keep the stop and give the alarm, once for the day whichever replica comes first."""
        told = (stop.client_id, stop.purpose, stop.day, StopReason(stop.reason))
        if told in self._told:
            return
        self._told = {stop_told for stop_told in self._told if stop_told[2] >= stop.day} | {told}
        row = {name: getattr(stop, name) for name in HarvestStop.__slots__}
        statement = upsert(HARVEST_STOPS, self._engine.dialect).values(row).on_conflict_do_nothing()
        try:
            async with writing(self._engine) as connection:
                first = (await connection.execute(statement)).rowcount == 1
        except (SQLAlchemyError, StateUnavailable) as error:
            _log.error("harvest stop not kept", alarm=True, error=type(error).__name__)
            first = True
        if first:
            event = "harvest slowed" if stop.reason == StopReason.PACE.value else "harvest stopped"
            _log.error(
                event,
                alarm=True,
                client_id=stop.client_id,
                purpose=stop.purpose,
                reason=stop.reason,
                subjects=stop.subjects,
                misses=stop.misses,
                limit=stop.limit,
            )


def miss_digests(
    key: bytes, request_id: str, keys: Iterable[tuple[str, Hashable]], lists: Iterable[Hashable]
) -> list[bytes]:
    """Return what misses are counted by: a key that is tried again is the same one, a list is another each time."""
    texts = [f"{column}\0{type(value).__name__}\0{value}" for column, value in keys]
    texts += [f"{request_id}\0{number}" for number, _ in enumerate(lists)]
    return [blake2b(text.encode(), key=key, digest_size=PSEUDONYM_BYTES).digest() for text in texts]


async def stops(engine: AsyncEngine, since: datetime | None = None, until: datetime | None = None) -> list[HarvestStop]:
    """Return the stops of a period, the newest first. Raises StateUnavailable."""
    statement = select(HARVEST_STOPS).order_by(HARVEST_STOPS.c.at.desc())
    if since is not None:
        statement = statement.where(HARVEST_STOPS.c.at >= since)
    if until is not None:
        statement = statement.where(HARVEST_STOPS.c.at < until)
    async with reading(engine) as connection:
        return [HarvestStop(**row) for row in (await connection.execute(statement)).mappings()]


def _now() -> datetime:
    return datetime.now(UTC)


def _citizens_own(citizen: bytes) -> str:
    """Return under which name a citizen is counted: no client's, since those have no colon before a digest."""
    return f"citizen:{citizen.hex()}"
