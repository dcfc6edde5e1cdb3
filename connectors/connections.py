"""A bounded set of open connections, the most recently used first."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar


class Connection(Protocol):
    """What is kept open. `discard` ends it at once, `close` in good order; neither raises."""

    def is_open(self) -> bool: ...

    def discard(self) -> None: ...

    async def close(self) -> None: ...


C = TypeVar("C", bound=Connection)


class Connections(Generic[C]):
    """At most `size` connections, opened on demand.

    The most recently used one is taken first: it has the statements prepared. A caller that is cancelled leaves its
    connection cancelling the statement, which the driver finishes before the next one; a connection on which that
    happens twice in a row is no longer trusted to answer and is ended.
    """

    def __init__(self, size: int, opened: Callable[[], Awaitable[C]]) -> None:
        self._opened = opened
        self._free = asyncio.Semaphore(size)
        self._idle: list[C] = []
        self._abandoned: set[C] = set()
        self._closed = False

    @asynccontextmanager
    async def one(self) -> AsyncIterator[C]:
        async with self._free:
            connection = self._most_recent() or await self._opened()
            try:
                yield connection
            except asyncio.CancelledError:
                self._abandon(connection)
                raise
            else:
                self._abandoned.discard(connection)
            finally:
                self._give_back(connection)

    async def close(self) -> None:
        self._closed = True
        while self._idle:
            await self._idle.pop().close()

    def _most_recent(self) -> C | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open():
                return connection
            self._abandoned.discard(connection)
        return None

    def _abandon(self, connection: C) -> None:
        if connection in self._abandoned:
            connection.discard()
        else:
            self._abandoned.add(connection)

    def _give_back(self, connection: C) -> None:
        if self._closed:
            connection.discard()
        if connection.is_open():
            self._idle.append(connection)
        else:
            self._abandoned.discard(connection)
