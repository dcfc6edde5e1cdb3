"""A client reads about so many people in a day and no more, however slowly, from however many replicas."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import date, timedelta

import pytest
from redis import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.errors import SharedStateUnavailable
from auth.harvest import HarvestGuard, HarvestState, HarvestStopped, stops
from auth.keys import Keys
from auth.shared_state import Harvest, SharedState
from auth.shared_state_local import LocalState
from auth.shared_state_redis import RedisState
from auth.state.engine import writing
from tests import servers

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 21)
WHO = ("university", "university-admission")


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.servers)])
async def shared(request: pytest.FixtureRequest) -> AsyncIterator[SharedState]:
    state: SharedState
    if request.param == "local":
        state = LocalState()
    else:
        url: str = request.getfixturevalue("redis_url")
        Redis.from_url(url).flushall()
        state = RedisState(url)
    yield state
    await state.close()


@pytest.fixture
def guard(shared: SharedState, engine: AsyncEngine) -> HarvestGuard:
    return HarvestGuard(shared, engine)


def _people(keys: Keys, numbers: range) -> list[bytes]:
    return [keys.pseudonym(f"{number:012d}") for number in numbers]


async def test_people_count_once_a_day_for_each_client_and_purpose(shared: SharedState, keys: Keys) -> None:
    await shared.harvested(*WHO, TODAY, _people(keys, range(3)), 1)

    assert await shared.harvested(*WHO, TODAY, _people(keys, range(1, 4)), 2) == Harvest(4, 3, 3)
    assert await shared.harvested(*WHO, TODAY, (), 0) == Harvest(4, 3, 3)
    tomorrow = TODAY + timedelta(days=1)
    assert await shared.harvested(*WHO, tomorrow, _people(keys, range(2)), 0) == Harvest(2, 0, 3)
    assert await shared.harvested(*WHO, TODAY + timedelta(days=10), (), 0) == Harvest(0, 0, 0)
    assert await shared.harvested("university", "statistics", TODAY, (), 0) == Harvest(0, 0, 0)
    assert await shared.harvested("school", "university-admission", TODAY, (), 0) == Harvest(0, 0, 0)


async def test_many_people_are_counted_to_within_2_percent(shared: SharedState, keys: Keys) -> None:
    for start in range(0, 20_000, 500):
        harvest = await shared.harvested(*WHO, TODAY, _people(keys, range(start, start + 500)), 0)

    assert harvest.subjects == pytest.approx(20_000, rel=0.02)


async def test_reading_up_to_the_limit_is_answered_and_beyond_it_stopped(guard: HarvestGuard, keys: Keys) -> None:
    at_limit = await guard.charge(*WHO, _people(keys, range(10)), 0, 10, TODAY)
    again = await guard.charge(*WHO, _people(keys, range(10)), 0, 10, TODAY)
    with pytest.raises(HarvestStopped) as stopped:
        await guard.charge(*WHO, _people(keys, range(10, 11)), 0, 10, TODAY)

    assert at_limit == again == HarvestState(10, 0, 0, 10)
    assert stopped.value.code == "HARVEST_STOPPED"
    assert stopped.value.message.startswith("more than 10 persons and learners")
    assert 0 < int(stopped.value.headers["Retry-After"]) <= 86_401


async def test_who_is_stopped_stays_so_for_the_day_and_that_purpose(guard: HarvestGuard, keys: Keys) -> None:
    with pytest.raises(HarvestStopped):
        await guard.charge(*WHO, _people(keys, range(11)), 0, 10, TODAY)

    with pytest.raises(HarvestStopped):
        await guard.charge(*WHO, (), 0, 10, TODAY)
    assert not (await guard.charge("university", "statistics", (), 0, 10, TODAY)).stopped
    assert not (await guard.charge(*WHO, (), 0, 10, TODAY + timedelta(days=1))).stopped
    assert not (await guard.charge(*WHO, (), 0, 20, TODAY)).stopped  # its grant was widened


async def test_who_is_known_to_be_stopped_reads_nothing_more(guard: HarvestGuard, keys: Keys) -> None:
    guard.check(*WHO, 10, TODAY)
    with pytest.raises(HarvestStopped):
        await guard.charge(*WHO, _people(keys, range(11)), 0, 10, TODAY)

    with pytest.raises(HarvestStopped):
        guard.check(*WHO, 10, TODAY)
    guard.check(*WHO, 11, TODAY)
    guard.check("university", "statistics", 10, TODAY)
    guard.check(*WHO, 10, TODAY + timedelta(days=1))


async def test_a_miss_weighs_as_five(guard: HarvestGuard, keys: Keys) -> None:
    assert (await guard.charge(*WHO, _people(keys, range(5)), 1, 10, TODAY)).charged == 10
    with pytest.raises(HarvestStopped):
        await guard.charge(*WHO, (), 1, 10, TODAY)


async def test_trying_numbers_one_by_one_through_several_replicas_is_caught(
    shared: SharedState, engine: AsyncEngine, keys: Keys
) -> None:
    replicas = [HarvestGuard(shared, engine) for _ in range(3)]
    tried, found = 0, 0
    with pytest.raises(HarvestStopped):
        for tried in range(100_000):
            hit = tried % 50 == 0  # of the numbers that may be, two in a hundred are somebody's
            found += hit
            subjects = _people(keys, range(tried, tried + 1)) if hit else ()
            await replicas[tried % 3].charge(*WHO, subjects, 0 if hit else 1, 1000, TODAY)

    assert (tried, found) == (204, 5)


async def test_trying_few_numbers_every_day_is_caught_within_the_month(guard: HarvestGuard) -> None:
    days = [date(2026, 10, 1) + timedelta(days=day) for day in range(31)]
    tried = 0
    with pytest.raises(HarvestStopped):
        for day in days:
            await guard.charge(*WHO, (), 150, 1000, day)
            tried += 150

    assert tried == 900
    with pytest.raises(HarvestStopped):
        await guard.charge(*WHO, (), 0, 1000, days[-1])
    assert not (await guard.charge(*WHO, (), 0, 1000, date(2026, 11, 1))).stopped


async def test_a_stop_is_told_and_kept_once(
    shared: SharedState, engine: AsyncEngine, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    for guard in (HarvestGuard(shared, engine), HarvestGuard(shared, engine)):
        for _ in range(2):
            with pytest.raises(HarvestStopped):
                await guard.charge(*WHO, _people(keys, range(4)), 2, 10, TODAY)

    [stop] = await stops(engine)
    assert (stop.client_id, stop.purpose, stop.day) == (*WHO, TODAY)
    assert (stop.subjects, stop.misses, stop.limit) == (4, 2, 10)
    assert await stops(engine, until=stop.at) == []
    assert await stops(engine, since=stop.at) == [stop]
    told = capsys.readouterr().out
    assert told.count("harvest stopped") == 1
    assert "university" in told


async def test_a_stop_that_cannot_be_kept_stops_and_is_told(
    guard: HarvestGuard, engine: AsyncEngine, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    async with writing(engine) as connection:
        await connection.execute(text("drop table harvest_stops"))

    with pytest.raises(HarvestStopped):
        await guard.charge(*WHO, _people(keys, range(4)), 0, 3, TODAY)

    told = capsys.readouterr().out
    assert "harvest stop not kept" in told
    assert "harvest stopped" in told


async def test_a_full_memory_of_subjects_fails_closed(keys: Keys) -> None:
    state = LocalState(subjects_kept=5)
    await state.harvested(*WHO, TODAY, _people(keys, range(5)), 0)

    with pytest.raises(SharedStateUnavailable):
        await state.harvested(*WHO, TODAY, _people(keys, range(5, 6)), 0)


async def test_memory_is_given_back_on_the_second_day_after(keys: Keys) -> None:
    state = LocalState(subjects_kept=5)
    await state.harvested(*WHO, TODAY, _people(keys, range(5)), 0)

    later = await state.harvested(*WHO, TODAY + timedelta(days=2), _people(keys, range(5, 10)), 0)

    assert later.subjects == 5


@pytest.mark.servers
async def test_without_redis_nothing_is_answered(engine: AsyncEngine, keys: Keys) -> None:
    with ExitStack() as stack:
        state = RedisState(stack.enter_context(servers.redis()))
        guard = HarvestGuard(state, engine)
        await guard.charge(*WHO, _people(keys, range(1)), 0, 10, TODAY)
    with pytest.raises(SharedStateUnavailable):
        await guard.charge(*WHO, (), 0, 10, TODAY)
    await state.close()


@pytest.mark.servers
async def test_what_is_counted_does_not_stay_in_redis(redis_url: str, keys: Keys) -> None:
    redis = Redis.from_url(redis_url)
    redis.flushall()
    state = RedisState(redis_url)
    await state.harvested(*WHO, TODAY, _people(keys, range(1)), 1)
    await state.close()

    assert sorted(redis.ttl(key) // 86_400 for key in redis.keys("*")) in ([1, 1, 32], [2, 2, 33])
