"""Questions put while a read is under way share the next one; no answer is older than its question."""

import asyncio
from collections.abc import Sequence

import pytest

from auth.state.together import MicroBatcher

pytestmark = pytest.mark.anyio


class Clock:
    """Answers each question with the number of the read that answered it; it may be held back, or fail."""

    def __init__(self) -> None:
        self.reads: list[list[str]] = []
        self.may_answer = asyncio.Event()
        self.failure: Exception | None = None

    async def read(self, questions: Sequence[str]) -> Sequence[int]:
        self.reads.append(list(questions))
        number = len(self.reads)
        await self.may_answer.wait()
        if self.failure:
            raise self.failure
        return [number] * len(questions)


async def test_questions_put_meanwhile_share_the_next_read() -> None:
    clock = Clock()
    together = MicroBatcher(clock.read)
    first = asyncio.ensure_future(together.answer("a"))
    await asyncio.sleep(0.01)
    others = [asyncio.ensure_future(together.answer(name)) for name in "bcd"]
    await asyncio.sleep(0.01)
    clock.may_answer.set()

    assert (await first, await asyncio.gather(*others)) == (1, [2, 2, 2])
    assert clock.reads == [["a"], ["b", "c", "d"]]


async def test_nothing_is_remembered() -> None:
    clock = Clock()
    clock.may_answer.set()
    together = MicroBatcher(clock.read)

    assert [await together.answer("a"), await together.answer("a")] == [1, 2]


async def test_one_who_stops_waiting_stops_nobody_else() -> None:
    clock = Clock()
    together = MicroBatcher(clock.read)
    gone, other = (asyncio.ensure_future(together.answer(name)) for name in "ab")
    await asyncio.sleep(0.01)
    gone.cancel()
    await asyncio.sleep(0.01)
    clock.may_answer.set()

    assert await other == 1


async def test_those_who_have_left_are_asked_for_no_more() -> None:
    clock = Clock()
    together = MicroBatcher(clock.read, most=3)
    reading = asyncio.ensure_future(together.answer("first"))
    await asyncio.sleep(0.01)
    gone = [asyncio.ensure_future(together.answer(f"gone {number}", number % 2)) for number in range(200)]
    await asyncio.sleep(0.01)
    for one in gone:
        one.cancel()
    staying = asyncio.ensure_future(together.answer("stays", asker=1))
    await asyncio.sleep(0.01)
    clock.may_answer.set()

    assert (await reading, await staying) == (1, 2)
    assert clock.reads == [["first"], ["stays"]]


async def test_a_failure_is_told_to_all_of_the_read_and_the_next_one_is_tried() -> None:
    clock = Clock()
    clock.failure = ValueError("away")
    clock.may_answer.set()
    together = MicroBatcher(clock.read)

    outcomes = await asyncio.gather(*(together.answer(name) for name in "ab"), return_exceptions=True)
    clock.failure = None

    assert [str(outcome) for outcome in outcomes] == ["away", "away"]
    assert await together.answer("c") == 2


async def put(together: MicroBatcher[str, int], *questions: str, asker: str, size: int = 1) -> list[int]:
    return list(await asyncio.gather(*(together.answer(one, asker, size) for one in questions)))


async def test_one_who_asks_much_delays_no_other() -> None:
    clock = Clock()
    together = MicroBatcher(clock.read, most=3)
    asking = [asyncio.ensure_future(put(together, *"abcdefgh", asker="many"))]
    await asyncio.sleep(0.01)
    asking += [asyncio.ensure_future(put(together, name, asker=name)) for name in "xy"]
    await asyncio.sleep(0.01)
    clock.may_answer.set()

    await asyncio.gather(*asking)
    assert clock.reads == [["a", "b", "c"], ["d", "x", "y"], ["e", "f", "g"], ["h"]]


async def test_large_questions_are_read_by_fewer_at_once_and_one_too_large_alone() -> None:
    clock = Clock()
    clock.may_answer.set()
    together = MicroBatcher(clock.read, most=5)

    await asyncio.gather(
        put(together, "abc", asker="one", size=3),
        put(together, "de", asker="two", size=2),
        put(together, "f", "g", asker="three", size=9),
    )
    assert clock.reads == [["abc", "de"], ["f"], ["g"]]
