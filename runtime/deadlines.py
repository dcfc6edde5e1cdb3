"""Moments by which calls must be over, watched by one timer for all of them."""

import asyncio
import math
from types import TracebackType

RESOLUTION_S = 0.001
"""A timer may ring this much too early: uvloop counts whole milliseconds."""


class Deadlines:
    """Cancels the tasks whose time is up, as `asyncio.timeout_at` does, which sets and clears a timer for every call.

    The timer here is set for the earliest moment known and not cleared when that call is over. It costs nothing while
    calls end in time.
    """

    __slots__ = ("_error", "_loop", "_rings_at", "_running", "_timer")

    def __init__(self, error: type[Exception] = TimeoutError) -> None:
        """`error`: what a block raises whose time is up."""
        self._error = error
        self._running: set[Deadline] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = math.inf

    def by(self, when: float) -> "Deadline":
        """Return a block that raises the error where it is not over at `when`, in the running loop's time."""
        return Deadline(self._running, self, when)

    def expect(self, when: float, loop: asyncio.AbstractEventLoop) -> None:
        """Let the timer ring at `when`, or before."""
        if when < self._rings_at or loop is not self._loop:
            self._set(when, loop)

    def late(self) -> Exception:
        return self._error()

    def _set(self, when: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._loop, self._rings_at = loop, when
        self._timer = loop.call_at(when, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, self._rings_at = None, math.inf
        now = loop.time() + RESOLUTION_S
        for block in [block for block in self._running if block.when <= now]:
            self._running.discard(block)
            block.expire()
        if self._running:
            self._set(min(block.when for block in self._running), loop)


class Deadline:
    """One block of one task; entered once."""

    __slots__ = ("_cancelling", "_deadlines", "_is_over", "_running", "_task", "when")

    def __init__(self, running: "set[Deadline]", deadlines: Deadlines, when: float) -> None:
        self._running, self._deadlines, self.when = running, deadlines, when
        self._is_over = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline needs a task")
        self._task, self._cancelling = task, task.cancelling()
        self._running.add(self)
        self._deadlines.expect(self.when, task.get_loop())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_over:
            self._running.discard(self)
        elif self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise self._deadlines.late() from error

    def expire(self) -> None:
        """End the task's waiting; called once, by the timer."""
        self._is_over = True
        self._task.cancel()
