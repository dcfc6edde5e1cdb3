"""Look-ups of concurrent requests merged into one call of their register, and the answers taken apart again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from aiodataloader import DataLoader

from connectors.composition.composed import Composed
from connectors.composition.overlapping import Overlapping
from connectors.errors import PartlyAvailable, SourceContractBroken
from connectors.faults import FaultyRows
from connectors.guards.questions import understood_keys
from connectors.guards.resilience import request_deadline
from connectors.source import Count, Key, Lookup, Page, Row, Source

MOST_KEYS = 256
"""Keys of one merged call; more are asked in several calls side by side.

Of large look-ups each goes alone: to take rows apart costs a microsecond a row, a call of its own some 80 in all.
"""


class InFlight:
    """The operations that are under way in this process: `with in_flight:` around each of them."""

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

    Concurrent operations wait for the end of the turn: those answered together by one call then go on together, so
    that under load a hundred of them make hardly more calls than one. A look-up goes straight through where no other
    operation is under way and no other look-up of its kind: a lone caller pays for nothing. Every caller gets the rows
    of the keys it asked for and no others; masks are applied behind, for each caller by its own Gate. Nothing is kept
    when a call starts. A caller that gives up takes nothing from the others. Look-ups are merged whose deadlines are in
    one second, and wait for the last of these: to watch each caller's costs more than all else here. Pages and counts
    pass through.
    """

    def __init__(self, source: Source, in_flight: InFlight) -> None:
        self._source = source
        self._routed = source.routed if isinstance(source, Composed | Overlapping) else None
        self._in_flight = in_flight
        self._gathering: dict[Any, _Lookups] = {}
        self._under_way: dict[Any, int] = {}

    @property
    def register(self) -> str:
        return self._source.register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        # one caller's columns are not fetched of another's persons: only look-ups with the same needs are merged
        kind: tuple[Any, ...] = (lookup.record, lookup.by, lookup.columns, lookup.where, lookup.order)
        if self._routed is not None:  # a caller that needs one register shall not wait for another
            kind = (*kind, self._routed(lookup))
        is_alone = self._in_flight.is_alone and kind not in self._under_way
        if is_alone or len(lookup.keys) >= MOST_KEYS:
            return await self._called(kind, lookup)
        deadline = request_deadline.get()
        merged = (kind, None if deadline is None else int(deadline))
        loader = self._gathering.get(merged)
        if loader is None:
            start = partial(self._gathering.pop, merged, None)
            loader = self._gathering[merged] = _Lookups(partial(self._called, kind), start)
        if deadline is not None and (loader.deadline is None or loader.deadline < deadline):
            loader.deadline = deadline
        return await loader.load(lookup)

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


class _Lookups(DataLoader[Lookup, Sequence[Row]]):
    """The look-ups of one kind that have arrived in this turn; the next turn has another loader.

    It keeps nothing, so every caller has a future of its own and may be cancelled without the others.
    """

    cache = False

    def __init__(self, rows: Callable[[Lookup], Awaitable[Sequence[Row]]], start: Callable[[], object]) -> None:
        super().__init__()
        self._rows = rows
        self._start = start
        self.deadline: float | None = None
        """When the last of the callers must have its answer; None: at no such moment."""

    async def batch_load_fn(self, keys: list[Lookup]) -> list[Sequence[Row] | Exception]:  # type: ignore[override]
        self._start()
        request_deadline.set(self.deadline)  # this task has a context of its own
        chunks = list(_chunks(keys))
        if len(chunks) == 1:
            return list(await self._answers(keys))
        return list(chain.from_iterable(await asyncio.gather(*map(self._answers, chunks))))

    async def _answers(self, asked: Sequence[Lookup]) -> Sequence[Sequence[Row] | Exception]:
        """Return each look-up's rows, or what went wrong with them."""
        try:
            rows = await self._rows(_merged(asked))
        except SourceContractBroken as error:
            if len(asked) == 1:
                return [error]
            # one caller's row is not right: the others shall not go without theirs
            return list(chain.from_iterable([await self._answers([lookup]) for lookup in asked]))
        except PartlyAvailable as error:
            if len(asked) == 1:
                return [error]
            return [PartlyAvailable(own, error.missing) for own in _own(asked, error.rows)]
        except Exception as error:
            return [error] * len(asked)
        return _own(asked, rows)


def _chunks(asked: Sequence[Lookup]) -> Iterator[Sequence[Lookup]]:
    chunk: list[Lookup] = []
    keys = 0
    for lookup in asked:
        if chunk and keys + len(lookup.keys) > MOST_KEYS:
            yield chunk
            chunk, keys = [], 0
        chunk.append(lookup)
        keys += len(lookup.keys)
    yield chunk


def _merged(asked: Sequence[Lookup]) -> Lookup:
    """Return the look-up of all keys."""
    first = asked[0]
    if len(asked) == 1:
        return first
    return first._replace(keys=tuple(dict.fromkeys(chain.from_iterable(lookup.keys for lookup in asked))))


def _own(asked: Sequence[Lookup], rows: Sequence[Row]) -> Sequence[Sequence[Row]]:
    """Return the rows of each caller's keys, in one pass over the rows."""
    if len(asked) == 1:
        return [rows]
    answers: list[list[Row]] = []
    takers: dict[Key, list[list[Row]]] = {}
    is_faulty = isinstance(rows, FaultyRows)
    for lookup in asked:
        own: list[Row] = FaultyRows(()) if is_faulty else []
        answers.append(own)
        for key in understood_keys(lookup.keys):
            takers.setdefault(key, []).append(own)
    by = asked[0].columns.index(asked[0].by)
    for row in rows:
        for own in takers.get(row[by], ()):
            own.append(row)
    return answers
