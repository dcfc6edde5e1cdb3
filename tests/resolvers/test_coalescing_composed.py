"""Look-ups of a record in several registers are merged by the registers they need, and gaps are taken apart too."""

import asyncio
from collections.abc import Sequence

import pytest

from connectors.composition.composed import Composed
from connectors.composition.route import Route
from connectors.errors import PartlyAvailable, SourceUnavailable
from connectors.records.learners import LEARNER
from connectors.source import Lookup, Row
from resolvers.coalescing import Coalescing, InFlight
from tests.connectors.composition.registers import Counted

pytestmark = pytest.mark.anyio

NORTH = [{"sector_code": f"N{number}", "institution_code": f"T{number}"} for number in range(4)]
SOUTH = [{"sector_code": f"S{number}", "institution_code": f"T{number}"} for number in range(4)]
AWAY = SourceUnavailable("south", "no answer in time")


class Held(Counted):
    """A register that answers when the test says so."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.released = asyncio.Event()

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        await self.released.wait()
        return await super().rows(lookup)


def by_key(*keys: str) -> Lookup:
    return Lookup("learner", "sector_code", keys, ("sector_code",))


async def test_who_needs_one_register_does_not_wait_for_another() -> None:
    north, south = Counted("north", NORTH), Held("south", SOUTH)
    route = Route("sector_code", {"N": "north", "S": "south"})
    in_flight = InFlight()
    source = Coalescing(Composed(LEARNER, [north, south], route=route), in_flight)
    with in_flight, in_flight:
        waiting = asyncio.ensure_future(source.rows(by_key("S1")))
        answers = await asyncio.gather(source.rows(by_key("N1")), source.rows(by_key("N2")))
        assert [list(map(tuple, rows)) for rows in answers] == [[("N1",)], [("N2",)]]
        assert (len(north.asked), waiting.done()) == (1, False)
        south.released.set()
        assert list(map(tuple, await waiting)) == [("S1",)]


async def test_every_caller_of_a_merged_call_gets_its_own_rows_with_the_gap() -> None:
    north, south = Counted("north", NORTH), Counted("south", SOUTH, AWAY)
    in_flight = InFlight()
    source = Coalescing(Composed(LEARNER, [north, south]), in_flight)
    with in_flight, in_flight:
        answers = await asyncio.gather(
            source.rows(by_key("N1", "S1")),
            source.rows(by_key("N2")),
            source.rows(by_key("S3")),
            return_exceptions=True,
        )
    assert len(north.asked) == 1
    gaps = [answer for answer in answers if isinstance(answer, PartlyAvailable)]
    assert [list(map(tuple, gap.rows)) for gap in gaps] == [[("N1",)], [("N2",)], []]
    assert [gap.missing for gap in gaps] == [(AWAY,)] * 3
