"""Sources that misbehave in one chosen way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from connectors.source import EVERYTHING, Count, Lookup, Order, Page, Row

PAGE = Page("learner", ("sector_code",), EVERYTHING, (), (Order("sector_code"),), 1)
LOOKUP = Lookup("learner", "sector_code", ("HS01", "HS02"), ("sector_code", "birth_date"))


class Answering:
    """A source that answers whatever is asked with the same rows."""

    register = "education"

    def __init__(self, *rows: Row, counts: Mapping[tuple[Any, ...], int] | None = None) -> None:
        self._rows, self._counts = rows, counts or {}

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        return self._rows

    async def page(self, page: Page) -> Sequence[Row]:
        return self._rows

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        return self._counts

    async def ready(self) -> None:
        return

    async def close(self) -> None:
        return


class Scripted(Answering):
    """A source whose look-ups and pages run a script, and are counted."""

    def __init__(self, script: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._script = script
        self.calls = self.in_flight = self.most_in_flight = 0

    async def page(self, page: Page) -> Sequence[Row]:
        return await self._run()

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        return await self._run()

    async def _run(self) -> Sequence[Row]:
        self.calls += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self._script()
        finally:
            self.in_flight -= 1
        return ()

    async def ready(self) -> None:
        await self._script()


async def forever() -> None:
    await asyncio.Event().wait()
