"""The moment at which an operation ends, whatever it waits for."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from auth.errors import DeadlineExceeded
from runtime.deadlines import Deadlines

OPERATION_DEADLINE_S = 12.0
"""From the request's coming to its answer; what is put on record of it has 6 s more."""

T = TypeVar("T")
_DEADLINES = Deadlines()


def ends_at(deadline_s: float) -> float:
    """Return the moment, in the running loop's time."""
    return asyncio.get_running_loop().time() + deadline_s


async def by(moment: float, work: Awaitable[T]) -> T:
    """Return what the work comes to; it is cancelled, and DeadlineExceeded raised, where it is not over by then."""
    block = _DEADLINES.by(moment)
    try:
        with block:
            return await work
    except TimeoutError:
        if not block.is_over:
            raise
    raise DeadlineExceeded
