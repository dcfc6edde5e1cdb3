"""The moment at which an operation ends, whatever it waits for."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from auth.errors import DeadlineExceeded

OPERATION_DEADLINE_S = 12.0
"""From the request's coming to its answer; what is put on record of it has as long again as a commit may take."""

T = TypeVar("T")


def ends_at(deadline_s: float) -> float:
    """Return the moment, in the running loop's time."""
    return asyncio.get_running_loop().time() + deadline_s


async def by(moment: float, work: Awaitable[T]) -> T:
    """Return what the work comes to; it is cancelled, and DeadlineExceeded raised, where it is not over by then."""
    wall = asyncio.timeout_at(moment)
    try:
        async with wall:
            return await work
    except TimeoutError:
        if not wall.expired():
            raise
    raise DeadlineExceeded
