"""Shared state in Redis, for any number of replicas."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import date
from hashlib import sha256
from math import ceil
from secrets import token_hex
from typing import TypeVar

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from auth.crypto.keys import PSEUDONYM_BYTES
from auth.errors import SharedStateUnavailable
from auth.limits.local_state import LocalState
from auth.limits.shared_state import WINDOW_S, Harvest, Quota

_PREFIX = "lienthong"
_POLICY = f"{_PREFIX}:policy"
_CONNECT_S = 0.5
_ANSWER_S = 0.5
_AVOID_S = 1.0
"""After a failure quotas are local for so long, rather than make every request wait for another."""
_LISTEN_S = 15.0
"""How often a subscriber asks for the version itself: a lost message or a dead connection shows then."""
_HARVEST = """
local day, month = 2 * 86400, 33 * 86400
local width, per_minute, window = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
local free_at = math.max(now, tonumber(redis.call('GET', KEYS[7]) or 0))
local function number(key)
  return tonumber(redis.call('GET', key) or 0)
end
local function come_to(wait)
  local misses, in_month = number(KEYS[3]), number(KEYS[4])
  local ahead = math.floor(free_at - now)
  return {redis.call('PFCOUNT', KEYS[1]), misses, in_month, number(KEYS[5]), number(KEYS[6]), wait, ahead}
end
local function new_in(key, packed)
  if packed == '' then return 0 end
  local before = redis.call('PFCOUNT', key)
  for first = 1, #packed, width do
    redis.call('PFADD', key, string.sub(packed, first, first + width - 1))
  end
  redis.call('EXPIRE', key, day)
  return math.max(0, redis.call('PFCOUNT', key) - before)
end
local function add(key, amount, kept)
  if amount > 0 then
    redis.call('INCRBY', key, amount)
    redis.call('EXPIRE', key, kept)
  end
end
local wait = free_at - now - window
if wait > 0 and ARGV[2] ~= '' then return come_to(math.ceil(wait)) end
local new = new_in(KEYS[1], ARGV[2])
if new > 0 then
  free_at = free_at + new * window / per_minute
  redis.call('SET', KEYS[7], string.format('%.6f', free_at), 'EX', math.ceil(free_at - now) + 1)
end
add(KEYS[5], new, day)
local missed = new_in(KEYS[2], ARGV[1])
if ARGV[1] ~= '' then missed = math.max(1, missed) end
add(KEYS[3], missed, day)
add(KEYS[4], missed, month)
add(KEYS[6], missed, day)
return come_to(0)
"""
"""One script is a third of the CPU of its commands in a pipeline. Each count is kept longer than it counts."""
_EPOCH = f"{_PREFIX}:epoch"
"""A key that lasts as long as everything in Redis: where it is gone, so are the day's counts."""
_TOTAL_S = 2.0
"""For one question, a second attempt included."""
T = TypeVar("T")

_log = structlog.get_logger(__name__)


class RedisState:
    """One Redis client for everything: redis-py, also below `limits`."""

    def __init__(self, url: str) -> None:
        """`url` as redis-py reads it: `redis://` or `rediss://`. Nothing is connected yet."""
        # one more attempt, for the pooled connection that a restarted server has forgotten
        retry = Retry(NoBackoff(), 1)
        retry.update_supported_errors([RuntimeError])  # type: ignore[list-item]  # uvloop, of a transport closed meanwhile
        self._pool: ConnectionPool = ConnectionPool.from_url(
            url,
            socket_connect_timeout=_CONNECT_S,
            socket_timeout=_ANSWER_S,
            socket_keepalive=True,
            retry=retry,
            decode_responses=True,
        )
        self._redis: Redis = Redis(connection_pool=self._pool)
        storage = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            key_prefix=f"{_PREFIX}:quota",
            connection_pool=self._pool,  # type: ignore[arg-type]  # documented, but left out of the annotation
        )
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._harvest = self._redis.register_script(_HARVEST)
        self._local = LocalState()
        self._avoided_until = 0.0
        self._epoch: object = None

    async def quota(self, client_id: str, limit_per_minute: int, cost: int = 1) -> Quota:
        if time.monotonic() >= self._avoided_until:
            try:
                return await _answer(self._counted(client_id, limit_per_minute, cost), "quotas are local")
            except SharedStateUnavailable:
                self._avoided_until = time.monotonic() + _AVOID_S
        return await self._local.quota(client_id, limit_per_minute, cost)

    async def _counted(self, client_id: str, limit_per_minute: int, cost: int) -> Quota:
        limit = RateLimitItemPerMinute(limit_per_minute)
        allowed = await self._limiter.hit(limit, client_id, cost=min(cost, limit_per_minute))
        stats = await self._limiter.get_window_stats(limit, client_id)
        return Quota(limit_per_minute, stats.remaining, max(1, ceil(stats.reset_time - time.time())), allowed)

    async def seen(self, token_id: str, expires_at: int) -> bool:
        key = f"{_PREFIX}:used:{sha256(token_id.encode()).hexdigest()}"
        return not await _answer(
            self._redis.set(key, "", nx=True, exat=expires_at), "used tokens cannot be looked up now"
        )

    async def harvested(
        self,
        client_id: str,
        purpose: str,
        day: date,
        subjects: Sequence[bytes],
        misses: Sequence[bytes],
        per_minute: int,
    ) -> Harvest:
        """Subjects are counted by a HyperLogLog: 12 KB for any number of them, and nothing to be read out."""
        if not (subjects or misses) and time.monotonic() < self._avoided_until:
            raise SharedStateUnavailable("what replicas share was not reached a moment ago")  # nobody waits to look
        # braces: the keys of one client are in one slot of a Redis Cluster
        client = f"{_PREFIX}:harvest:{{{client_id}}}"
        reader = f"{client}:{purpose}"
        keys = [
            f"{reader}:{day:%Y-%m-%d}",
            f"{reader}:{day:%Y-%m-%d}:missed",
            f"{reader}:{day:%Y-%m-%d}:misses",
            f"{reader}:{day:%Y-%m}:misses",
            f"{client}:{day:%Y-%m-%d}:subjects",
            f"{client}:{day:%Y-%m-%d}:misses",
            f"{reader}:pace",
        ]
        given: list[bytes | int] = [b"".join(misses), b"".join(subjects), PSEUDONYM_BYTES, max(1, per_minute), WINDOW_S]
        return Harvest(
            *await _answer(self._harvest(keys, given), "whom this client has read about cannot be counted now")
        )

    async def ready(self) -> None:
        await _answer(self._notice_loss(), "what replicas share cannot be asked now")

    async def publish_policy(self, version: str) -> None:
        await _answer(self._published(version), "the policy version cannot be published now")

    async def _published(self, version: str) -> None:
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.set(_POLICY, version)
            pipeline.publish(_POLICY, version)
            await pipeline.execute()

    async def policy_versions(self) -> AsyncIterator[str]:
        """Yield as SharedState says, across failures of Redis: what was published meanwhile comes afterwards."""
        known: str | None = None
        is_heard = True
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(_POLICY)
                    while True:
                        await self._notice_loss()
                        version = await self._redis.get(_POLICY)
                        if not is_heard:
                            is_heard = True
                            _log.info("policy versions are heard again")
                        if isinstance(version, str) and version != known:
                            known = version
                            yield version
                        await subscription.get_message(ignore_subscribe_messages=True, timeout=_LISTEN_S)
            except Exception as error:  # whatever it was: who gave up here would hear of no version any more
                if is_heard:
                    is_heard = False
                    _log.warning("policy versions are not heard", error=type(error).__name__)
                await asyncio.sleep(_AVOID_S)

    async def _notice_loss(self) -> None:
        """Give the alarm where Redis has lost what it held since it was last looked at: flushed, or started empty."""
        epoch = await self._redis.get(_EPOCH)
        if epoch is None:
            await self._redis.set(_EPOCH, token_hex(8), nx=True)
            epoch = await self._redis.get(_EPOCH)
        if self._epoch not in (None, epoch):
            lost = "the day's counts of the harvest guard, quotas"
            _log.error("shared state was emptied", alarm=True, lost=lost)
        self._epoch = epoch

    async def close(self) -> None:
        await self._redis.aclose()
        await self._pool.aclose()


async def _answer(asking: Awaitable[T], failure: str) -> T:
    """Return what Redis answers. Raises SharedStateUnavailable with that text; why is in the log.

    Of a server that was killed not only redis-py's own errors tell, but the event loop's RuntimeError as well.
    """
    try:
        async with asyncio.timeout(_TOTAL_S):
            return await asking
    except Exception as error:
        _log.warning(failure, error=type(error).__name__)
    raise SharedStateUnavailable(failure)
