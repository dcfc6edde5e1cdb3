"""Every text, list and number of a caller has a bound by its meaning, held before anything looks into it."""

from typing import Any

import pytest
from graphql import GraphQLArgument as Argument
from graphql import GraphQLField, GraphQLInputObjectType, GraphQLObjectType, GraphQLString

from auth.errors import Refused
from schema.build import build_schema
from schema.documents.documents import DocumentInvalid, Documents
from schema.documents.text_bounds import BOUND, BOUNDS, install_bounds
from schema.http.params import Unreadable, _typed

SCHEMA = build_schema()[0]._schema
MARKS = "a" + "\u0301" * 60_000
NAMED = "query ($p: String) { institutions(filter: {nameStartsWith: $p}) { totalCount } }"


def inputs() -> list[tuple[str, Any]]:
    """Return all arguments and input fields of the schema by coordinate."""
    found: list[tuple[str, Any]] = []
    for type_ in SCHEMA.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            fields = type_.fields.items()
            found += [(f"{type_}.{name}({key}:)", one) for name, field in fields for key, one in field.args.items()]
        elif isinstance(type_, GraphQLInputObjectType):
            found += [(f"{type_}.{name}", field) for name, field in type_.fields.items()]
    return found


def refusal(text: str, variables: dict[str, Any] | None = None) -> str:
    """Return what is said of a document with these variables."""
    try:
        document = Documents(SCHEMA).get(text)
        document.check_values(None, variables)
    except DocumentInvalid as invalid:
        return invalid.errors[0].message
    except Refused as refused:
        return refused.message
    return ""


@pytest.mark.parametrize(("coordinate", "declared"), inputs())
def test_every_input_has_a_bound(coordinate: str, declared: Any) -> None:
    bound = declared.extensions[BOUND]
    assert 1 <= bound.characters <= 65_536
    assert ("[" in str(declared.type)) <= (bound.items > 1), coordinate


@pytest.mark.parametrize("name", BOUNDS)
def test_no_bound_is_of_something_that_there_is_not(name: str) -> None:
    assert any(coordinate.endswith((f".{name}", f"({name}:)")) for coordinate, _ in inputs())


def test_a_text_without_a_bound_does_not_build() -> None:
    field = GraphQLField(GraphQLString, {"poem": Argument(GraphQLString), "code": Argument(GraphQLString)})
    assert list(install_bounds(GraphQLObjectType("Reader", {"read": field}))) == ["Reader.read(poem:)"]


@pytest.mark.parametrize(
    ("text", "variables", "said"),
    [
        (NAMED, {"p": MARKS}, "variable `$p` must have at most 200 characters, not 60001"),
        (
            "query ($f: InstitutionFilter) { institutions(filter: $f) { totalCount } }",
            {"f": {"nameStartsWith": MARKS}},
            "variable `$f` at `nameStartsWith` must have at most 200 characters, not 60001",
        ),
        (
            f'{{ institutions(filter: {{nameStartsWith: "{MARKS[:30_000]}"}}) {{ totalCount }} }}',
            None,
            "argument `filter` at `nameStartsWith` must have at most 200 characters, not 30000",
        ),
        (
            NAMED.replace("String", f'String = "{MARKS[:300]}"'),
            None,
            "variable `$p` must have at most 200 characters, not 300",
        ),
        (
            "query ($c: ID!) {...f} fragment f on Query {...g} fragment g on Query { institution(code: $c) { name } }",
            {"c": MARKS},
            "variable `$c` must have at most 64 characters, not 60001",
        ),
        (
            "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }",
            {"r": [{"__typename": "Institution", "code": "1"}, {"__typename": "Institution", "code": MARKS}]},
            "variable `$r` at `[1]` must have at most 2048 characters, not 60001",
        ),
        (
            "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }",
            {"r": [{}] * 501},
            "variable `$r` must have at most 500 items, not 501",
        ),
        (
            "query ($n: [String!]!) { learnersByCitizenIds(citizenIds: $n) { id } }",
            {"n": ["1"] * 499 + [MARKS]},
            "variable `$n` must have at most 64 characters, not 60001",
        ),
        (
            "query ($i: [ID!]!) { nodes(ids: $i) { id } }",
            {"i": ["x"] * 101},
            "variable `$i` must have at most 100 items, not 101",
        ),
        (
            f"{{ institutions(first: {'1' * 5_000}) {{ totalCount }} }}",
            None,
            "argument `first` must have at most 64 characters, not 5000",
        ),
        (
            "query ($d: Date) { administrativeUnits(asOf: $d) { code } }",
            {"d": MARKS},
            "variable `$d` must have at most 64 characters, not 60001",
        ),
        (
            "query ($k: InstitutionKind) { institutions(filter: {kind: $k}) { totalCount } }",
            {"k": MARKS},
            "variable `$k` must have at most 64 characters, not 60001",
        ),
    ],
)
def test_what_exceeds_its_bound_is_refused_by_name(text: str, variables: dict[str, Any] | None, said: str) -> None:
    assert refusal(text, variables) == said


def test_the_narrowest_of_a_variables_places_counts() -> None:
    text = "query ($t: ID!) { node(id: $t) { id } institution(code: $t) { name } }"
    assert refusal(text, {"t": "x" * 65}) == "variable `$t` must have at most 64 characters, not 65"


def test_the_places_of_another_operation_do_not_count() -> None:
    both = "query a ($t: ID!) { node(id: $t) { id } } query b ($t: ID!) { institution(code: $t) { name } }"
    document = Documents(SCHEMA).get(both)
    document.check_values("a", {"t": "x" * 65})
    with pytest.raises(Refused):
        document.check_values("b", {"t": "x" * 65})


def test_what_is_within_its_bounds_is_answered() -> None:
    assert refusal(NAMED, {"p": "Trường Trung học phổ thông " * 7}) == ""


@pytest.mark.parametrize("value", [[[]] * 5_000, {"a": [{}] * 5_000}, ["x"] * 5_000, [[0] * 2_500, [0] * 2_500]])
def test_variables_hold_so_many_values_at_most(value: Any) -> None:
    with pytest.raises(Unreadable, match="`variables` hold more than 5000 values"):
        _typed({"query": "{__typename}", "variables": {"v": value}})
