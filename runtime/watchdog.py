"""A watchdog that ends a process with a blocked event loop, so that its supervisor starts another.

Neither a task nor a Python thread can do this: C code that blocks the loop may hold the interpreter's lock. The timer
is a thread in C (faulthandler), which the loop restarts for as long as it runs.
"""

import asyncio
import faulthandler
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

STALL_S = 30.0
_TURNS = 4
"""How often the timer is wound up within its time."""


@asynccontextmanager
async def watched(stall_s: float = STALL_S) -> AsyncIterator[None]:
    """End the process with status 1 where the running loop does not turn for `stall_s`.

    The stacks of all threads are on the standard error stream then: files, lines and functions, never a value.
    """
    winding = asyncio.create_task(_winding(stall_s), name="watchdog")
    try:
        yield
    finally:
        winding.cancel()
        with suppress(asyncio.CancelledError):
            await winding
        faulthandler.cancel_dump_traceback_later()


async def _winding(stall_s: float) -> None:
    while True:
        faulthandler.dump_traceback_later(stall_s, exit=True, file=sys.stderr)
        await asyncio.sleep(stall_s / _TURNS)
