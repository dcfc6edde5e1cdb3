"""Who has several records is shown whole, each number in its place."""

from typing import Any

import pytest

from auth.errors import Refused
from auth.principal import Jurisdiction
from tests.resolvers.both import EXECUTORS, executed
from tests.resolvers.requests import Asked, learner

pytestmark = pytest.mark.anyio

ONE, TWO, NOBODY = "001090000001", "001090000002", "001090000003"
RECORDS = "query ($n: [String!]!) { learnerRecordsByCitizenIds(citizenIds: $n) { sectorCode } }"
LEARNERS = (
    learner("left", "two", citizen_id=TWO, status="GRADUATED"),
    learner("far", "two", "24", "T2", citizen_id=TWO, status="STUDYING"),
    learner("stays", "two", citizen_id=TWO, status="STUDYING"),
    learner("claimed", "other", citizen_id=TWO, link_state="UNLINKED"),
    learner("only", "one", citizen_id=ONE, status="STUDYING"),
)


def _asked(*provinces: str) -> Asked:
    covered = Jurisdiction(provinces=frozenset(provinces))
    return Asked("provincial-department", "school-management", jurisdiction=covered, rows={"learner": LEARNERS})


def _codes(data: Any) -> list[list[str]]:
    return [[record["sectorCode"] for record in records] for records in data["learnerRecordsByCitizenIds"]]


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_each_number_has_a_list_of_all_records_in_its_place(executor: str) -> None:
    asked = _asked("01", "24")
    result = await executed(executor, asked, RECORDS, n=[TWO, NOBODY, ONE, TWO])
    everything = ["far", "stays", "left"]
    assert (result.errors, _codes(result.data)) == (None, [everything, [], ["only"], everything])
    assert asked.denials == {("Query.learnerRecordsByCitizenIds", "OUTSIDE_JURISDICTION"): 1}


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_records_that_may_not_be_known_of_are_left_out_and_nothing_is_said_of_them(executor: str) -> None:
    asked = _asked("01")
    result = await executed(executor, asked, RECORDS, n=[TWO, NOBODY])
    assert (result.errors, _codes(result.data)) == (None, [["stays", "left"], []])
    assert asked.denials == {("Query.learnerRecordsByCitizenIds", "OUTSIDE_JURISDICTION"): 1}


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_a_register_that_is_away_nulls_the_whole_list(executor: str) -> None:
    asked = Asked(
        "provincial-department",
        "school-management",
        jurisdiction=Jurisdiction(provinces=frozenset({"01"})),
        away=frozenset({"education"}),
    )
    result = await executed(executor, asked, RECORDS, n=[TWO])
    assert result.data == {"learnerRecordsByCitizenIds": None}
    assert [error.path for error in result.errors or ()] == [["learnerRecordsByCitizenIds"]]


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_what_is_no_number_is_refused(executor: str) -> None:
    result = await executed(executor, _asked("01"), RECORDS, n=[TWO, "12"])
    assert result.errors is not None
    (error,) = result.errors
    assert isinstance(error.original_error, Refused)
    assert error.message == "`citizenIds[1]` must be a citizen number: 12 digits"
