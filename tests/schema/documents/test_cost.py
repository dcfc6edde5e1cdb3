"""The cost is the number of rows that a document is expected to read."""

from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, get_nullable_type, is_leaf_type, is_list_type

from auth.errors import Refused
from schema.build import build_schema
from schema.documents.cost import LIST_ROWS, ROWS_BY_COORDINATE, requests_of
from schema.documents.documents import DocumentInvalid, Documents
from schema.documents.limits import Limits, parsed
from schema.documents.shape import checked
from tests.schema.documents.samples import SCHEMA


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


REAL_SCHEMA = build_schema()[0]._schema
REAL = Documents(REAL_SCHEMA)
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


def unpaged_lists() -> list[str]:
    """Return the lists of objects that have neither pages nor keys, by coordinate."""
    found = []
    for type_ in REAL_SCHEMA.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for name, field in type_.fields.items():
                inner = get_nullable_type(field.type)
                is_list = is_list_type(inner) and not is_leaf_type(get_named_type(field.type))
                keyed = any("!" in str(argument.type) and "[" in str(argument.type) for argument in field.args.values())
                if is_list and not keyed and name not in ("nodes", "edges"):
                    found.append(f"{type_.name}.{name}")
    return found


@pytest.mark.parametrize("coordinate", unpaged_lists())
def test_every_list_without_pages_has_its_rows_in_the_table(coordinate: str) -> None:
    assert coordinate in LIST_ROWS


@pytest.mark.parametrize("coordinate", [*LIST_ROWS, *ROWS_BY_COORDINATE])
def test_the_tables_name_fields_that_there_are(coordinate: str) -> None:
    typename, _, name = coordinate.partition(".")
    assert name in REAL_SCHEMA.type_map[typename].fields  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("accessMap { coordinate }", 4),
        ("_service { sdl }", 8),
        ("administrativeUnits { code name fullName kind province { code name } }", 19),
        ("alarms { at }", 22),
    ],
)
def test_what_is_large_may_be_asked_a_few_times_in_one_operation(field: str, most: int) -> None:
    def asked(times: int) -> float:
        fields = " ".join(f"a{number}: {field}" for number in range(times))
        return REAL.get(f"{{ {fields} }}").cost(None, {})

    assert asked(most) <= 25_000
    assert asked(most + 1) > 25_000


def test_the_units_of_a_province_may_be_asked_for_in_every_root_field_of_an_operation() -> None:
    fields = " ".join(f'a{number}: administrativeUnits(provinceCode: "01") {{ code }}' for number in range(30))
    assert 0 < REAL.get(f"{{ {fields} }}").cost(None, {}) <= 25_000
    with pytest.raises(DocumentInvalid):
        REAL.get(f"{{ more: __typename {fields} }}")


def test_a_list_of_values_costs_what_it_holds() -> None:
    assert REAL.get("{ me { consents { categories } } }").cost(None, {}) == 1 + 50 * (1 + 10 * 0.05)


@pytest.mark.parametrize(("cost", "requests"), [(0.05, 1), (1_000, 1), (1_001, 2), (25_000, 25)])
def test_an_operation_counts_as_the_requests_that_its_cost_pays_for(cost: float, requests: int) -> None:
    assert requests_of(cost) == requests
