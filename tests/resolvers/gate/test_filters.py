"""A list narrowed by the code of a unit: one that no unit has today is refused, it does not find nobody."""

from typing import Any

import pytest

from auth.principal import Jurisdiction
from tests.resolvers.both import EXECUTORS, executed
from tests.resolvers.requests import Asked

pytestmark = pytest.mark.anyio

LEARNERS = "query ($code: String) { learners(filter: {provinceCode: $code}) { totalCount } }"
SCHOOLS = "query ($code: String) { institutions(filter: {%s: $code}) { totalCount } }"
CLOSED = "`filter.provinceCode` is not the code of a province on that day"


def _department() -> Asked:
    return Asked("provincial-department", "school-management", jurisdiction=Jurisdiction(provinces=frozenset({"01"})))


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (LEARNERS, "02", CLOSED),  # Hà Giang, in Tuyên Quang since 1 July 2025
        (LEARNERS, "99", CLOSED),
        (LEARNERS, "1", "`filter.provinceCode` must have 2 digits (province) or 5 digits (communal unit)"),
        (LEARNERS, "00004", "`filter.provinceCode` must have 2 digits (province)"),
        (SCHOOLS % "provinceCode", "02", CLOSED),
        (SCHOOLS % "unitCode", "07201", "`filter.unitCode` is not the code of a communal unit on that day"),
        (SCHOOLS % "unitCode", "01", "`filter.unitCode` must have 5 digits (communal unit)"),
    ],
)
async def test_a_code_that_no_unit_has_today_is_refused(executor: str, query: str, code: str, message: str) -> None:
    asked = _department()
    result = await executed(executor, asked, query, code=code)
    assert [error.message for error in result.errors or ()] == [message]
    assert asked.questions == []


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(
    ("query", "code", "expected"),
    [
        (LEARNERS, "01", {"learners": {"totalCount": 4}}),
        (LEARNERS, None, {"learners": {"totalCount": 4}}),
        (SCHOOLS % "provinceCode", "24", {"institutions": {"totalCount": 0}}),
        (SCHOOLS % "unitCode", "00004", {"institutions": {"totalCount": 0}}),
    ],
)
async def test_a_code_of_today_narrows_the_list(executor: str, query: str, code: str | None, expected: Any) -> None:
    result = await executed(executor, _department(), query, code=code)
    assert (result.errors, result.data) == (None, expected)
