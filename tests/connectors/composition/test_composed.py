"""Which registers of a record are asked, what happens when one is away, and what is not offered."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from connectors.composition.composed import Composed
from connectors.composition.route import Route
from connectors.errors import NotOffered, PartlyAvailable, SourceContractBroken, SourceError, SourceUnavailable
from connectors.records.learners import LEARNER
from connectors.source import (
    EVERYTHING,
    Alternatives,
    ColumnOrder,
    Condition,
    Conditions,
    Count,
    Lookup,
    Order,
    Page,
)
from tests.connectors.composition.registers import Counted

pytestmark = pytest.mark.anyio

BY_KEY = Route("sector_code", {"N": "north", "S": "south"})
BY_PROVINCE = Route("province_code", {"01": "north", "79": "south"}, by_prefix=False)
NORTH = [
    {"sector_code": "N1", "full_name": "b", "province_code": "01", "institution_code": "T1"},
    {"sector_code": "N2", "full_name": "d", "province_code": "01", "institution_code": "T2"},
]
SOUTH = [
    {"sector_code": "S1", "full_name": "a", "province_code": "79", "institution_code": "T1"},
    {"sector_code": "S2", "full_name": "c", "province_code": "79", "institution_code": "T3"},
]
ORDERS = {"sector_code": ColumnOrder.CODE_POINT, "full_name": ColumnOrder.CODE_POINT}


def registers(south: Sequence[Mapping[str, Any]] = SOUTH, error: SourceError | None = None) -> tuple[Counted, Counted]:
    return Counted("north", NORTH), Counted("south", south, error)


def lookup(by: str, *keys: str, where: Conditions = (), order: tuple[Order, ...] = ()) -> Lookup:
    return Lookup("learner", by, keys, (by,), where, order)


def page(within: Alternatives = EVERYTHING, where: Conditions = (), limit: int = 3) -> Page:
    order = (Order("full_name"), Order("sector_code"))
    return Page("learner", ("sector_code",), within, where, order, limit)


AWAY = SourceUnavailable("south", "no answer in time")
IN_NORTH = Condition("province_code", "=", "01")


async def test_a_routed_lookup_asks_each_register_for_its_own_keys() -> None:
    north, south = registers()
    rows = await Composed(LEARNER, [north, south], route=BY_KEY).rows(lookup("sector_code", "N1", "S2", "S9"))
    assert sorted(map(tuple, rows)) == [("N1",), ("S2",)]
    assert [question.keys for question in north.asked] == [("N1",)]
    assert [question.keys for question in south.asked] == [("S2", "S9")]


async def test_a_lookup_of_one_register_goes_through_as_it_was_asked() -> None:
    north, south = registers()
    asked = lookup("sector_code", "N1")
    await Composed(LEARNER, [north, south], route=BY_KEY).rows(asked)
    assert (north.asked, south.asked) == ([asked], [])


async def test_a_key_that_no_prefix_knows_is_looked_for_everywhere() -> None:
    north, south = registers()
    await Composed(LEARNER, [north, south], route=BY_KEY).rows(lookup("sector_code", "X1"))
    assert [len(north.asked), len(south.asked)] == [1, 1]


@pytest.mark.parametrize(
    ("within", "where", "asked"),
    [
        (EVERYTHING, (), ["north", "south"]),
        (EVERYTHING, (IN_NORTH,), ["north"]),
        (EVERYTHING, (Condition("province_code", "in", ("01", "79")),), ["north", "south"]),
        (EVERYTHING, (Condition("province_code", "in", ("01", "24")),), ["north", "south"]),
        (EVERYTHING, (Condition("province_code", ">=", "01"),), ["north", "south"]),
        (((IN_NORTH,),), (), ["north"]),
        (((IN_NORTH,), (Condition("institution_code", "=", "T3"),)), (), ["north", "south"]),
        (((IN_NORTH,), ()), (), ["north", "south"]),
        (((IN_NORTH,), (Condition("province_code", "=", "79"),)), (IN_NORTH,), ["north"]),
        (((Condition("province_code", "=", "79"),),), (IN_NORTH,), []),
    ],
)
async def test_conditions_on_the_route_leave_registers_out(
    within: Alternatives, where: Conditions, asked: list[str]
) -> None:
    north, south = registers()
    source = Composed(LEARNER, [north, south], route=BY_PROVINCE, orders=ORDERS)
    await source.page(page(within, where))
    assert [register.register for register in (north, south) if register.asked] == asked
    await source.counts(Count("learner", within, where))
    assert [len(register.asked) for register in (north, south)] == [2 * (name in asked) for name in ("north", "south")]


async def test_pages_are_merged_by_columns_that_nobody_selected() -> None:
    source = Composed(LEARNER, registers(), orders=ORDERS)
    assert list(await source.page(page())) == [("S1",), ("N1",), ("S2",)]


async def test_rows_of_a_key_come_in_one_order() -> None:
    source = Composed(LEARNER, registers())
    asked = Lookup(
        "learner", "institution_code", ("T1",), ("institution_code", "sector_code"), (), (Order("full_name"),)
    )
    assert list(await source.rows(asked)) == [("T1", "S1"), ("T1", "N1")]


async def test_a_list_in_an_order_that_registers_do_not_have_alike_is_not_offered() -> None:
    north, south = registers()
    source = Composed(LEARNER, [north, south], orders={"sector_code": ColumnOrder.CODE_POINT})
    with pytest.raises(NotOffered, match="record `learner`: no order by `full_name`"):
        await source.page(page())
    assert north.asked == south.asked == []


async def test_rows_of_the_others_travel_with_the_error_of_one_away() -> None:
    source = Composed(LEARNER, registers(error=AWAY), orders=ORDERS)
    for question in (
        source.rows(Lookup("learner", "institution_code", ("T1", "T2"), ("institution_code",))),
        source.page(page()),
    ):
        with pytest.raises(PartlyAvailable, match="register `south`: no answer in time") as partly:
            await question
        assert len(partly.value.rows) == 2
        assert partly.value.missing == (AWAY,)


async def test_nothing_is_partly_available_where_nobody_answered() -> None:
    with pytest.raises(SourceUnavailable) as away:
        await Composed(LEARNER, registers(error=AWAY), route=BY_KEY).rows(lookup("sector_code", "S1"))
    assert away.value is AWAY


async def test_a_count_is_never_of_some_registers() -> None:
    source = Composed(LEARNER, registers(error=AWAY))
    with pytest.raises(SourceUnavailable) as away:
        await source.counts(Count("learner", EVERYTHING, (), ("province_code",)))
    assert away.value is AWAY


async def test_counts_are_added_up_by_group() -> None:
    source = Composed(LEARNER, registers())
    assert await source.counts(Count("learner", EVERYTHING, (), ("institution_code",))) == {
        ("T1",): 2,
        ("T2",): 1,
        ("T3",): 1,
    }


@pytest.mark.parametrize("error", [SourceContractBroken("south", "a row came twice"), NotOffered("south", "no lists")])
async def test_what_is_no_outage_leaves_no_gap(error: SourceError) -> None:
    source = Composed(LEARNER, registers(error=error), orders=ORDERS)
    with pytest.raises(type(error)) as broken:
        await source.page(page())
    assert broken.value is error


async def test_of_a_key_in_two_registers_the_first_ones_row_stays() -> None:
    source = Composed(LEARNER, registers(south=[{**NORTH[0], "institution_code": "T3"}]), orders=ORDERS)
    with capture_logs() as logged:
        rows = await source.rows(Lookup("learner", "sector_code", ("N1",), ("sector_code", "institution_code")))
    assert list(rows) == [("N1", "T1")]
    assert [(line["event"], line["alarm"], line["rows"]) for line in logged] == [("key in several registers", True, 1)]


async def test_a_register_has_no_rows_that_the_route_gives_to_another() -> None:
    source = Composed(LEARNER, registers(south=[{**NORTH[1], "sector_code": "N3"}, *SOUTH]), route=BY_KEY)
    with capture_logs() as logged:
        rows = await source.rows(
            Lookup("learner", "institution_code", ("T2", "T3"), ("institution_code", "sector_code"))
        )
    assert sorted(map(tuple, rows)) == [("T2", "N2"), ("T3", "S2")]
    assert [(line["event"], line["register"], line["rows"]) for line in logged] == [
        ("rows of another register", "south", 1)
    ]
