"""A client reads about so many people in a day and no more, however slowly, from however many replicas."""

from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.crypto.keys import Keys
from auth.errors import SharedStateUnavailable
from auth.limits.harvest import HarvestGuard, HarvestSlowed, HarvestState, HarvestStopped, miss_digests, stops
from auth.limits.local_harvests import Harvests
from auth.limits.local_state import LocalState
from auth.limits.redis_state import RedisState
from auth.limits.shared_state import Harvest, SharedState
from auth.principal import Grant, Jurisdiction
from auth.state.engine import writing
from reference.vietnam_time import VIETNAM
from tests import servers

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 21)
WHO = ("university", "university-admission")
GRANT = Grant(
    *("university", "university", "university-admission"),
    *(Jurisdiction(), date(2026, 1, 1), None),
    subjects_per_day=10,
    misses_per_day=1_000_000,
)
FAST = 1_000_000


@pytest.fixture
def guard(shared: SharedState, engine: AsyncEngine) -> HarvestGuard:
    return HarvestGuard(shared, engine)


def _missed(*numbers: int) -> list[bytes]:
    return miss_digests(b"key", "request", [("learner.citizen_id", f"{number:012d}") for number in numbers], ())


def _people(keys: Keys, numbers: range) -> list[bytes]:
    return [keys.pseudonym(f"{number:012d}") for number in numbers]


async def test_people_and_misses_count_once_a_day_for_each_client_and_purpose(shared: SharedState, keys: Keys) -> None:
    await shared.harvested(*WHO, TODAY, _people(keys, range(3)), _missed(1), FAST)

    assert await shared.harvested(*WHO, TODAY, _people(keys, range(1, 4)), _missed(2, 3), FAST) == Harvest(
        4, 3, 3, 4, 3
    )
    assert await shared.harvested(*WHO, TODAY, (), (), FAST) == Harvest(4, 3, 3, 4, 3)
    assert await shared.harvested("university", "statistics", TODAY, (), (), FAST) == Harvest(0, 0, 0, 4, 3)
    assert await shared.harvested("school", "university-admission", TODAY, (), (), FAST) == Harvest(0, 0, 0, 0, 0)
    tomorrow = TODAY + timedelta(days=1)
    assert await shared.harvested(*WHO, tomorrow, _people(keys, range(2)), (), FAST) == Harvest(2, 0, 3, 2, 0)
    assert await shared.harvested(*WHO, TODAY + timedelta(days=10), (), (), FAST) == Harvest(0, 0, 0, 0, 0)


async def test_what_is_missed_again_costs_one_at_least(shared: SharedState) -> None:
    await shared.harvested(*WHO, TODAY, (), _missed(*range(100)), FAST)

    again = await shared.harvested(*WHO, TODAY, (), _missed(*range(100)), FAST)
    other = await shared.harvested("university", "statistics", TODAY, (), _missed(*range(100)), FAST)

    assert again.misses == pytest.approx(101, abs=4)
    assert other.misses == pytest.approx(100, abs=4)
    assert other.misses_in_all == again.misses + other.misses


async def test_many_people_are_counted_to_within_2_percent(shared: SharedState, keys: Keys) -> None:
    for start in range(0, 20_000, 500):
        people = _people(keys, range(start, start + 500))
        harvest = await shared.harvested(*WHO, TODAY, people, _missed(*range(start, start + 500)), FAST)

    for counted in harvest[:5]:
        assert counted == pytest.approx(20_000, rel=0.02)


async def test_reading_up_to_the_limit_is_answered_and_beyond_it_stopped(guard: HarvestGuard, keys: Keys) -> None:
    at_limit = await guard.charge(GRANT, _people(keys, range(10)), (), TODAY)
    again = await guard.charge(GRANT, _people(keys, range(10)), (), TODAY)
    with pytest.raises(HarvestStopped) as stopped:
        await guard.charge(GRANT, _people(keys, range(10, 11)), (), TODAY)

    assert at_limit == again == HarvestState(Harvest(10, 0, 0, 10, 0), GRANT)
    assert stopped.value.code == "HARVEST_STOPPED"
    assert stopped.value.message.startswith("more than 10 persons and learners")
    assert 0 < int(stopped.value.headers["Retry-After"]) <= 86_401


async def test_who_is_stopped_stays_so_for_the_day_and_that_purpose(guard: HarvestGuard, keys: Keys) -> None:
    with pytest.raises(HarvestStopped):
        await guard.charge(GRANT, _people(keys, range(11)), (), TODAY)

    with pytest.raises(HarvestStopped):
        await guard.charge(GRANT, (), (), TODAY)
    assert not (await guard.charge(replace(GRANT, purpose="statistics"), (), (), TODAY)).stopped
    assert not (await guard.charge(GRANT, (), (), TODAY + timedelta(days=1))).stopped
    assert not (await guard.charge(replace(GRANT, subjects_per_day=20), (), (), TODAY)).stopped  # it was widened


async def test_who_is_known_to_be_stopped_reads_nothing_more(guard: HarvestGuard, keys: Keys) -> None:
    assert guard.refusal(GRANT, TODAY) is None
    with pytest.raises(HarvestStopped) as stopped:
        await guard.charge(GRANT, _people(keys, range(11)), (), TODAY)

    refusal = guard.refusal(GRANT, TODAY)
    assert refusal is not None
    assert refusal.message == stopped.value.message
    assert guard.refusal(replace(GRANT, subjects_per_day=11), TODAY) is None
    assert guard.refusal(replace(GRANT, purpose="statistics"), TODAY) is None
    assert guard.refusal(GRANT, TODAY + timedelta(days=1)) is None


async def test_a_stop_for_misses_of_one_purpose_refuses_another_for_misses_alone(
    guard: HarvestGuard, keys: Keys
) -> None:
    wide = replace(GRANT, subjects_per_day=1_000_000, misses_per_day=5, misses_percent=0)
    with pytest.raises(HarvestStopped):
        await guard.charge(wide, _people(keys, range(50)), _missed(*range(20)), TODAY)

    other = replace(wide, purpose="statistics", subjects_per_day=10)
    refusal = guard.refusal(other, TODAY)
    assert refusal is not None
    assert refusal.message == "more than 5 questions today, for any purpose, that found nobody"
    patient = replace(other, misses_per_day=1_000_000)
    assert guard.refusal(patient, TODAY) is None
    assert not (await guard.charge(patient, (), (), TODAY)).stopped


@pytest.mark.parametrize(
    ("harvest", "now", "wait_s"),
    [
        (Harvest(0, 1, 11, 0, 1), datetime(2026, 11, 21, 18, tzinfo=VIETNAM), 9 * 86_400 + 6 * 3600 + 1),
        (Harvest(0, 1, 11, 0, 1), datetime(2026, 12, 31, 23, 59, tzinfo=VIETNAM), 61),
        (Harvest(0, 1, 11, 0, 1), datetime(2028, 2, 1, tzinfo=VIETNAM), 29 * 86_400 + 1),
        (Harvest(11, 0, 10, 11, 0), datetime(2026, 11, 21, 18, tzinfo=VIETNAM), 6 * 3600 + 1),
        (Harvest(0, 1, 10, 0, 1_000_001), datetime(2026, 11, 21, 18, tzinfo=VIETNAM), 6 * 3600 + 1),
        (Harvest(0, 1, 11, 0, 1_000_001), datetime(2026, 11, 21, 18, tzinfo=VIETNAM), 9 * 86_400 + 6 * 3600 + 1),
    ],
    ids=["month", "last minute of a year", "leap year", "persons", "misses of the day", "both"],
)
def test_whoever_is_stopped_is_told_when_that_ends_in_vietnam(harvest: Harvest, now: datetime, wait_s: int) -> None:
    grant = replace(GRANT, misses_percent=0)
    assert HarvestState(harvest, grant).refusal(now).headers == {"Retry-After": str(wait_s)}


async def test_a_miss_weighs_as_five(guard: HarvestGuard, keys: Keys) -> None:
    assert (await guard.charge(GRANT, _people(keys, range(5)), _missed(1), TODAY)).charged == 10
    with pytest.raises(HarvestStopped):
        await guard.charge(GRANT, (), _missed(2), TODAY)


async def test_trying_numbers_one_by_one_through_several_replicas_is_caught(
    shared: SharedState, engine: AsyncEngine, keys: Keys
) -> None:
    replicas = [HarvestGuard(shared, engine) for _ in range(3)]
    grant = replace(GRANT, subjects_per_day=1000)
    tried, found = 0, 0
    with pytest.raises(HarvestStopped):
        for tried in range(100_000):
            hit = tried % 50 == 0  # of the numbers that may be, two in a hundred are somebody's
            found += hit
            subjects = _people(keys, range(tried, tried + 1)) if hit else ()
            await replicas[tried % 3].charge(grant, subjects, () if hit else _missed(tried), TODAY)

    assert tried == pytest.approx(204, abs=2)  # a HyperLogLog counts about
    assert found == 5


async def test_trying_few_numbers_every_day_is_caught_within_the_month(guard: HarvestGuard) -> None:
    grant = replace(GRANT, subjects_per_day=1000)
    days = [date(2026, 10, 1) + timedelta(days=day) for day in range(31)]
    tried = 0
    with pytest.raises(HarvestStopped):
        for day in days:
            await guard.charge(grant, (), _missed(*range(tried, tried + 150)), day)
            tried += 150

    assert tried == 900
    with pytest.raises(HarvestStopped):
        await guard.charge(grant, (), (), days[-1])
    assert not (await guard.charge(grant, (), (), date(2026, 11, 1))).stopped


async def test_guesses_are_stopped_in_every_purpose_by_100_and_a_quarter_of_those_found(
    guard: HarvestGuard, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    wide = replace(GRANT, subjects_per_day=1_000_000, misses_per_day=100)
    other = replace(wide, purpose="statistics")
    honest = _people(keys, range(850)), _missed(*range(150))
    assert not (await guard.charge(wide, *honest, TODAY)).stopped
    assert not (await guard.charge(wide, *honest, TODAY)).stopped  # the same list again
    assert not (await guard.charge(other, (), _missed(*range(1000, 1140)), TODAY)).stopped
    assert "alarm" not in capsys.readouterr().out

    with pytest.raises(HarvestStopped) as stopped:
        await guard.charge(other, (), _missed(*range(2000, 2100)), TODAY)

    assert stopped.value.message.startswith("more than 312 questions today, for any purpose")
    assert [refusal is None for refusal in (guard.refusal(wide, TODAY), guard.refusal(other, TODAY))] == [False, False]
    told = capsys.readouterr().out
    assert ("harvest stopped" in told, "'reason': 'misses'" in told or "reason=misses" in told) == (True, True)


async def test_ten_thousand_guesses_in_batches_of_500_are_stopped_by_the_first(
    guard: HarvestGuard, keys: Keys, engine: AsyncEngine
) -> None:
    wide = replace(GRANT, subjects_per_day=1_000_000, misses_per_day=100)
    answered = 0
    for start in range(0, 10_000, 500):
        with suppress(HarvestStopped):
            await guard.charge(wide, _people(keys, range(10)), _missed(*range(start, start + 490)), TODAY)
            answered += 1

    assert answered == 0
    [stop] = await stops(engine)
    assert (stop.reason, stop.subjects, stop.limit) == ("misses", 10, 102)


async def test_a_citizen_is_stopped_after_a_few_strangers_and_nobody_is_named(
    guard: HarvestGuard, keys: Keys, engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    citizen, other = _people(keys, range(2))
    app = ("vneid-app", "self-service")
    for number in range(10):  # through two apps: the person is one
        await guard.charge_citizen(
            ("vneid-app", "school-app")[number % 2], "self-service", citizen, _missed(number), TODAY
        )
    for _ in range(2):
        with pytest.raises(HarvestStopped):
            await guard.charge_citizen(*app, citizen, _missed(11), TODAY)
    await guard.charge_citizen(*app, other, _missed(11), TODAY)

    [stop] = await stops(engine)
    assert (stop.client_id, stop.reason, stop.misses, stop.limit) == ("vneid-app", "misses", 11, 10)
    assert citizen.hex() not in capsys.readouterr().out


async def test_who_walks_everybody_is_slowed_to_what_a_minute_allows_and_told_of(
    shared: SharedState, engine: AsyncEngine, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    guards = [HarvestGuard(shared, engine) for _ in range(2)]
    wide = replace(GRANT, subjects_per_day=1_000_000, subjects_per_minute=1000)
    read = 0
    for number in range(20):
        people = _people(keys, range(500 * number, 500 * number + 500))
        with suppress(HarvestSlowed):
            await guards[number % 2].charge(wide, people, (), TODAY)
            read += 500

    assert read == 1500  # a minute's, and the call that goes beyond it
    refusal = guards[0].refusal(wide, TODAY)
    assert refusal is not None
    assert (refusal.code, 0 < int(refusal.headers["Retry-After"]) <= 31) == ("RATE_LIMITED", True)
    [stop] = await stops(engine)
    assert (stop.reason, stop.limit) == ("pace", 1000)
    assert capsys.readouterr().out.count("harvest slowed") == 1


async def test_who_was_slowed_goes_on_at_the_pace_allowed(keys: Keys) -> None:
    now = 1000.0
    state = LocalState(now=lambda: now)
    waits = []
    for number in range(12):
        people = _people(keys, range(500 * number, 500 * number + 500))
        waits.append((await state.harvested(*WHO, TODAY, people, (), 1000)).wait_s)
        now += 15

    assert waits == [0, 0, 0, 0, 0, 15, 0, 15, 0, 15, 0, 15]
    assert (await state.harvested(*WHO, TODAY, (), _missed(1), 1000)).wait_s == 0


async def test_a_stop_is_told_and_kept_once(
    shared: SharedState, engine: AsyncEngine, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    for guard in (HarvestGuard(shared, engine), HarvestGuard(shared, engine)):
        for _ in range(2):
            with pytest.raises(HarvestStopped):
                await guard.charge(GRANT, _people(keys, range(4)), _missed(1, 2), TODAY)

    [stop] = await stops(engine)
    assert (stop.client_id, stop.purpose, stop.day) == (*WHO, TODAY)
    assert (stop.reason, stop.subjects, stop.misses, stop.limit) == ("subjects", 4, 2, 10)
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
        await guard.charge(replace(GRANT, subjects_per_day=3), _people(keys, range(4)), (), TODAY)

    told = capsys.readouterr().out
    assert "harvest stop not kept" in told
    assert "harvest stopped" in told


async def test_a_full_memory_of_subjects_fails_closed(keys: Keys) -> None:
    state = LocalState(subjects_kept=5)
    await state.harvested(*WHO, TODAY, _people(keys, range(5)), (), FAST)

    with pytest.raises(SharedStateUnavailable):
        await state.harvested(*WHO, TODAY, _people(keys, range(5, 6)), (), FAST)


async def test_memory_is_given_back_on_the_second_day_after(keys: Keys) -> None:
    state = LocalState(subjects_kept=5)
    await state.harvested(*WHO, TODAY, _people(keys, range(5)), (), FAST)

    later = await state.harvested(*WHO, TODAY + timedelta(days=2), _people(keys, range(5, 10)), (), FAST)

    assert later.subjects == 5


async def test_a_full_memory_does_not_grow_and_goes_on_with_whom_it_knows(keys: Keys) -> None:
    state = LocalState(subjects_kept=5)
    await state.harvested(*WHO, TODAY, _people(keys, range(4)), _missed(1), FAST)
    for number in range(5, 9):
        with pytest.raises(SharedStateUnavailable):
            await state.harvested(*WHO, TODAY, _people(keys, range(number, number + 1)), (), FAST)

    again = await state.harvested(*WHO, TODAY, _people(keys, range(4)), _missed(1), FAST)
    assert again == Harvest(4, 2, 2, 4, 2)


def _places(harvests: Harvests) -> int:
    """Return how many entries the memory holds in all of its tables."""
    tables = [value for value in vars(harvests).values() if isinstance(value, dict)]
    return sum(map(len, tables)) + len(harvests._subjects.known) + len(harvests._missed.known)


def test_looking_writes_nothing_and_a_miss_no_pace() -> None:
    harvests = Harvests(now=lambda: 0.0)
    for number in range(100):
        assert harvests.count(f"app/{number}", "self-service", TODAY, (), (), 1) == Harvest(0, 0, 0, 0, 0)
    assert _places(harvests) == 0

    harvests.count("app/1", "self-service", TODAY, (), _missed(1), 1)
    assert harvests._free_at == {}
    assert _places(harvests) == 4  # the miss, and how many there were of the day, of the month and of all purposes


def test_what_is_over_is_looked_for_once_a_day() -> None:
    swept: list[date] = []

    class Watched(Harvests):
        def _forget_before(self, day: date) -> None:
            swept.append(day)
            super()._forget_before(day)

    harvests = Watched(now=lambda: 0.0)
    tomorrow = TODAY + timedelta(days=1)
    for day in (TODAY, tomorrow, TODAY):  # a request of before midnight may come last
        for number in range(100):
            harvests.count(f"app/{number}", "self-service", day, (), _missed(number), 1)
    assert swept == [TODAY - timedelta(days=1), TODAY]
    assert harvests.count("app/1", "self-service", tomorrow, (), (), 1) == Harvest(0, 1, 3, 0, 1)


def test_misses_of_a_month_are_forgotten_of_those_who_have_fewest() -> None:
    harvests = Harvests(now=lambda: 0.0, months_kept=10)
    harvests.count(*WHO, TODAY, (), _missed(*range(50)), 1)
    for number in range(1000):
        harvests.count(f"app/{number}", "self-service", TODAY, (), _missed(number), 1)
    assert len(harvests._misses_in_month) <= 10
    assert harvests.count(*WHO, TODAY, (), (), 1).misses_in_month == 50


@pytest.mark.servers
async def test_without_redis_nothing_is_answered(engine: AsyncEngine, keys: Keys) -> None:
    with ExitStack() as stack:
        state = RedisState(stack.enter_context(servers.redis()))
        guard = HarvestGuard(state, engine)
        await guard.charge(GRANT, _people(keys, range(1)), (), TODAY)
    with pytest.raises(SharedStateUnavailable):
        await guard.charge(GRANT, (), (), TODAY)
    await state.close()


@pytest.mark.servers
async def test_what_is_counted_does_not_stay_in_redis(redis_url: str, keys: Keys) -> None:
    redis = Redis.from_url(redis_url)
    redis.flushall()
    state = RedisState(redis_url)
    await state.harvested(*WHO, TODAY, _people(keys, range(1)), _missed(1), FAST)
    await state.close()

    assert sorted(redis.ttl(key) // 86_400 for key in redis.keys("*")) in (
        [0, 1, 1, 1, 1, 1, 32],
        [0, 2, 2, 2, 2, 2, 33],
    )
