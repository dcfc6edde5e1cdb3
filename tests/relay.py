"""A relay before a server on the loopback, by which a test makes the way to it fail."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.servers import LOOPBACK

_CHUNK = 65_536


class _Route:
    """One connection through the relay."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.ends = near, far
        self.is_frozen = False
        self.is_mute = False

    def cut(self) -> None:
        for end in self.ends:
            end.transport.abort()


class Relay:
    """What it does is said of the connections that are open, or of all answers from now on."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._routes: set[_Route] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.answers_nul = False
        """Whether every byte that the server sends arrives as NUL."""

    @property
    def open_connections(self) -> int:
        return len(self._routes)

    def freeze(self) -> None:
        """Nothing passes any more on connections that are open, and neither end hears of it; new ones work."""
        for route in self._routes:
            route.is_frozen = True

    def mute(self) -> None:
        """On connections that are open what the server is told still arrives, but nothing of what it answers."""
        for route in self._routes:
            route.is_mute = True

    def cut(self) -> None:
        """Reset the connections that are open."""
        for route in self._routes:
            route.cut()

    async def serve(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        answers, far = await asyncio.open_connection(LOOPBACK, self._target)
        route = _Route(near, far)
        self._routes.add(route)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                async with asyncio.TaskGroup() as ways:
                    ways.create_task(self._passed(route, reader, far))
                    ways.create_task(self._passed(route, answers, near, is_answer=True))
        except* OSError:
            pass
        finally:
            self._routes.discard(route)
            self._tasks.discard(task)
            route.cut()

    async def _passed(
        self, route: _Route, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool = False
    ) -> None:
        while data := await reader.read(_CHUNK):
            if route.is_frozen or (is_answer and route.is_mute):
                await asyncio.Event().wait()
            writer.write(bytes(len(data)) if is_answer and self.answers_nul else data)
            await writer.drain()
        raise ConnectionResetError  # the one way ends with the other

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def relay(target: int) -> AsyncIterator[Relay]:
    """Yield a relay to a port on the loopback, on a free port of its own."""
    made = Relay(target)
    server = await asyncio.start_server(made.serve, LOOPBACK)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.close()
