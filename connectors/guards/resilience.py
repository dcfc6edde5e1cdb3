"""A source that gives up in time, asks no more than a register bears, and leaves a failing one alone."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from connectors.errors import NotOffered, QuestionTooSlow, SourceError, SourceUnavailable
from connectors.guards.breaker import Breaker, RetryBudget
from connectors.guards.turns import TurnQueue
from connectors.source import Count, Lookup, Page, Row, Source
from runtime.deadlines import Deadlines

request_deadline: ContextVar[float | None] = ContextVar("request_deadline", default=None)
"""When the request that is being answered must be over, in the running loop's time; None: no such moment."""

BACKOFF_S = 0.02
"""A retry waits up to this long, twice as long for every one before it, at random so that callers spread."""

STALLED_S = 0.25
"""Who hears of a missed deadline so much later was held up by this process, and learnt nothing about the register."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """What one register is asked for at most. `budget`: retries as a share of calls; `attempts` include the first.

    `calls` are look-ups at a time, `lists` are lists, pages and counts beside them.
    """

    calls: int = 8
    lists: int = 4
    deadline_s: float = 2.0
    failures: int = 5
    reset_s: float = 10.0
    attempts: int = 2
    budget: float = 0.1


class Lane:
    """Turns, circuit and retries of one kind of questions: what another kind does to a register takes none of them."""

    def __init__(self, turns: int, limits: SourceLimits, now: Callable[[], float]) -> None:
        self.turns = TurnQueue(turns)
        self.breaker = Breaker(limits.failures, limits.reset_s, now)
        self.retries = RetryBudget(limits.budget)


class Resilient:
    """The same source within `limits`: deadline, bulkhead, retry budget, circuit breaker.

    Look-ups by key have all of them to themselves, beside lists, pages and counts, whose cost depends on what somebody
    asks. Only SourceUnavailable is retried and counts as a failure, and not QuestionTooSlow. A call that waited in vain
    for its turn says nothing about the register, nor does one given up before half of the register's own deadline,
    while the register answered others, or because this process stood still; a list given up never does.
    """

    def __init__(self, source: Source, limits: SourceLimits, now: Callable[[], float] = time.monotonic) -> None:
        self._source, self._limits = source, limits
        self._lookups, self._lists = Lane(limits.calls, limits, now), Lane(limits.lists, limits, now)
        self._deadlines = Deadlines()
        self._heard_at = 0.0

    @property
    def register(self) -> str:
        return self._source.register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        return await self._answer(self._lookups, self._source.rows, lookup)

    async def page(self, page: Page) -> Sequence[Row]:
        return await self._answer(self._lists, self._source.page, page)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        return await self._answer(self._lists, self._source.counts, count)

    async def ready(self) -> None:
        """Ask the register itself, whatever the circuit's state."""
        try:
            async with asyncio.timeout(self._limits.deadline_s):
                await self._source.ready()
        except TimeoutError:
            raise self._too_late() from None

    async def close(self) -> None:
        await self._source.close()

    async def _answer(self, lane: Lane, ask: Callable[[Any], Awaitable[Answer]], question: Any) -> Answer:
        # said at once, not after a turn in the queue; where look-ups go unanswered, lists do
        if lane.breaker.is_open() or (lane is self._lists and self._lookups.breaker.is_open()):
            raise self._left_alone()
        own, requested = asyncio.get_running_loop().time() + self._limits.deadline_s, request_deadline.get()
        until = own if requested is None or own < requested else requested
        try:
            with self._deadlines.by(until):
                if not lane.turns.take():
                    await lane.turns.wait()
                try:
                    return await self._tried(lane, ask, question, until)
                finally:
                    lane.turns.give_back()
        except TimeoutError:
            raise self._too_late() from None

    async def _tried(self, lane: Lane, ask: Callable[[Any], Awaitable[Answer]], question: Any, until: float) -> Answer:
        lane.retries.earn()
        attempt = 1
        while True:
            if not lane.breaker.admits():
                raise self._left_alone()
            began = time.monotonic()
            try:
                answer = await ask(question)
            except BaseException as error:
                self._learn(lane, error, began, until)
                if not self._is_retried(lane, error, attempt):
                    raise
            else:
                self._heard_at = time.monotonic()
                lane.breaker.succeeded()
                return answer
            await asyncio.sleep(random.uniform(0, BACKOFF_S * 2**attempt))
            attempt += 1

    def _learn(self, lane: Lane, error: BaseException, began: float, until: float) -> None:
        """Tell the breaker how an admitted call ended that brought no answer."""
        now = time.monotonic()
        match error:
            case QuestionTooSlow():
                self._heard_at = now
                lane.breaker.abandoned()
            case NotOffered():
                lane.breaker.abandoned()
            case SourceUnavailable():
                lane.breaker.failed()
            case SourceError():
                self._heard_at = now
                lane.breaker.succeeded()  # it answers, if wrongly
            case _ if lane is self._lookups and self._is_silent(began, now, until):
                lane.breaker.failed()
            case _:
                lane.breaker.abandoned()

    def _is_silent(self, began: float, now: float, until: float) -> bool:
        """Whether a call given up now had time enough, and nobody had an answer meanwhile."""
        had_time = now - began >= self._limits.deadline_s / 2 and now - until < STALLED_S
        return had_time and self._heard_at < began

    def _is_retried(self, lane: Lane, error: BaseException, attempt: int) -> bool:
        if not isinstance(error, SourceUnavailable) or isinstance(error, (NotOffered, QuestionTooSlow)):
            return False
        return attempt < self._limits.attempts and not lane.breaker.is_open() and lane.retries.spend()

    def _left_alone(self) -> SourceUnavailable:
        return SourceUnavailable(self.register, "is left alone after repeated failures")

    def _too_late(self) -> SourceUnavailable:
        return SourceUnavailable(self.register, "no answer in time")
