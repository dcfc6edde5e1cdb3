"""A record that no register of the deployment serves: it has no rows, and nothing is called."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.source import Count, Lookup, Page, Row


class Unserved:
    """The source in place of a register. Nobody may take its silence for the truth: the Gate denies its record.

    What is left to it are facts: a subject whose record nobody serves is a stranger, and nobody is a guardian.
    """

    def __init__(self, register: str) -> None:
        self.register = register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        return ()

    async def page(self, page: Page) -> Sequence[Row]:
        return ()

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        return count.of_no_rows

    async def ready(self) -> None:
        return

    async def close(self) -> None:
        return
