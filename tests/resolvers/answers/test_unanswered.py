"""Both executors tell why an answer is null, once for each row at each place of the answer."""

from typing import Any

import pytest

from auth.principal import Jurisdiction
from tests.resolvers.both import EXECUTORS, executed
from tests.resolvers.requests import ROWS, Asked, citizen, citizen_asking, learner

pytestmark = pytest.mark.anyio

NAME, BORN = "LearnerConflicts.fullName", "LearnerConflicts.birthDate"


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_a_row_that_stands_at_several_places_is_noted_once(executor: str) -> None:
    asked = Asked("provincial-department", "school-management", jurisdiction=Jurisdiction(provinces=frozenset({"01"})))
    query = """{ learner(by: {sectorCode: "unlinked"}) {
        conflicts { fullName { coordinate } } enrolments { learner { conflicts { fullName { coordinate } } } } } }"""
    result = await executed(executor, asked, query)
    nothing = {"fullName": None}
    deep = [{"learner": {"conflicts": nothing}}] * 2
    assert (result.errors, result.data) == (None, {"learner": {"conflicts": nothing, "enrolments": deep}})
    assert asked.disclosure.unanswered == {(NAME, "LINK_NOT_VERIFIED"): 2}  # at two places, not three times


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_each_alias_is_a_place_and_each_row_of_a_list(executor: str) -> None:
    rows: dict[str, Any] = {
        **ROWS,
        "learner": (learner("first", "me"), learner("second", "me", full_name=None)),
        "citizen": (citizen("me"),),
    }
    asked = citizen_asking(rows=rows)
    query = "{ me { learners { conflicts { a: fullName { coordinate } b: fullName { coordinate } } } } }"
    result = await executed(executor, asked, query)
    assert result.errors is None
    assert asked.disclosure.unanswered == {(NAME, "INPUT_MISSING"): 2}


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_parts_of_a_value_and_roots_without_rows_are_noted_too(executor: str) -> None:
    asked = citizen_asking()
    query = """{ before: administrativeUnit(code: "24", asOf: "1990-01-01") { name }
        split: administrativeUnit(code: "00007", asOf: "2025-06-30") {
          today { code } candidates(on: "1990-01-01") { code } }
        gone: administrativeUnit(code: "02") { name } }"""
    result = await executed(executor, asked, query)
    assert result.errors is None
    assert result.data == {"before": None, "split": {"today": None, "candidates": None}, "gone": None}
    assert asked.disclosure.unanswered == {
        ("Query.administrativeUnit", "LIST_NOT_LOADED"): 1,
        ("AdministrativeUnit.today", "UNIT_DIVIDED"): 1,
        ("AdministrativeUnit.candidates", "LIST_NOT_LOADED"): 1,
    }


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_parts_of_a_value_are_noted_once_where_its_row_stands_twice(executor: str) -> None:
    enrolments = tuple({**row, "institution_code": "T1"} for row in ROWS["enrolment"])
    places = ({"code": code, "unit_code": "00004"} for code in ("T1", "T2"))
    asked = citizen_asking(rows={**ROWS, "enrolment": enrolments, "institution": tuple(places)})
    unit = 'unit { a: candidates(on: "1990-01-01") { code } b: candidates(on: "1990-01-01") { code } }'
    shown = f"institution {{ {unit} }}"
    result = await executed(executor, asked, f"{{ me {{ learners {{ {shown} enrolments {{ {shown} }} }} }} }}")
    place = {"institution": {"unit": {"a": None, "b": None}}}
    assert (result.errors, result.data) == (None, {"me": {"learners": [{**place, "enrolments": [place, place]}]}})
    # two aliases at two places
    assert asked.disclosure.unanswered == {("AdministrativeUnit.candidates", "LIST_NOT_LOADED"): 4}
