"""The cost is the number of rows that a document is expected to read."""

from typing import Any

import pytest

from auth.errors import Refused
from schema.build import build_schema
from schema.documents import Documents
from schema.limits import Limits, parsed
from schema.shape import checked
from tests.schema.documents import SCHEMA


def cost(text: str, variables: dict[str, Any] | None = None) -> float:
    limits = Limits(leaf_cost=0)
    return Documents(SCHEMA, limits).get(text).cost(None, variables)


@pytest.mark.parametrize(
    ("text", "variables", "rows"),
    [
        ("{learner{id school{id}}}", {}, 2),
        ("{learner{friends{id}}}", {}, 11),
        ("{learner{marks}}", {}, 1),
        ("{learners{nodes{id}}}", {}, 21),
        ("{learners(first:500){nodes{id}}}", {}, 501),
        ("{learners(first:null){nodes{id}}}", {}, 21),
        ("{learners(first:5){edges{node{id}} total}}", {}, 11),
        ("{learners(first:5){...f}} fragment f on Learners{nodes{id}}", {}, 6),
        ("query($n:Int){learners(first:$n){nodes{id}}}", {"n": 7}, 8),
        ("query($n:Int){learners(first:$n){nodes{id}}}", {}, 21),
        ("query($n:Int=9){learners(first:$n){nodes{id}}}", {}, 10),
        ("query($n:Int=9){learners(first:$n){nodes{id}}}", {"n": None}, 21),
        ("query($n:Int){learners(first:$n){nodes{id}}}", {"n": 7.0}, 8),
        ("query($n:Int){learners(first:$n){nodes{id}}}", {"n": "many"}, 21),
        ("query($n:Int){learners(first:$n){nodes{id}}}", {"n": True}, 21),
        ("query($n:Int){a:learners(first:$n){nodes{id}} b:learners{nodes{id}}}", {"n": -1000}, 2 + 21),
        ("{among(ids:[1 2 3]){school{id}}}", {}, 6),
        ("query($i:[ID!]!){among(ids:$i){school{id}}}", {"i": ["x"] * 500}, 1000),
        ("query($i:[ID!]!=[1 2]){among(ids:$i){id}}", {}, 2),
        ("{learners(named:[]){nodes{id}}}", {}, 21),
        ("{learners(first:10){nodes{school{friends(first:10){nodes{id}}}}}}", {}, 1 + 10 * (2 + 1 + 10)),
        ("{node{... on Learner{f:friends{id}} ... on School{id}}}", {}, 11),
    ],
)
def test_lists_multiply_what_lies_below(text: str, variables: dict[str, Any], rows: float) -> None:
    assert cost(text, variables) == rows


def test_one_name_for_two_fields_of_two_types_costs_both() -> None:
    text = "{node{... on Learner{x:friends{id}} ... on School{x:friends(first:500){nodes{id}}}}}"
    limits = Limits(leaf_cost=0)
    shape = checked(parsed(text, limits), SCHEMA, limits)
    below = 1 + 500  # what is selected on either is taken to lie below both
    assert shape.costs[None].of({}) == 1 + 10 * below + below


def test_fields_of_one_response_path_cost_once() -> None:
    assert cost("{learner{friends{id}} learner{friends{name}}}") == 11


REAL = Documents(build_schema()[0]._schema)
LEAVES = (
    "id sectorCode linkState status fullName birthDate sex ethnicity nationality citizenId disability poorHousehold "
    "phone email provinceCode a:id b:fullName c:sex d:status e:email"
)
AGENCY = (
    "query($ids:[String!]!){learnersByCitizenIds(citizenIds:$ids){id sectorCode fullName birthDate sex status "
    "linkState provinceCode citizenId phone email ethnicity "
    "residencePeriods{kind unitCode provinceCode fromDate toDate}}}"
)
PAGE = (
    f"{{learners(first:500){{nodes{{{LEAVES} enrolments{{level grade className schoolYear startedOn endedOn status "
    "averageMark institution{name}}}}}"
)
EVERYTHING = "{institutions(first:500){nodes{learners(first:500){nodes{id}}}}}"


def test_a_batch_of_an_agency_and_a_full_page_are_within_the_limit() -> None:
    ids = {"ids": ["0"] * 500}
    assert round(REAL.get(AGENCY).cost(None, ids)) == 7050
    assert round(REAL.get(PAGE).cost(None, {})) == 13_251
    REAL.get(AGENCY).check_cost(None, ids)
    REAL.get(PAGE).check_cost(None, None)


def test_answers_with_arguments_cost_a_row_each() -> None:
    ages = " ".join(f"a{n}: isAtLeast(years: 16)" for n in range(100))
    text = f"query($ids:[String!]!){{learnersByCitizenIds(citizenIds:$ids){{{ages}}}}}"
    assert REAL.get(text).cost(None, {"ids": ["0"] * 10}) == 10 * (1 + 100)
    with pytest.raises(Refused, match="cost 50500 exceeds the limit of 25000"):
        REAL.get(text).check_cost(None, {"ids": ["0"] * 500})


BY_VARIABLE = "query($n:Int=500){" + EVERYTHING[1:].replace("500", "$n")


def test_proofs_cost_more_than_they_show() -> None:
    plain, proved = (
        REAL.get(f"{{me{{dataUsage(first:100){{nodes{{{fields}}}}}}}}}").cost(None, {})
        for fields in ("at", "at proof{leaf} proofAfter")
    )
    assert round(proved - plain) == 2110


@pytest.mark.parametrize("text", [EVERYTHING, BY_VARIABLE])
def test_full_pages_of_full_pages_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="cost 263501 exceeds the limit of 25000"):
        REAL.get(text).check_cost(None, {})
