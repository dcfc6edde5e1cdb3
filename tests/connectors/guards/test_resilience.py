"""A register that is slow, absent or overloaded costs a bounded time and is not asked more than it bears."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from connectors.errors import NotOffered, QuestionTooSlow, SourceContractBroken, SourceUnavailable
from connectors.guards.resilience import Resilient, SourceLimits, request_deadline
from tests.connectors.fakes import LOOKUP, PAGE, Scripted, forever

pytestmark = pytest.mark.anyio

UNAVAILABLE = SourceUnavailable("education", "absent")


class Script:
    """Fails as long as `failure` is set."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure

    async def __call__(self) -> None:
        if self.failure:
            raise self.failure


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def unavailable_after_s(ask: Callable[[], Awaitable[object]]) -> float:
    began = time.monotonic()
    with pytest.raises(SourceUnavailable):
        await ask()
    return time.monotonic() - began


async def fail(source: Resilient, times: int) -> None:
    for _ in range(times):
        with pytest.raises(SourceUnavailable):
            await source.rows(LOOKUP)


async def test_a_slow_register_is_unavailable_at_the_deadline() -> None:
    source = Resilient(Scripted(forever), SourceLimits(deadline_s=0.05))
    assert await unavailable_after_s(lambda: source.rows(LOOKUP)) < 0.3
    assert await unavailable_after_s(source.ready) < 0.3


async def test_a_call_ends_with_the_request_it_belongs_to() -> None:
    source = Resilient(Scripted(forever), SourceLimits(deadline_s=30))
    request_deadline.set(asyncio.get_running_loop().time() + 0.05)
    assert await unavailable_after_s(lambda: source.rows(LOOKUP)) < 1


async def test_calls_in_flight_are_bounded_and_all_get_their_turn() -> None:
    inner = Scripted(lambda: asyncio.sleep(0.005))
    source = Resilient(inner, SourceLimits(calls=3))
    await asyncio.gather(*(source.rows(LOOKUP) for _ in range(20)))
    assert (inner.calls, inner.most_in_flight) == (20, 3)


async def test_waiting_for_a_turn_ends_at_the_deadline_too() -> None:
    inner = Scripted(forever)
    source = Resilient(inner, SourceLimits(calls=1, deadline_s=0.1))
    answers = await asyncio.gather(source.rows(LOOKUP), source.rows(LOOKUP), return_exceptions=True)
    assert [type(answer) for answer in answers] == [SourceUnavailable, SourceUnavailable]
    assert inner.in_flight == 0


async def test_a_failure_is_retried_once() -> None:
    inner = Scripted(script := Script(UNAVAILABLE))

    async def recover() -> None:
        await asyncio.sleep(0)
        script.failure = None

    source = Resilient(inner, SourceLimits())
    _, rows = await asyncio.gather(recover(), source.rows(LOOKUP))
    assert (rows, inner.calls) == ((), 2)


@pytest.mark.parametrize(
    "failure",
    [
        SourceContractBroken("education", "wrong"),
        NotOffered("education", "no lists"),
        QuestionTooSlow("education", "too slow"),
    ],
)
async def test_what_would_fail_again_is_not_retried_and_opens_no_circuit(failure: Exception) -> None:
    inner = Scripted(Script(failure))
    source = Resilient(inner, SourceLimits(failures=3))
    for _ in range(10):
        with pytest.raises(type(failure)):
            await source.rows(LOOKUP)
    assert inner.calls == 10


async def test_retries_are_a_small_share_of_the_calls() -> None:
    inner = Scripted(Script(UNAVAILABLE))
    await fail(Resilient(inner, SourceLimits(failures=1000, attempts=5, budget=0.1)), 100)
    assert 100 < inner.calls <= 111


async def test_a_circuit_opens_after_failures_in_a_row_and_closes_after_one_success() -> None:
    inner, clock = Scripted(script := Script(UNAVAILABLE)), Clock()
    source = Resilient(inner, SourceLimits(failures=3, reset_s=10, attempts=1), clock)
    await fail(source, 5)
    assert inner.calls == 3
    clock.now = 10
    await fail(source, 2)  # one tries, fails, and the circuit is open again
    assert inner.calls == 4
    clock.now, script.failure = 20, None
    for _ in range(3):
        await source.rows(LOOKUP)
    assert inner.calls == 7


async def test_only_one_call_tries_a_circuit_and_its_leaving_lets_the_next_one_try() -> None:
    script, clock = Script(UNAVAILABLE), Clock()
    inner = Scripted(lambda: script() if script.failure else forever())
    source = Resilient(inner, SourceLimits(failures=1, reset_s=10, attempts=1), clock)
    await fail(source, 1)
    script.failure, clock.now = None, 10
    trying = asyncio.create_task(source.rows(LOOKUP))
    await asyncio.sleep(0)
    await fail(source, 1)
    assert inner.calls == 2
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    script.failure = UNAVAILABLE
    await fail(source, 1)
    assert inner.calls == 3


async def test_deadlines_missed_open_the_circuit() -> None:
    inner = Scripted(forever)
    source = Resilient(inner, SourceLimits(deadline_s=0.02, failures=2))
    await fail(source, 4)
    assert inner.calls == 2


async def test_lists_that_take_too_long_take_no_lookup_from_anybody() -> None:
    inner = Scripted(forever)
    source = Resilient(inner, SourceLimits(deadline_s=0.05, calls=1, lists=2, failures=2))
    slow = [asyncio.create_task(unavailable_after_s(lambda: source.page(PAGE))) for _ in range(6)]
    await asyncio.sleep(0)
    assert inner.in_flight == 2
    await asyncio.gather(*slow)
    assert await unavailable_after_s(lambda: source.page(PAGE)) > 0.04  # nor does their own circuit open
    asked = inner.calls
    assert await unavailable_after_s(lambda: source.rows(LOOKUP)) > 0.04
    assert inner.calls == asked + 1


async def test_lists_are_left_alone_where_lookups_are_not_answered() -> None:
    inner = Scripted(Script(UNAVAILABLE))
    source = Resilient(inner, SourceLimits(failures=3, attempts=1))
    await fail(source, 3)
    assert await unavailable_after_s(lambda: source.page(PAGE)) < 0.04
    assert inner.calls == 3


async def test_lists_that_cannot_be_answered_are_left_alone_by_themselves() -> None:
    inner = Scripted(script := Script(UNAVAILABLE))
    source = Resilient(inner, SourceLimits(failures=3, attempts=1))
    for _ in range(5):
        await unavailable_after_s(lambda: source.page(PAGE))
    assert inner.calls == 3
    script.failure = None
    assert await source.rows(LOOKUP) == ()


async def test_a_lookup_given_up_while_others_are_answered_counts_for_nothing() -> None:
    scripts: list[Callable[[], Awaitable[None]]] = [forever, Script()] * 4
    inner = Scripted(lambda: scripts[inner.calls - 1]())
    source = Resilient(inner, SourceLimits(deadline_s=0.03, failures=2))
    for _ in range(4):
        slow = asyncio.create_task(unavailable_after_s(lambda: source.rows(LOOKUP)))
        await asyncio.sleep(0.001)
        assert await source.rows(LOOKUP) == ()
        await slow
    assert inner.calls == 8


async def test_what_is_missed_because_this_process_stood_still_counts_for_nothing() -> None:
    async def standing_still() -> None:
        time.sleep(0.35)  # noqa: ASYNC251  # that is what is tried: nothing else runs meanwhile
        await forever()

    inner = Scripted(standing_still)
    source = Resilient(inner, SourceLimits(deadline_s=0.05, failures=2))
    await fail(source, 3)
    assert inner.calls == 3
