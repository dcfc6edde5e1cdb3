"""The moment at which an operation ends, whatever it waits for."""

import asyncio

from auth.errors import DeadlineExceeded
from runtime.deadlines import Deadline, Deadlines

OPERATION_DEADLINE_S = 12.0
"""From the request's coming to its answer; what is put on record of it has 6 s more."""

_DEADLINES = Deadlines(DeadlineExceeded)


def ends_at(deadline_s: float) -> float:
    """Return the moment, in the running loop's time."""
    return asyncio.get_running_loop().time() + deadline_s


def by(moment: float) -> Deadline:
    """Return a block that raises DeadlineExceeded where it is not over by then; what it waits for is cancelled."""
    return _DEADLINES.by(moment)
