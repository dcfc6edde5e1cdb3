"""Moments by which calls must be over, watched by one timer for all of them."""

import asyncio
import math
from collections.abc import Callable
from functools import partial
from types import TracebackType

RESOLUTION_S = 0.001
"""A timer may ring this much too early: uvloop counts whole milliseconds."""


class Deadlines:
    """Cancels the tasks whose time is up, as `asyncio.timeout_at` does, which sets and clears a timer for every call.

    The timer here is set for the earliest moment known and not cleared when that call is over. It costs nothing while
    calls end in time.
    """

    __slots__ = ("_error", "_timer", "by", "loop", "rings_at", "running")

    def __init__(self, error: type[Exception] = TimeoutError) -> None:
        """`error`: what a block raises whose time is up."""
        self._error = error
        self.running: set[Deadline] = set()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.rings_at = math.inf
        self._timer: asyncio.TimerHandle | None = None
        # a partial, because a method would be one more call of Python for each block
        self.by: Callable[[float], Deadline] = partial(Deadline, self)
        """Return a block that raises the error where it is not over at a moment, in the running loop's time."""

    def late(self) -> Exception:
        return self._error()

    def expect(self, when: float, loop: asyncio.AbstractEventLoop) -> None:
        """Let the timer ring at `when`, which is before it would."""
        if self._timer is not None:
            self._timer.cancel()
        self.loop, self.rings_at = loop, when
        self._timer = loop.call_at(when, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, self.rings_at = None, math.inf
        now = loop.time() + RESOLUTION_S
        for block in [block for block in self.running if block.when <= now]:
            self.running.discard(block)
            block.expire()
        if self.running:
            self.expect(min(block.when for block in self.running), loop)


class Deadline:
    """One block of one task; entered once."""

    __slots__ = ("_cancelling", "_deadlines", "_is_over", "_task", "when")

    def __init__(self, deadlines: Deadlines, when: float) -> None:
        self._deadlines, self.when = deadlines, when
        self._is_over = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline needs a task")
        self._task, self._cancelling = task, task.cancelling()
        deadlines, loop = self._deadlines, task.get_loop()
        deadlines.running.add(self)
        if self.when < deadlines.rings_at or loop is not deadlines.loop:
            deadlines.expect(self.when, loop)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_over:
            self._deadlines.running.discard(self)
        elif self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise self._deadlines.late() from error

    def expire(self) -> None:
        """End the task's waiting; called once, by the timer."""
        self._is_over = True
        self._task.cancel()
