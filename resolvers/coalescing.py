"""Look-ups of concurrent requests merged into one call of their register, and the answers taken apart again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from aiodataloader import DataLoader

from connectors.errors import SourceContractBroken, SourceUnavailable
from connectors.faults import FaultyRows
from connectors.questions import understood_keys
from connectors.resilience import request_deadline
from connectors.source import Count, Key, Lookup, Page, Row, Source
from runtime.deadlines import Deadlines

MOST_KEYS = 256
"""Keys of one merged call; more are asked in several calls side by side.

Of large look-ups each goes alone: to take rows apart costs a microsecond a row, a call of its own some 80 in all.
"""


@dataclass(slots=True, eq=False)
class _Asked:
    """One caller's look-up, and when that caller must have its answer (None: at no such moment)."""

    lookup: Lookup
    deadline: float | None


class Company:
    """The operations that are under way in this process: `with company:` around each of them."""

    __slots__ = ("_number",)

    def __init__(self) -> None:
        self._number = 0

    def __enter__(self) -> None:
        self._number += 1

    def __exit__(self, *_: object) -> None:
        self._number -= 1

    @property
    def is_alone(self) -> bool:
        return self._number < 2


class Coalescing:
    """The same source, asked once for all look-ups of one kind that arrive in one turn of the loop.

    Operations in company wait for the end of the turn: those answered together by one call then go on together, so
    that under load a hundred of them make hardly more calls than one. A look-up goes straight through where no other
    operation is under way and no other look-up of its kind: a lone caller pays for nothing. Every caller gets the rows
    of the keys it asked for and no others; masks are applied behind, for each caller by its own Gate. Nothing is kept
    when a call starts. A caller that gives up takes nothing from the others. Pages and counts pass through.
    """

    def __init__(self, source: Source, company: Company) -> None:
        self._source = source
        self._company = company
        self._gathering: dict[Any, _Lookups] = {}
        self._under_way: dict[Any, int] = {}
        self._deadlines = Deadlines()

    @property
    def register(self) -> str:
        return self._source.register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        # one caller's columns are not fetched of another's persons: only look-ups with the same needs are merged
        kind = (lookup.record, lookup.by, lookup.columns, lookup.where, lookup.order)
        is_alone = self._company.is_alone and kind not in self._under_way
        if is_alone or len(lookup.keys) >= MOST_KEYS:
            return await self._called(kind, lookup)
        loader = self._gathering.get(kind)
        if loader is None:
            start = partial(self._gathering.pop, kind, None)
            loader = self._gathering[kind] = _Lookups(partial(self._called, kind), start)
        deadline = request_deadline.get()
        asked = _Asked(lookup, deadline)
        if deadline is None:
            return await loader.load(asked)
        try:
            with self._deadlines.by(deadline):
                return await loader.load(asked)
        except TimeoutError:
            raise SourceUnavailable(self.register, "no answer in time") from None

    async def page(self, page: Page) -> Sequence[Row]:
        return await self._source.page(page)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        return await self._source.counts(count)

    async def ready(self) -> None:
        await self._source.ready()

    async def close(self) -> None:
        await self._source.close()

    async def _called(self, kind: Any, lookup: Lookup) -> Sequence[Row]:
        under_way = self._under_way
        under_way[kind] = under_way.get(kind, 0) + 1
        try:
            return await self._source.rows(lookup)
        finally:
            if under_way[kind] == 1:
                del under_way[kind]
            else:
                under_way[kind] -= 1


class _Lookups(DataLoader[_Asked, Sequence[Row]]):
    """The look-ups of one kind that have arrived in this turn; the next turn has another loader.

    It keeps nothing, so every caller has a future of its own and may be cancelled without the others.
    """

    cache = False

    def __init__(self, rows: Callable[[Lookup], Awaitable[Sequence[Row]]], start: Callable[[], object]) -> None:
        super().__init__()
        self._rows = rows
        self._start = start

    async def batch_load_fn(self, keys: list[_Asked]) -> list[Sequence[Row] | Exception]:  # type: ignore[override]
        self._start()
        _wait_for_the_last(keys)
        chunks = list(_chunks(keys))
        if len(chunks) == 1:
            return list(await self._answers(keys))
        return list(chain.from_iterable(await asyncio.gather(*map(self._answers, chunks))))

    async def _answers(self, asked: Sequence[_Asked]) -> Sequence[Sequence[Row] | Exception]:
        """Return each look-up's rows, or what went wrong with them."""
        try:
            rows = await self._rows(_merged(asked))
        except SourceContractBroken as error:
            if len(asked) == 1:
                return [error]
            # one caller's row is not right: the others shall not go without theirs
            return list(chain.from_iterable([await self._answers([one]) for one in asked]))
        except Exception as error:
            return [error] * len(asked)
        return _own(asked, rows)


def _wait_for_the_last(asked: Iterable[_Asked]) -> None:
    """Let the merged call last as long as the caller who can wait longest; this task has a context of its own."""
    deadlines = [one.deadline for one in asked]
    request_deadline.set(None if None in deadlines else max(deadline for deadline in deadlines if deadline is not None))


def _chunks(asked: Sequence[_Asked]) -> Iterator[Sequence[_Asked]]:
    chunk: list[_Asked] = []
    keys = 0
    for one in asked:
        if chunk and keys + len(one.lookup.keys) > MOST_KEYS:
            yield chunk
            chunk, keys = [], 0
        chunk.append(one)
        keys += len(one.lookup.keys)
    yield chunk


def _merged(asked: Sequence[_Asked]) -> Lookup:
    """Return the look-up of all keys."""
    first = asked[0].lookup
    if len(asked) == 1:
        return first
    return first._replace(keys=tuple(dict.fromkeys(chain.from_iterable(one.lookup.keys for one in asked))))


def _own(asked: Sequence[_Asked], rows: Sequence[Row]) -> Sequence[Sequence[Row]]:
    """Return the rows of each caller's keys, in one pass over the rows."""
    if len(asked) == 1:
        return [rows]
    answers: list[list[Row]] = []
    takers: dict[Key, list[list[Row]]] = {}
    is_faulty = isinstance(rows, FaultyRows)
    for one in asked:
        own: list[Row] = FaultyRows(()) if is_faulty else []
        answers.append(own)
        for key in understood_keys(one.lookup.keys):
            takers.setdefault(key, []).append(own)
    by = asked[0].lookup.columns.index(asked[0].lookup.by)
    for row in rows:
        for own in takers.get(row[by], ()):
            own.append(row)
    return answers
