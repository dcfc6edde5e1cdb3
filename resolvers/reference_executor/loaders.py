"""Batching within one request: all keys of one shape that are asked in one turn of the loop go to the Gate together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiodataloader import DataLoader

from engine.declarations import Sort, Test
from engine.gate import Gate, Prepared, Row


class RowsLoader(DataLoader[Any, Sequence[Row]]):
    """All rows of a key, in the order asked for; none: an empty sequence."""

    def __init__(self, gate: Gate, prepared: Prepared, where: tuple[Test, ...], order: tuple[Sort, ...]) -> None:
        super().__init__()
        self._gate = gate
        self._prepared = prepared
        self._where = where
        self._order = order

    async def batch_load_fn(self, keys: list[Any]) -> list[Sequence[Row]]:
        rows_by_key: dict[Any, list[Row]] = {key: [] for key in keys}
        for row in await self._gate.lookup(self._prepared, keys, self._where, self._order):
            rows_by_key[row[0]].append(row)
        return [rows_by_key[key] for key in keys]


class AdmissionsLoader(DataLoader[Any, bool]):
    """Whether a question may be answered, for all subjects of whom it is asked in one turn; each row counts."""

    cache = False

    def __init__(self, admitted: Callable[[Sequence[Any]], Awaitable[Sequence[bool]]]) -> None:
        super().__init__()
        self._admitted = admitted

    async def batch_load_fn(self, keys: list[Any]) -> list[bool]:
        return list(await self._admitted(keys))


async def load(loader: DataLoader[Any, Any], key: Any) -> Any:
    """Return what the loader has for the key.

    Shielded: graphql-core cancels the siblings of a field whose null bubbles, and a cancelled future of a loader
    would fail every other field that waits for the same key.
    """
    return await asyncio.shield(loader.load(key))
