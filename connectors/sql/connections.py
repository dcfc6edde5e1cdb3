"""A bounded set of open connections, the most recently used first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar

from connectors.guards.turns import TurnQueue


class PoolMember(Protocol):
    """What is kept open. `discard` ends it at once, also once more, `close` in good order; neither raises."""

    def is_open(self) -> bool: ...

    def discard(self) -> None: ...

    async def close(self) -> None: ...


C = TypeVar("C", bound=PoolMember)
Answer = TypeVar("Answer")


class ConnectionPool(Generic[C]):
    """At most `size` connections, opened on demand.

    The most recently used one is taken first: it has the statements prepared. A caller that is cancelled leaves its
    connection cancelling the statement, which the driver finishes before the next one; a connection on which that
    happens twice in a row is no longer trusted to answer and is ended.
    """

    def __init__(self, size: int, opened: Callable[[], Awaitable[C]]) -> None:
        self._opened = opened
        self._turns = TurnQueue(size)
        self._idle: list[C] = []
        self._abandoned: set[C] = set()
        self._closed = False

    async def using(self, use: Callable[..., Awaitable[Answer]], *arguments: Any) -> Answer:
        """Return what `use(connection, *arguments)` does on a connection that is the caller's until then."""
        if not self._turns.take():
            await self._turns.wait()
        try:
            connection = self._most_recent() or await self._opened()
            try:
                answer = await use(connection, *arguments)
            except asyncio.CancelledError:
                self._abandon(connection)
                raise
            else:
                if self._abandoned:
                    self._abandoned.discard(connection)
                return answer
            finally:
                self._give_back(connection)
        finally:
            self._turns.give_back()

    async def close(self) -> None:
        self._closed = True
        while (connection := self._most_recent()) is not None:
            await connection.close()

    def _most_recent(self) -> C | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open():
                return connection
            connection.discard()
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
        else:
            self._idle.append(connection)  # whether it is open still is seen when it is taken
