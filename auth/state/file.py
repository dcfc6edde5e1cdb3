"""Our own state in a SQLite file: the file that was opened and no other, and connections that are given up.

What is written into a file that was deleted, or that another was put in place of, is lost with the process: nothing is
read or written any more.

A thread that waits for the disk, or for another's lock, cannot be stopped. Whoever has waited long enough must not wait
for it while the connection is closed: that made every time limit as long as the disk took.
"""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import aiosqlite

_FAREWELL_S = 1.0
_ROWS_AT_ONCE = 64


class StateFile:
    """The file that a path names now, or none where the state is in memory."""

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path and path != ":memory:" else None
        self._identity = self._found() if self._path else None

    def check(self) -> None:
        """Raise OSError where the path no longer names it."""
        if self._path is not None and self._found() != self._identity:
            raise FileNotFoundError("the file of our own state is not the one that was opened: start again")

    def opened(self, database: str, **options: Any) -> "StateConnection":
        """As `opened_file`. Raises OSError rather than make another file where it is gone."""
        self.check()
        return opened_file(database, **options)

    def _found(self) -> tuple[int, int]:
        assert self._path is not None
        found = self._path.stat()
        return found.st_dev, found.st_ino


class StateConnection(aiosqlite.Connection):
    """As aiosqlite's, but closed in its own time where that takes long."""

    async def close(self) -> None:
        if self._running:
            closed = self.stop()  # behind what its thread is doing
            if closed is not None:
                await asyncio.wait([closed], timeout=_FAREWELL_S)


def opened_file(database: str, **options: Any) -> StateConnection:
    """Return a connection that opens when it is awaited; the options are those of `sqlite3.connect`."""
    connection = StateConnection(lambda: sqlite3.connect(database, **options), _ROWS_AT_ONCE)
    connection._thread.daemon = True  # or it keeps the process from ending
    return connection
