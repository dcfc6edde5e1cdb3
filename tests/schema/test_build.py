"""The schema fails closed: no field without a category and both languages; and the committed SDL is current."""

import re
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
)

from auth.policy.policy_set import PolicySet
from auth.principal import ANONYMOUS, Fact, Profile
from engine.declarations import Answer, Column, Handwritten, Part
from reference.units import UnitKind
from resolvers.request.accounts import the_caller
from schema.build import SchemaInvalid, build_schema, check, check_words
from schema.printed import COMMITTED, printed
from schema.records.units import AdministrativeUnitKind
from tests.auth.policies import COMMITTED as POLICIES

BOTH = "Tên | Name"
SCHEMA, CATALOGUE = build_schema()
TYPES = CATALOGUE.record_types
OBJECTS = [
    type_
    for type_ in SCHEMA._schema.type_map.values()
    if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("_")
]
PUBLIC = {"access", "administrative-unit", "institution", "paging", "provenance"}


@pytest.mark.parametrize(
    ("description", "declaration"),
    [
        (BOTH, None),
        (BOTH, Column("", "full_name")),
        (None, Column("identity.name", "full_name")),
        ("Tên", Column("identity.name", "full_name")),
        ("Tên | ", Column("identity.name", "full_name")),
        (" | Name", Column("identity.name", "full_name")),
    ],
)
def test_a_field_without_category_or_both_languages_does_not_build(
    description: str | None, declaration: Column | None
) -> None:
    with pytest.raises(SchemaInvalid, match=r"`Learner\.fullName`"):
        check(
            "Learner.fullName",
            GraphQLField(GraphQLString, description=description),
            declaration,
            CATALOGUE.record_types,
        )


def test_a_field_with_both_builds() -> None:
    field = GraphQLField(GraphQLString, description=BOTH)
    check("Me.log", field, Handwritten("data-usage", the_caller), TYPES)
    check("DataUsage.proof", field, Handwritten("data-usage", Part.OF_ACCOUNTED), TYPES)


@pytest.mark.parametrize(
    ("coordinate", "concerns"),
    [
        ("Me.log", None),
        ("Me.log", Part.OF_ACCOUNTED),  # what the Gate hands up is no value that was accounted for as the log is
        ("Query.log", Part.OF_ACCOUNTED),
        ("Mutation.forget", Part.OF_ACCOUNTED),
    ],
)
def test_a_field_with_a_resolver_of_its_own_that_is_not_accounted_for_does_not_build(
    coordinate: str, concerns: Any
) -> None:
    with pytest.raises(SchemaInvalid, match="does not say whom its answer concerns"):
        check(
            coordinate,
            GraphQLField(GraphQLString, description=BOTH),
            Handwritten("data-usage", concerns),
            CATALOGUE.record_types,
        )


def test_a_field_with_a_resolver_of_its_own_that_cannot_be_null_does_not_build() -> None:
    field = GraphQLField(GraphQLNonNull(GraphQLString), description=BOTH)
    with pytest.raises(SchemaInvalid, match="cannot be null where that refuses"):
        check("Me.log", field, Handwritten("data-usage", the_caller), TYPES)
    check("Mutation.forget", field, Handwritten("data-usage", the_caller), TYPES)


@pytest.mark.parametrize(("about", "question"), [(None, None), ("code", None), (None, dict)])
def test_an_answer_with_arguments_that_does_not_say_what_is_asked_does_not_build(
    about: str | None, question: Any
) -> None:
    field = GraphQLField(GraphQLString, {"of": GraphQLArgument(GraphQLString)}, description=BOTH)
    with pytest.raises(SchemaInvalid, match="does not say about whom and what they come to ask"):
        check("Learner.x", field, Answer("identity.age", print, ("code",), about, question), TYPES)
    check(
        "Learner.x",
        field,
        Answer("identity.age", print, ("code",), "code", lambda given, _: given),
        CATALOGUE.record_types,
    )
    check(
        "Learner.x",
        GraphQLField(GraphQLString, description=BOTH),
        Answer("identity.age", print),
        CATALOGUE.record_types,
    )


def test_every_category_of_the_schema_is_known_to_policy() -> None:
    known = PolicySet.load(POLICIES).categories
    used = {one.category for type_ in OBJECTS for one in CATALOGUE.declarations(type_.name).values()}
    assert used <= set(known)


def test_nobody_reads_exactly_the_public_categories() -> None:
    profile = Profile(ANONYMOUS.kind, ANONYMOUS.client_id, ANONYMOUS.roles, "public", 0)
    policy = PolicySet.load(POLICIES)
    table = policy.table(profile)
    assert {category for category in policy.categories if table.permits(category, Fact(0))} == PUBLIC


@pytest.mark.parametrize(
    ("type_", "coordinate"),
    [
        (GraphQLObjectType("Log", {}), "Log"),
        (
            GraphQLObjectType(
                "Log", {"of": GraphQLField(GraphQLString, {"id": GraphQLArgument(GraphQLString)})}, description=BOTH
            ),
            "Log.of(id:)",
        ),
        (GraphQLInputObjectType("Filter", {}), "Filter"),
        (GraphQLInputObjectType("Filter", {"on": GraphQLInputField(GraphQLString)}, description=BOTH), "Filter.on"),
        (GraphQLEnumType("State", {"OPEN": GraphQLEnumValue("OPEN", description=BOTH)}), "State"),
        (
            GraphQLEnumType("State", {"OPEN": GraphQLEnumValue("OPEN", description="Open")}, description=BOTH),
            "State.OPEN",
        ),
    ],
)
def test_types_arguments_input_fields_and_enum_values_speak_both_languages(
    type_: GraphQLNamedType, coordinate: str
) -> None:
    with pytest.raises(SchemaInvalid, match=f"^`{re.escape(coordinate)}` has no description"):
        check_words(type_)


def test_every_kind_of_administrative_unit_has_its_value() -> None:
    assert [one.name for one in AdministrativeUnitKind] == [one.value for one in UnitKind]


def test_the_committed_schema_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == printed()
