"""A source that gives up in time, asks no more than a register bears, and leaves a failing one alone."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from connectors.breaker import Breaker, RetryBudget
from connectors.deadlines import Deadlines
from connectors.errors import NotOffered, SourceError, SourceUnavailable
from connectors.source import Count, Lookup, Page, Row, Source
from connectors.turns import Turns

request_deadline: ContextVar[float | None] = ContextVar("request_deadline", default=None)
"""When the request that is being answered must be over, in the running loop's time; None: no such moment."""

BACKOFF_S = 0.02
"""A retry waits up to this long, twice as long for every one before it, at random so that callers spread."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one register is asked for at most. `budget`: retries as a share of calls; `attempts` include the first."""

    calls: int = 8
    deadline_s: float = 2.0
    failures: int = 5
    reset_s: float = 10.0
    attempts: int = 2
    budget: float = 0.1


class Resilient:
    """The same source within `limits`: deadline, bulkhead, retry budget, circuit breaker.

    Only SourceUnavailable is retried and counts as a failure. A call that waited in vain for its turn says nothing
    about the register, nor does one given up by its caller before half of the register's own deadline.
    """

    def __init__(self, source: Source, limits: Limits, now: Callable[[], float] = time.monotonic) -> None:
        self._source, self._limits = source, limits
        self._turns = Turns(limits.calls)
        self._deadlines = Deadlines()
        self._breaker = Breaker(limits.failures, limits.reset_s, now)
        self._retries = RetryBudget(limits.budget)

    @property
    def register(self) -> str:
        return self._source.register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        return await self._answer(self._source.rows, lookup)

    async def page(self, page: Page) -> Sequence[Row]:
        return await self._answer(self._source.page, page)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        return await self._answer(self._source.counts, count)

    async def ready(self) -> None:
        """Ask the register itself, whatever the circuit's state."""
        try:
            async with asyncio.timeout(self._limits.deadline_s):
                await self._source.ready()
        except TimeoutError:
            raise self._too_late() from None

    async def close(self) -> None:
        await self._source.close()

    async def _answer(self, ask: Callable[[Any], Awaitable[Answer]], question: Any) -> Answer:
        if self._breaker.is_open():  # said at once, not after a turn in the queue
            raise self._left_alone()
        own, requested = asyncio.get_running_loop().time() + self._limits.deadline_s, request_deadline.get()
        try:
            with self._deadlines.by(own if requested is None or own < requested else requested):
                if not self._turns.take():
                    await self._turns.wait()
                try:
                    return await self._tried(ask, question)
                finally:
                    self._turns.give_back()
        except TimeoutError:
            raise self._too_late() from None

    async def _tried(self, ask: Callable[[Any], Awaitable[Answer]], question: Any) -> Answer:
        self._retries.earn()
        attempt = 1
        while True:
            if not self._breaker.admits():
                raise self._left_alone()
            began = time.monotonic()
            try:
                answer = await ask(question)
            except BaseException as error:
                self._learn(error, time.monotonic() - began)
                if not self._is_retried(error, attempt):
                    raise
            else:
                self._breaker.succeeded()
                return answer
            await asyncio.sleep(random.uniform(0, BACKOFF_S * 2**attempt))
            attempt += 1

    def _learn(self, error: BaseException, after_s: float) -> None:
        """Tell the breaker how an admitted call ended that brought no answer."""
        match error:
            case NotOffered():
                self._breaker.abandoned()
            case SourceUnavailable():
                self._breaker.failed()
            case SourceError():
                self._breaker.succeeded()  # it answers, if wrongly
            case _ if after_s >= self._limits.deadline_s / 2:
                self._breaker.failed()
            case _:
                self._breaker.abandoned()

    def _is_retried(self, error: BaseException, attempt: int) -> bool:
        if not isinstance(error, SourceUnavailable) or isinstance(error, NotOffered):
            return False
        return attempt < self._limits.attempts and not self._breaker.is_open() and self._retries.spend()

    def _left_alone(self) -> SourceUnavailable:
        return SourceUnavailable(self.register, "is left alone after repeated failures")

    def _too_late(self) -> SourceUnavailable:
        return SourceUnavailable(self.register, "no answer in time")
