"""Registers in memory that note what they are asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.errors import SourceError
from connectors.memory import MemorySource
from connectors.source import Count, Lookup, Page, Row


class Counted(MemorySource):
    """A register in memory that notes what it was asked, and fails where it has an `error`."""

    def __init__(self, register: str, rows: Sequence[Mapping[str, Any]], error: SourceError | None = None) -> None:
        super().__init__(register, {"learner": rows})
        self.asked: list[Any] = []
        self.error = error
        self.error_after = 0
        """How many questions are answered before it fails."""

    def _note(self, question: Any) -> None:
        self.asked.append(question)
        if self.error and len(self.asked) > self.error_after:
            raise self.error

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        self._note(lookup)
        return await super().rows(lookup)

    async def page(self, page: Page) -> Sequence[Row]:
        self._note(page)
        return await super().page(page)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        self._note(count)
        return await super().counts(count)
