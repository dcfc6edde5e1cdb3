"""Shared state where there is one replica, and what a replica falls back on for quotas."""

import asyncio
import heapq
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from hashlib import sha256
from math import ceil, floor, inf

from auth.errors import SharedStateUnavailable
from auth.limits.local_harvests import SUBJECTS_KEPT, Harvests
from auth.limits.shared_state import WINDOW_S, Harvest, Quota

TOKENS_KEPT = 100_000


class Quotas:
    """Counts requests by client and limit in this minute and the last, of which as much counts as is still to come.

    It is the sliding window by two counters of `limits`, which Redis has, without its locks, tasks and keys of text.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._minute = 0
        self._counts: dict[tuple[str, int], int] = {}
        self._last_counts: dict[tuple[str, int], int] = {}

    def count(self, client_id: str, limit_per_minute: int, cost: int = 1) -> Quota:
        left_s = self._left_s()
        client = client_id, limit_per_minute
        last, counted = self._last_counts.get(client, 0), self._counts.get(client, 0)
        of_last = last * left_s / WINDOW_S
        allowed = floor(of_last + counted) + min(cost, limit_per_minute) <= limit_per_minute
        if allowed:
            counted = self._counts[client] = counted + min(cost, limit_per_minute)
        remaining = max(0, limit_per_minute - floor(of_last + counted))
        reset_s = min(left_s if counted else inf, left_s % (WINDOW_S / last) if last else inf)
        return Quota(limit_per_minute, remaining, 1 if reset_s == inf else max(1, ceil(reset_s)), allowed)

    def _left_s(self) -> float:
        """Return how long this minute lasts, the counts being those of this minute and the last."""
        now = self._now()
        minute = int(now // WINDOW_S)
        if minute != self._minute:
            self._last_counts = self._counts if minute == self._minute + 1 else {}
            self._minute, self._counts = minute, {}
        return (minute + 1) * WINDOW_S - now


class LocalState:
    """In this process, gone with it."""

    def __init__(
        self,
        now: Callable[[], float] = time.time,
        tokens_kept: int = TOKENS_KEPT,
        subjects_kept: int = SUBJECTS_KEPT,
    ) -> None:
        self._quotas = Quotas(now)
        self._harvests = Harvests(subjects_kept, now)
        self._now = now
        self._tokens_kept = tokens_kept
        self._used: set[bytes] = set()
        self._used_until: list[tuple[int, bytes]] = []
        self._version: str | None = None
        self._changed = asyncio.Condition()

    async def quota(self, client_id: str, limit_per_minute: int, cost: int = 1) -> Quota:
        return self._quotas.count(client_id, limit_per_minute, cost)

    async def seen(self, token_id: str, expires_at: int) -> bool:
        self._forget_expired()
        digest = sha256(token_id.encode()).digest()
        if digest in self._used:
            return True
        if len(self._used) >= self._tokens_kept:
            # forgetting one that is still valid would let it be used twice
            raise SharedStateUnavailable("no more used tokens can be remembered now")
        self._used.add(digest)
        heapq.heappush(self._used_until, (expires_at, digest))
        return False

    async def harvested(
        self,
        client_id: str,
        purpose: str,
        day: date,
        subjects: Sequence[bytes],
        misses: Sequence[bytes],
        per_minute: int,
    ) -> Harvest:
        return self._harvests.count(client_id, purpose, day, subjects, misses, per_minute)

    async def ready(self) -> None:
        return

    async def publish_policy(self, version: str) -> None:
        async with self._changed:
            self._version = version
            self._changed.notify_all()

    async def policy_versions(self) -> AsyncIterator[str]:
        known: str | None = None
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._version != known)  # noqa: B023
                known = self._version
            if known is not None:
                yield known

    async def close(self) -> None:
        self._used.clear()
        self._used_until.clear()

    def _forget_expired(self) -> None:
        while self._used_until and self._used_until[0][0] <= self._now():
            self._used.discard(heapq.heappop(self._used_until)[1])
