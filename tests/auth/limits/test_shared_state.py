"""One promise for shared state, kept by each implementation, and what happens without Redis."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from itertools import count

import pytest
import structlog
import uvloop
from redis import Redis

from auth.errors import SharedStateUnavailable
from auth.limits.local_state import LocalState
from auth.limits.redis_state import RedisState
from auth.limits.shared_state import Quota, SharedState
from tests import servers

pytestmark = pytest.mark.anyio
_names = (f"client-{number}" for number in count())


@pytest.fixture
def state(shared: SharedState) -> SharedState:
    return shared


async def test_a_client_gets_its_quota_and_no_more(state: SharedState) -> None:
    client, other = next(_names), next(_names)

    answers = [await state.quota(client, 3) for _ in range(5)]

    assert [answer.allowed for answer in answers] == [True, True, True, False, False]
    assert [answer.remaining for answer in answers] == [2, 1, 0, 0, 0]
    assert all(1 <= answer.reset_s <= 60 for answer in answers)
    assert (await state.quota(other, 3)).allowed


async def test_what_costs_more_takes_more_of_the_quota_and_is_refused_whole(state: SharedState) -> None:
    client = next(_names)

    answers = [await state.quota(client, 10, cost) for cost in (1, 6, 4, 3, 1)]

    assert [(answer.allowed, answer.remaining) for answer in answers] == [
        (True, 9),
        (True, 3),
        (False, 3),
        (True, 0),
        (False, 0),
    ]


async def test_a_cost_over_the_limit_is_the_limit(state: SharedState) -> None:
    assert (await state.quota(next(_names), 5, 25))[:2] == (5, 0)


async def test_a_crowd_gets_no_more_than_its_quota(state: SharedState) -> None:
    client = next(_names)

    answers = await asyncio.gather(*(state.quota(client, 20) for _ in range(60)))

    assert sum(answer.allowed for answer in answers) == 20


async def test_a_token_is_new_once(state: SharedState) -> None:
    later = int(time.time()) + 60

    assert [await state.seen(token, later) for token in ("a", "b", "a", "b")] == [False, False, True, True]


async def test_of_many_that_bring_the_same_token_one_is_first(state: SharedState) -> None:
    later = int(time.time()) + 60

    answers = await asyncio.gather(*(state.seen("token", later) for _ in range(20)))

    assert sorted(answers) == [False] + [True] * 19


async def test_who_listens_hears_the_version_in_force_and_later_ones(state: SharedState) -> None:
    await state.publish_policy("1")
    versions = aiter(state.policy_versions())
    first = await asyncio.wait_for(anext(versions), 5)
    second = asyncio.ensure_future(anext(versions))
    await asyncio.sleep(0.1)
    await state.publish_policy("2")

    assert (first, await asyncio.wait_for(second, 5)) == ("1", "2")


async def test_every_listener_hears(state: SharedState) -> None:
    listening = [asyncio.ensure_future(anext(aiter(state.policy_versions()))) for _ in range(3)]
    await asyncio.sleep(0.1)
    await state.publish_policy("7")

    assert await asyncio.wait_for(asyncio.gather(*listening), 5) == ["7", "7", "7"]


async def test_what_was_asked_in_the_last_minute_counts_as_much_as_is_left_of_this_one() -> None:
    now = 600.0
    state = LocalState(now=lambda: now)
    first = [(await state.quota("client", 4)).allowed for _ in range(5)]

    now = 660.0
    at_once = await state.quota("client", 4)
    now = 690.0
    halfway = [await state.quota("client", 4) for _ in range(3)]
    now = 800.0
    later = await state.quota("client", 4)

    assert first == [True, True, True, True, False]
    assert at_once == Quota(4, 0, 1, allowed=False)
    assert halfway == [Quota(4, 1, 1, True), Quota(4, 0, 1, True), Quota(4, 0, 1, False)]
    assert later == Quota(4, 3, 40, allowed=True)


async def test_used_tokens_are_forgotten_when_they_have_expired() -> None:
    now = 100.0
    state = LocalState(now=lambda: now, tokens_kept=1)
    await state.seen("first", 110)
    now = 110.0

    assert not await state.seen("second", 120)


async def test_a_full_memory_of_tokens_fails_closed() -> None:
    state = LocalState(now=lambda: 100.0, tokens_kept=1)
    await state.seen("first", 110)

    with pytest.raises(SharedStateUnavailable):
        await state.seen("second", 110)
    assert await state.seen("first", 110)


@pytest.mark.parametrize(
    ("quota", "headers"),
    [
        (
            Quota(600, 599, 41, allowed=True),
            {"RateLimit-Policy": '"per-minute";q=600;w=60', "RateLimit": '"per-minute";r=599;t=41'},
        ),
        (
            Quota(600, 0, 7, allowed=False),
            {
                "RateLimit-Policy": '"per-minute";q=600;w=60',
                "RateLimit": '"per-minute";r=0;t=7',
                "Retry-After": "7",
            },
        ),
    ],
)
def test_the_headers_say_what_is_left_and_when_to_return(quota: Quota, headers: dict[str, str]) -> None:
    assert quota.headers() == headers
    assert "Retry-After" not in quota._replace(allowed=True).headers()


@pytest.fixture
def stoppable_redis() -> Iterator[tuple[str, ExitStack]]:
    """A Redis of one's own, and what stops it."""
    with ExitStack() as stack:
        yield stack.enter_context(servers.redis()), stack


@pytest.mark.servers
async def test_two_replicas_share_what_is_in_redis(redis_url: str) -> None:
    Redis.from_url(redis_url).flushall()
    one, two = RedisState(redis_url), RedisState(redis_url)
    client, later = next(_names), int(time.time()) + 60

    allowed = [(await replica.quota(client, 3)).allowed for replica in (one, two, one, two)]
    seen = [await replica.seen("token", later) for replica in (one, two)]
    heard = asyncio.ensure_future(anext(aiter(two.policy_versions())))
    await one.publish_policy("3")

    assert (allowed, seen) == ([True, True, True, False], [False, True])
    assert await asyncio.wait_for(heard, 5) == "3"
    await one.close()
    await two.close()


@pytest.mark.servers
async def test_without_redis_quotas_are_local_and_used_tokens_fail_closed(
    stoppable_redis: tuple[str, ExitStack],
) -> None:
    url, server = stoppable_redis
    state = RedisState(url)
    client, later = next(_names), int(time.time()) + 60
    before = await state.quota(client, 2)
    server.close()

    without = [await state.quota(client, 2) for _ in range(3)]

    assert before.allowed
    assert [answer.allowed for answer in without] == [True, True, False]
    with pytest.raises(SharedStateUnavailable) as unavailable:
        await state.seen("a-token-id", later)
    assert "a-token-id" not in str(unavailable.value)
    with pytest.raises(SharedStateUnavailable):
        await state.publish_policy("1")
    await state.close()


@pytest.mark.servers
async def test_a_listener_survives_the_loss_of_its_connection(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    redis.flushall()
    state = RedisState(redis_url)
    await state.publish_policy("1")
    versions = aiter(state.policy_versions())
    first = await anext(versions)
    second = asyncio.ensure_future(anext(versions))
    await asyncio.sleep(0.1)

    killed = redis.client_kill_filter(_type="pubsub")
    await state.publish_policy("2")

    assert killed == 1
    assert (first, await asyncio.wait_for(second, 5)) == ("1", "2")
    await state.close()


@pytest.mark.servers
def test_connections_that_redis_closed_cost_no_request(redis_url: str) -> None:
    """uvloop says RuntimeError of a transport that was closed meanwhile, which is no error of redis-py."""

    async def after_they_were_closed() -> list[bool]:
        Redis.from_url(redis_url).flushall()
        state = RedisState(redis_url)
        later = int(time.time()) + 60
        seen = [await state.seen("first", later)]
        for connection in state._pool._available_connections:
            connection._writer.transport.abort()  # type: ignore[union-attr]
        seen += [await state.seen(token, later) for token in ("second", "first")]
        await state.close()
        return seen

    assert uvloop.run(after_they_were_closed()) == [False, False, True]


@pytest.mark.servers
def test_a_redis_that_is_gone_is_away_and_nothing_else() -> None:
    async def after_it_was_killed() -> list[type[BaseException]]:
        with servers.redis() as url:
            state = RedisState(url)
            await state.seen("first", int(time.time()) + 60)
            for connection in state._pool._available_connections:
                connection._writer.transport.abort()  # type: ignore[union-attr]
        asking = [_asked(state, number) for number in range(20)]
        wrong = [type(one) for one in await asyncio.gather(*asking, return_exceptions=True) if one is not None]
        await state.close()
        return wrong

    assert uvloop.run(after_it_was_killed()) == [SharedStateUnavailable] * 20


async def _asked(state: RedisState, number: int) -> None:
    await state.quota(f"client-{number}", 1000)
    await state.harvested(f"client-{number}", "purpose", date(2026, 11, 30), [], [], 1000)


@pytest.mark.servers
async def test_a_redis_that_lost_what_it_held_is_noticed_once_and_told(
    redis_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    redis = Redis.from_url(redis_url)
    redis.flushall()
    one, two = RedisState(redis_url), RedisState(redis_url)
    for _ in range(2):
        await one.ready()
        await two.ready()
    before = capsys.readouterr().out

    redis.flushall()
    for _ in range(2):
        await one.ready()
        await two.ready()

    assert before == ""
    assert capsys.readouterr().out.count("shared state was emptied") == 2
    await one.close()
    await two.close()


async def test_that_no_versions_are_heard_is_told_once_and_not_at_each_try() -> None:
    state = RedisState("redis://127.0.0.1:9/0")
    with structlog.testing.capture_logs() as logged:
        following = asyncio.ensure_future(anext(aiter(state.policy_versions())))
        await asyncio.sleep(2.5)  # two tries more
        following.cancel()
    await state.close()

    assert [line["event"] for line in logged] == ["policy versions are not heard"]


@pytest.mark.servers
async def test_who_listens_for_policies_notices_the_loss_by_itself(
    stoppable_redis: tuple[str, ExitStack], capsys: pytest.CaptureFixture[str]
) -> None:
    url, _ = stoppable_redis
    state = RedisState(url)
    await state.publish_policy("1")
    versions = aiter(state.policy_versions())
    await anext(versions)
    following = asyncio.ensure_future(anext(versions))
    await asyncio.sleep(0.1)

    redis = Redis.from_url(url)
    redis.flushall()
    redis.client_kill_filter(_type="pubsub")  # rather than wait for the next time that it asks by itself
    await state.publish_policy("2")
    await asyncio.wait_for(following, 5)

    assert "shared state was emptied" in capsys.readouterr().out
    await state.close()
