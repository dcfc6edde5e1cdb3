"""Reads that share a statement: what is asked while one is under way is asked together by the next."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from typing import Generic, NamedTuple, TypeVar

Asked = TypeVar("Asked")
Found = TypeVar("Found")

AT_ONCE = 64
"""Questions in one read at most."""


class _Pending(NamedTuple, Generic[Asked, Found]):
    asked: Asked
    size: int
    answered: "asyncio.Future[Found]"


class MicroBatcher(Generic[Asked, Found]):
    """Asks `read`, which answers many questions in their order, once for all who wait: `most` in all, by their sizes.

    Askers take turns, so that one with many questions waiting delays no other. A question larger than `most` is read
    alone. Nothing is remembered: an answer is always read after its question was put. One who stops waiting stops
    nobody else, and is not asked for any more.
    """

    def __init__(self, read: Callable[[Sequence[Asked]], Awaitable[Sequence[Found]]], most: int = AT_ONCE) -> None:
        self._read = read
        self._most = most
        self._waiting: dict[Hashable, deque[_Pending[Asked, Found]]] = {}
        """By asker, who is next first."""
        self._reading: asyncio.Task[None] | None = None

    async def answer(self, asked: Asked, asker: Hashable = None, size: int = 1) -> Found:
        """Return the answer; raises what `read` raises."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Found] = loop.create_future()
        self._waiting.setdefault(asker, deque()).append(_Pending(asked, size, answered))
        if self._reading is None:
            # in a context of its own: the reading serves others than the request that begins it
            self._reading = loop.create_task(self._read_on(), context=Context())
        return await answered

    async def _read_on(self) -> None:
        try:
            while batch := self._batch():
                await self._answer(batch)
        finally:
            self._reading = None

    def _batch(self) -> Sequence[_Pending[Asked, Found]]:
        """Take what is read next, one question of each asker after another; nothing where nobody waits any more."""
        batch: list[_Pending[Asked, Found]] = []
        room = self._most
        while self._waiting:
            asker, own = next(iter(self._waiting.items()))
            while own and own[0].answered.done():  # who asked has left
                own.popleft()
            if not own:
                del self._waiting[asker]
                continue
            if batch and own[0].size > room:
                break
            del self._waiting[asker]
            batch.append(own.popleft())
            room -= batch[-1].size
            if own:
                self._waiting[asker] = own
        return batch

    async def _answer(self, batch: Sequence[_Pending[Asked, Found]]) -> None:
        try:
            found = await self._read([pending.asked for pending in batch])
        except Exception as error:  # whatever it is, every pending read must fail with it
            for pending in batch:
                if not pending.answered.done():
                    pending.answered.set_exception(error)
            return
        for pending, answer in zip(batch, found, strict=True):
            if not pending.answered.done():
                pending.answered.set_result(answer)
