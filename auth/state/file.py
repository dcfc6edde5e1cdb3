"""A connection to our own state in SQLite that is given up without waiting for what its thread is doing.

A thread that waits for the disk, or for another's lock, cannot be stopped. Whoever has waited long enough must not wait
for it while the connection is closed: that made every time limit as long as the disk took.
"""

import asyncio
import sqlite3
from typing import Any

import aiosqlite

_FAREWELL_S = 1.0
_ROWS_AT_ONCE = 64


class FileConnection(aiosqlite.Connection):
    """As aiosqlite's, but closed in its own time where that takes long."""

    async def close(self) -> None:
        if self._running:
            closed = self.stop()  # behind what its thread is doing
            if closed is not None:
                await asyncio.wait([closed], timeout=_FAREWELL_S)


def opened_file(database: str, **options: Any) -> FileConnection:
    """Return a connection that opens when it is awaited; the options are those of `sqlite3.connect`."""
    connection = FileConnection(lambda: sqlite3.connect(database, **options), _ROWS_AT_ONCE)
    connection._thread.daemon = True  # or it keeps the process from ending
    return connection
