"""Reads that share a statement: what is asked while one is under way is asked together by the next."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Found = TypeVar("Found")

AT_ONCE = 64
"""Questions in one read at most."""


class Together(Generic[Asked, Found]):
    """Asks `read`, which answers many questions in their order, once for all who wait.

    Nothing is remembered: an answer is always read after its question was put. One who stops waiting stops nobody else.
    """

    def __init__(self, read: Callable[[Sequence[Asked]], Awaitable[Sequence[Found]]]) -> None:
        self._read = read
        self._waiting: deque[tuple[Asked, asyncio.Future[Found]]] = deque()
        self._reading: asyncio.Task[None] | None = None

    async def answer(self, asked: Asked) -> Found:
        """Return the answer; raises what `read` raises."""
        answered: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answered))
        if self._reading is None:
            # in a context of its own: the reading serves others than the request that begins it
            self._reading = asyncio.get_running_loop().create_task(self._read_on(), context=Context())
        return await answered

    async def _read_on(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
                await self._answer(batch)
        finally:
            self._reading = None

    async def _answer(self, batch: Sequence[tuple[Asked, "asyncio.Future[Found]"]]) -> None:
        try:
            found = await self._read([asked for asked, _ in batch])
        except Exception as error:  # whatever went wrong, those who wait must hear of it
            for _, answered in batch:
                if not answered.done():
                    answered.set_exception(error)
            return
        for (_, answered), one in zip(batch, found, strict=True):
            if not answered.done():
                answered.set_result(one)
