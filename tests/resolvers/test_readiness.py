"""A replica says whether it can serve, by the ways that requests go, and asks no more for being asked often."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.agreements.grants import Grants
from auth.audit.record import Audit
from auth.crypto.keys import Keys
from auth.limits.local_state import LocalState
from auth.limits.redis_state import RedisState
from auth.state.clock import Clock
from auth.state.engine import migrated_engine
from connectors.errors import SourceContractBroken, SourceUnavailable
from connectors.source import Count, Lookup, Page, Row
from resolvers.readiness import LASTS_S, Readiness, Report
from tests.relay import Relay, relay
from tests.servers import free_port

pytestmark = pytest.mark.anyio


class Register:
    """Counts how often it is asked whether it is ready, and answers as it is told."""

    def __init__(self, register: str, failure: Exception | None = None) -> None:
        self.register, self.failure = register, failure
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def ready(self) -> None:
        self.asked += 1
        await self.may_answer.wait()
        if self.failure is not None:
            raise self.failure

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        raise NotImplementedError

    async def page(self, page: Page) -> Sequence[Row]:
        raise NotImplementedError

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        raise NotImplementedError

    async def close(self) -> None:
        return


class Replica:
    """What a replica's readiness is found out of."""

    def __init__(self, engine: AsyncEngine, keys: Keys) -> None:
        self.engine = engine
        self.registers = {name: Register(name) for name in ("education", "population")}
        self.audit = Audit(engine, keys)
        self.shared: LocalState | RedisState = LocalState()
        self.ahead_s = 0.0

    def readiness(self) -> Readiness:
        clock = Clock(self.engine, lambda: datetime.now(UTC) + timedelta(seconds=self.ahead_s))
        return Readiness(self.registers, Grants(self.engine), self.audit, clock, self.shared, 5.0, ("education",))

    async def report(self) -> Report:
        readiness = self.readiness()
        try:
            return await readiness.report("1")
        finally:
            await readiness.close()


@pytest.fixture
def keys() -> Keys:
    return Keys(bytes(range(32)))


@pytest.fixture
async def replica(fresh_state: str, keys: Keys) -> AsyncIterator[Replica]:
    engine = await migrated_engine(fresh_state)
    made = Replica(engine, keys)
    await made.audit.start()
    yield made
    await made.audit.stop()
    await engine.dispose()


WELL = {
    "ready": True,
    "state": "ready",
    "clock": "ready",
    "sharedState": "ready",
    "registers": {"education": "ready", "population": "ready"},
    "why": [],
    "policy": "1",
}


async def test_one_that_can_serve_says_of_everything_that_it_is_ready(replica: Replica) -> None:
    assert await replica.report() == (True, WELL)


@pytest.mark.parametrize(
    ("register", "failure", "ready", "word"),
    [
        ("population", SourceUnavailable("population", "away"), True, "unavailable"),
        ("education", SourceUnavailable("education", "away"), False, "unavailable"),
        ("education", SourceContractBroken("education", "no such table"), False, "unfit"),
        ("education", RuntimeError("nobody thought of this"), False, "unavailable"),
    ],
)
async def test_whatever_a_register_does_is_a_finding(
    replica: Replica, register: str, failure: Exception, ready: bool, word: str
) -> None:
    replica.registers[register].failure = failure

    found = await replica.report()

    registers = {**WELL["registers"], register: word}  # type: ignore[dict-item]
    assert found == (ready, {**WELL, "ready": ready, "registers": registers, "why": [f"register {register}: {word}"]})


async def test_however_many_ask_at_once_everything_is_looked_at_once_a_second(replica: Replica) -> None:
    readiness = replica.readiness()
    reports = await asyncio.gather(*(readiness.report("1") for _ in range(200)))
    reports += [await readiness.report("1") for _ in range(200)]

    assert [register.asked for register in replica.registers.values()] == [1, 1]
    assert reports == [(True, WELL)] * 400

    await asyncio.sleep(LASTS_S)
    await readiness.report("1")
    assert [register.asked for register in replica.registers.values()] == [2, 2]
    await readiness.close()


async def test_what_does_not_answer_is_told_in_time_and_asked_no_second_time(replica: Replica) -> None:
    education = replica.registers["education"]
    education.may_answer.clear()
    readiness = replica.readiness()

    first = await asyncio.wait_for(readiness.report("1"), 5)
    await asyncio.sleep(LASTS_S)
    second = await asyncio.wait_for(readiness.report("1"), 5)
    education.may_answer.set()
    await asyncio.sleep(LASTS_S)
    third = await readiness.report("1")

    assert [(one.ready, one.body["registers"]["education"]) for one in (first, second, third)] == [
        (False, "unavailable"),
        (False, "unavailable"),
        (True, "ready"),
    ]
    assert education.asked == 2
    await readiness.close()


async def test_one_whose_record_takes_nothing_is_not_ready(replica: Replica) -> None:
    await replica.audit.stop()

    found = await replica.report()

    assert (found.ready, found.body["state"], found.body["why"]) == (False, "unavailable", ["state: unavailable"])


async def test_without_redis_a_replica_serves_on_and_says_so(replica: Replica) -> None:
    replica.shared = RedisState(f"redis://127.0.0.1:{free_port()}/0")

    found = await replica.report()

    assert found == (True, {**WELL, "sharedState": "unavailable", "why": ["shared state: unavailable"]})
    await replica.shared.close()


@pytest.fixture
async def away(fresh_database: Callable[[str], str], keys: Keys) -> AsyncIterator[tuple[Replica, Relay]]:
    """A replica whose state is in PostgreSQL, behind a relay."""
    url = make_url(fresh_database("readiness"))
    assert url.port is not None
    async with relay(url.port) as way:
        engine = await migrated_engine(url.set(port=way.port).render_as_string(hide_password=False))
        made = Replica(engine, keys)
        await made.audit.start()
        yield made, way
        await made.audit.stop()
        await engine.dispose()


@pytest.mark.servers
@pytest.mark.parametrize(
    ("ahead_s", "ready", "clock"),
    [
        (0.0, True, "ready"),
        (4.0, True, "ready"),
        (7.0, False, "7.0 s ahead of the database's"),
        (-60.0, False, "60.0 s behind the database's"),
    ],
)
async def test_a_clock_that_is_not_the_databases_is_told_and_serves_nobody(
    away: tuple[Replica, Relay], ahead_s: float, ready: bool, clock: str
) -> None:
    replica, _ = away
    replica.ahead_s = ahead_s

    found = await replica.report()

    why = [] if ready else [f"clock: {clock}"]
    assert found == (ready, {**WELL, "ready": ready, "clock": clock, "why": why})


@pytest.mark.servers
async def test_a_state_whose_connections_fell_silent_is_not_ready_and_soon_is_again(
    away: tuple[Replica, Relay],
) -> None:
    replica, way = away
    readiness = replica.readiness()
    assert (await readiness.report("1")).ready
    way.freeze()
    await asyncio.sleep(LASTS_S)

    silent = await readiness.report("1")
    began = time.monotonic()
    while not (await readiness.report("1")).ready:
        assert time.monotonic() - began < 10
        await asyncio.sleep(0.2)

    assert (silent.ready, silent.body["state"]) == (False, "unavailable")
    await readiness.close()
