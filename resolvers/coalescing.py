"""Look-ups of concurrent requests merged into one call of their register, and the answers taken apart again."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

from aiodataloader import DataLoader

from connectors.errors import SourceContractBroken, SourceUnavailable
from connectors.questions import understood_keys
from connectors.resilience import request_deadline
from connectors.source import Count, Lookup, Page, Row, Source
from resolvers.loaders import load

MOST_KEYS = 2_000
"""Keys of one merged call; more are asked in several calls side by side."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One caller's look-up, and when that caller must have its answer (None: at no such moment)."""

    lookup: Lookup
    deadline: float | None


class Coalescing:
    """The same source, asked once for all look-ups of one kind that arrive in one turn of the loop.

    A look-up goes straight through where none of its kind is under way: a lone caller pays for nothing. Every caller
    gets the rows of the keys it asked for and no others; masks are applied behind, for each caller by its own Gate.
    Nothing is kept when a call starts. A caller that gives up takes nothing from the others. Pages and counts pass
    through.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._gathering: dict[Any, _Lookups] = {}
        self._under_way: Counter[Any] = Counter()

    @property
    def register(self) -> str:
        return self._source.register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        # one caller's columns are not fetched of another's persons: only look-ups with the same needs are merged
        kind = (lookup.record, lookup.by, lookup.columns, lookup.where, lookup.order)
        if kind not in self._under_way:
            return await self._called(kind, lookup)
        loader = self._gathering.get(kind)
        if loader is None:
            loader = self._gathering[kind] = _Lookups(
                partial(self._called, kind), partial(self._gathering.pop, kind, None)
            )
        asked = _Asked(lookup, request_deadline.get())
        try:
            async with asyncio.timeout_at(asked.deadline):
                return await load(loader, asked)  # type: ignore[no-any-return]
        except TimeoutError:
            raise SourceUnavailable(self.register, "no answer in time") from None

    async def _called(self, kind: Any, lookup: Lookup) -> Sequence[Row]:
        self._under_way[kind] += 1
        try:
            return await self._source.rows(lookup)
        finally:
            self._under_way[kind] -= 1
            if not self._under_way[kind]:
                del self._under_way[kind]

    async def page(self, page: Page) -> Sequence[Row]:
        return await self._source.page(page)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        return await self._source.counts(count)

    async def ready(self) -> None:
        await self._source.ready()

    async def close(self) -> None:
        await self._source.close()


class _Lookups(DataLoader[_Asked, Sequence[Row] | Exception]):
    """The look-ups of one kind that have arrived in this turn; the next turn has another loader."""

    cache = False

    def __init__(self, rows: Callable[[Lookup], Awaitable[Sequence[Row]]], start: Callable[[], object]) -> None:
        super().__init__()
        self._rows = rows
        self._start = start

    async def batch_load_fn(self, keys: list[_Asked]) -> list[Sequence[Row] | Exception]:
        self._start()
        _wait_for_the_last(keys)
        calls = [self._answers(chunk) for chunk in _chunks([one.lookup for one in keys])]
        return list(chain.from_iterable(await asyncio.gather(*calls)))

    async def _answers(self, lookups: Sequence[Lookup]) -> Sequence[Sequence[Row] | Exception]:
        """Return each look-up's rows, or what went wrong with them."""
        try:
            rows = await self._rows(_merged(lookups))
        except SourceContractBroken as error:
            if len(lookups) == 1:
                return [error]
            # one caller's row is not right: the others shall not go without theirs
            return list(chain.from_iterable([await self._answers([one]) for one in lookups]))
        except Exception as error:
            return [error] * len(lookups)
        return [_own(one, rows) for one in lookups]


def _wait_for_the_last(asked: Iterable[_Asked]) -> None:
    """Let the merged call last as long as the caller who can wait longest; this task has a context of its own."""
    deadlines = [one.deadline for one in asked]
    request_deadline.set(None if None in deadlines else max(deadline for deadline in deadlines if deadline is not None))


def _chunks(lookups: Sequence[Lookup]) -> Iterator[Sequence[Lookup]]:
    chunk: list[Lookup] = []
    keys = 0
    for lookup in lookups:
        if chunk and keys + len(lookup.keys) > MOST_KEYS:
            yield chunk
            chunk, keys = [], 0
        chunk.append(lookup)
        keys += len(lookup.keys)
    yield chunk


def _merged(lookups: Sequence[Lookup]) -> Lookup:
    """Return the look-up of all keys."""
    return replace(lookups[0], keys=tuple(dict.fromkeys(chain.from_iterable(one.keys for one in lookups))))


def _own(lookup: Lookup, rows: Sequence[Row]) -> Sequence[Row]:
    """Return the rows of one caller's keys."""
    keys = frozenset(understood_keys(lookup.keys))
    by = lookup.columns.index(lookup.by)
    return [row for row in rows if row[by] in keys]
