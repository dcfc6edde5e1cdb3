"""The moment at which an operation ends, whatever it waits for."""

import asyncio

from auth.errors import DeadlineExceeded
from runtime.deadlines import Deadlines

OPERATION_DEADLINE_S = 12.0
"""From the request's coming to its answer; what is put on record of it has 6 s more."""


def ends_at(deadline_s: float) -> float:
    """Return the moment, in the running loop's time."""
    return asyncio.get_running_loop().time() + deadline_s


by = Deadlines(DeadlineExceeded).by
"""Return a block that raises DeadlineExceeded where it is not over by a moment; what it waits for is cancelled."""
