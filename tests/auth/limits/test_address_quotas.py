"""One address cannot take the public data from all others, in either kind of shared state."""

import pytest
from redis import Redis

from auth.limits.address_quotas import AddressLimits, AddressQuotas
from auth.limits.local_state import LocalState
from auth.limits.redis_state import RedisState
from auth.limits.shared_state import SharedState

pytestmark = pytest.mark.anyio

KEY = bytes(range(32))
LIMITS = AddressLimits(per_address=5, for_all=20, failures=2)


def address(number: int) -> bytes:
    return number.to_bytes(8)


async def test_an_address_has_its_own_quota_and_all_have_a_ceiling(shared: SharedState) -> None:
    quotas = AddressQuotas(shared, KEY, LIMITS)
    greedy = [(await quotas.anonymous(address(1))).allowed for _ in range(30)]
    others = [(await quotas.anonymous(address(number))).allowed for number in range(2, 22)]
    assert greedy == [True] * 5 + [False] * 25
    assert others == [True] * 15 + [False] * 5
    refused = await quotas.anonymous(address(99))
    assert (refused.limit, refused.remaining, refused.allowed) == (5, 0, False)
    assert 1 <= refused.reset_s <= 60


async def test_failures_are_counted_apart_from_requests(shared: SharedState) -> None:
    quotas = AddressQuotas(shared, KEY, LIMITS)
    assert [(await quotas.failed(address(1))).allowed for _ in range(3)] == [True, True, False]
    assert (await quotas.failed(address(2))).allowed
    assert (await quotas.anonymous(address(1))).allowed


async def test_however_many_addresses_come_memory_is_bounded() -> None:
    now = 0.0
    quotas = AddressQuotas(LocalState(), KEY, AddressLimits(5, 1_000_000, 2), kept=100, now=lambda: now)
    for number in range(100):
        assert (await quotas.anonymous(address(number))).allowed
    late = [(await quotas.anonymous(address(number))).allowed for number in range(1000, 1010)]
    assert late == [True] * 5 + [False] * 5  # they share one counter
    assert (await quotas.anonymous(address(7))).allowed
    now = 60.0
    assert (await quotas.anonymous(address(1010))).allowed


@pytest.mark.servers
async def test_redis_holds_no_address_and_nothing_for_long(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    redis.flushall()
    state = RedisState(redis_url)
    await AddressQuotas(state, KEY, LIMITS).anonymous(bytes([203, 0, 113, 7]))
    await state.close()
    keys = redis.keys("*")
    assert keys
    assert not any(b"203" in key and b"113" in key for key in keys)
    assert all(0 < redis.ttl(key) <= 120 for key in keys)
