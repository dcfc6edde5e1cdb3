"""Concurrent look-ups are merged, and every caller gets its own rows and columns, errors and time."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from connectors.errors import SourceContractBroken, SourceUnavailable
from connectors.guards.resilience import Resilient, SourceLimits, request_deadline
from connectors.memory import MemorySource
from connectors.source import Condition, Count, Lookup, Order, Page, Row
from resolvers.coalescing import MOST_KEYS, Coalescing, InFlight

pytestmark = pytest.mark.anyio

LEARNERS = [
    {"sector_code": f"s{number}", "full_name": f"name {number}", "status": "LEFT", "province_code": str(number % 2)}
    for number in range(100)
]


class _Register:
    """A register that takes a moment, and refuses what the test says."""

    register = "education"

    def __init__(self, refuse: Any = None) -> None:
        self._source = MemorySource("education", {"learner": LEARNERS})
        self._refuse = refuse
        self.asked: list[Lookup] = []
        self.asked_again = asyncio.Event()
        self.released = asyncio.Event()
        self.released.set()

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        self.asked.append(lookup)
        if len(self.asked) == 2:
            self.asked_again.set()
        await self.released.wait()
        await asyncio.sleep(0.001)
        if self._refuse is not None:
            self._refuse(lookup)
        return await self._source.rows(lookup)

    async def page(self, page: Page) -> Sequence[Row]:
        return await self._source.page(page)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        return await self._source.counts(count)

    async def ready(self) -> None:
        return

    async def close(self) -> None:
        return


def _lookup(*keys: str, columns: tuple[str, ...] = ("sector_code", "full_name"), **more: Any) -> Lookup:
    return Lookup("learner", "sector_code", keys, columns, **more)


async def test_look_ups_of_one_turn_are_one_call_beside_the_first() -> None:
    register = _Register()
    source = Coalescing(register, InFlight())
    found = await asyncio.gather(*[source.rows(_lookup(f"s{number}")) for number in range(64)])
    assert found == [[(f"s{number}", f"name {number}")] for number in range(64)]
    assert [len(asked.keys) for asked in register.asked] == [1, 63]


async def test_operations_in_company_make_one_call_however_they_come() -> None:
    register, in_flight = _Register(), InFlight()
    source = Coalescing(register, in_flight)

    async def operation(number: int) -> tuple[Sequence[Row], Sequence[Row]]:
        with in_flight:
            first = await source.rows(_lookup(f"s{number}"))
            return first, await source.rows(_lookup(f"s{number + 1}", columns=("sector_code", "status")))

    found = await asyncio.gather(*map(operation, range(32)))
    assert found == [([(f"s{n}", f"name {n}")], [(f"s{n + 1}", "LEFT")]) for n in range(32)]
    assert [len(asked.keys) for asked in register.asked] == [1, 31, 32]


async def test_whoever_is_left_alone_waits_for_nobody() -> None:
    register, in_flight = _Register(), InFlight()
    lookups = _lookup("s1"), _lookup("s2")
    for lookup in lookups:
        with in_flight:
            await Coalescing(register, in_flight).rows(lookup)
    assert [asked is lookup for asked, lookup in zip(register.asked, lookups, strict=True)] == [True, True]


async def test_a_lone_look_up_goes_through_as_it_is() -> None:
    register = _Register()
    lookup = _lookup("s1")
    await Coalescing(register, InFlight()).rows(lookup)
    assert register.asked[0] is lookup


async def test_each_caller_gets_the_rows_of_its_own_keys() -> None:
    register = _Register()
    source = Coalescing(register, InFlight())
    found = await asyncio.gather(
        *[source.rows(_lookup(*keys)) for keys in (("s9",), ("s1", "s2"), ("s3", "s2"), ("no",))]
    )
    assert [[key for key, _ in rows] for rows in found] == [["s9"], ["s1", "s2"], ["s2", "s3"], []]
    assert len(register.asked) == 2


async def test_look_ups_that_ask_otherwise_are_not_merged() -> None:
    register = _Register()
    source = Coalescing(register, InFlight())
    kinds: list[dict[str, Any]] = [
        {},
        {"where": (Condition("status", "=", "LEFT"),)},
        {"where": (Condition("status", "=", "GRADUATED"),)},
        {"order": (Order("full_name", True),)},
        {"columns": ("sector_code", "status")},
    ]
    found = await asyncio.gather(*[source.rows(_lookup("s1", **kind)) for kind in kinds])
    assert [len(rows) for rows in found] == [1, 1, 0, 1, 1]
    assert len(register.asked) == 5


async def test_a_caller_that_gives_up_takes_nothing_from_the_others() -> None:
    register = _Register()
    register.released.clear()
    source = Coalescing(register, InFlight())
    tasks = [asyncio.create_task(source.rows(_lookup(f"s{number}"))) for number in range(4)]
    await register.asked_again.wait()
    tasks[0].cancel()
    tasks[2].cancel()
    register.released.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in found] == [asyncio.CancelledError, list, asyncio.CancelledError, list]


async def test_a_register_that_fails_fails_for_every_caller() -> None:
    def refuse(_: Lookup) -> None:
        raise SourceUnavailable("education", "down")

    source = Coalescing(_Register(refuse), InFlight())
    found = await asyncio.gather(*[source.rows(_lookup(f"s{n}")) for n in range(3)], return_exceptions=True)
    assert [type(one) for one in found] == [SourceUnavailable] * 3


async def test_a_row_that_is_not_right_is_its_callers_trouble_alone() -> None:
    def refuse(lookup: Lookup) -> None:
        if "s2" in lookup.keys:
            raise SourceContractBroken("education", "a column holds a value of a wrong kind")

    source = Coalescing(_Register(refuse), InFlight())
    found = await asyncio.gather(*[source.rows(_lookup(f"s{n}")) for n in range(4)], return_exceptions=True)
    assert [type(one) for one in found] == [list, list, SourceContractBroken, list]


async def test_one_callers_deadline_is_nobody_elses() -> None:
    register = _Register()
    register.released.clear()
    source = Coalescing(Resilient(register, SourceLimits()), InFlight())
    now = asyncio.get_running_loop().time()

    async def ask(key: str, seconds: float) -> Sequence[Row]:
        request_deadline.set(now + seconds)
        return await source.rows(_lookup(key))

    tasks = [asyncio.create_task(ask(f"s{n}", seconds)) for n, seconds in enumerate((30.0, 0.02, 30.0))]
    with pytest.raises(SourceUnavailable, match="no answer in time"):
        await tasks[1]
    register.released.set()
    assert await tasks[2] == [("s2", "name 2")]
    assert await tasks[0] == [("s0", "name 0")]


async def test_a_merged_call_has_a_bound() -> None:
    register = _Register()
    source = Coalescing(register, InFlight())
    many = [_lookup(*(f"k{caller} {number}" for number in range(MOST_KEYS // 2))) for caller in range(6)]
    await asyncio.gather(*map(source.rows, many))
    assert all(len(asked.keys) <= MOST_KEYS for asked in register.asked)
    assert len(register.asked) == 4


async def test_nothing_is_kept_when_all_are_answered() -> None:
    source = Coalescing(_Register(), InFlight())
    await asyncio.gather(*[source.rows(_lookup(f"s{number}")) for number in range(8)])
    assert (source._gathering, dict(source._under_way)) == ({}, {})


async def test_a_large_look_up_goes_alone() -> None:
    register = _Register()
    source = Coalescing(register, InFlight())
    large = _lookup(*(f"k{number}" for number in range(MOST_KEYS)))
    await asyncio.gather(*map(source.rows, [_lookup("s1"), _lookup("s2"), large, _lookup("s3")]))
    assert sorted(len(asked.keys) for asked in register.asked) == [1, 2, MOST_KEYS]
    assert large in register.asked
