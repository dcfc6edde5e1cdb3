"""A block ends when its time is up, and nobody else's; a caller's own cancellation stays one."""

import asyncio

import pytest

from runtime.deadlines import Deadlines

pytestmark = pytest.mark.anyio


async def _ends_after(deadlines: Deadlines, seconds: float, sleep: float = 30) -> str:
    try:
        with deadlines.by(asyncio.get_running_loop().time() + seconds):
            await asyncio.sleep(sleep)
    except TimeoutError:
        return "too late"
    return "in time"


async def test_each_block_has_its_own_moment() -> None:
    deadlines = Deadlines()
    began = asyncio.get_running_loop().time()
    late = [_ends_after(deadlines, 0.06), _ends_after(deadlines, 0.02), _ends_after(deadlines, 0.04)]
    assert await asyncio.gather(*late, _ends_after(deadlines, 5, 0.05)) == ["too late"] * 3 + ["in time"]
    assert 0.055 < asyncio.get_running_loop().time() - began < 1


async def test_a_moment_that_has_passed_ends_the_first_waiting() -> None:
    assert await _ends_after(Deadlines(), -1) == "too late"


async def test_a_block_that_was_over_in_time_leaves_its_task_alone() -> None:
    deadlines = Deadlines()
    assert await _ends_after(deadlines, 0.02, 0) == "in time"
    await asyncio.sleep(0.05)
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]


async def test_a_task_goes_on_after_its_deadline() -> None:
    deadlines = Deadlines()
    assert await _ends_after(deadlines, 0.01) == "too late"
    assert await _ends_after(deadlines, 5, 0.01) == "in time"
    assert await _ends_after(deadlines, 0.01) == "too late"


async def test_being_cancelled_is_not_being_late() -> None:
    task = asyncio.create_task(_ends_after(Deadlines(), 5))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_outer_of_two_blocks_may_end_first() -> None:
    deadlines, loop = Deadlines(), asyncio.get_running_loop()
    with pytest.raises(TimeoutError), deadlines.by(loop.time() + 0.02), deadlines.by(loop.time() + 5):
        await asyncio.sleep(30)
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]


def test_a_timer_of_a_loop_that_has_ended_watches_nobody() -> None:
    deadlines = Deadlines()
    assert asyncio.run(_ends_after(deadlines, 0.5, 0)) == "in time"
    assert asyncio.run(_ends_after(deadlines, 0.7)) == "too late"
