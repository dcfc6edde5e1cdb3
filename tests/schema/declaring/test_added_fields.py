"""A subject adds fields to types of others, which do not name it."""

from typing import Any

import pytest
import strawberry
from strawberry.federation import Schema

from engine.catalogue import Catalogue
from engine.declarations import Column, Edge
from runtime.discovery import discovered
from schema.build import build_schema
from schema.declaring.added_fields import AddedFields, add_fields
from schema.declaring.fields import column, edge, of_record
from schema.declaring.record_types import federation_keys, record_types


@of_record("reader", key="id", category="reader.record")
@strawberry.type(description="Bạn đọc | A reader.")
class Reader:
    card: str | None = column("reader.record", "Thẻ | Card.")


@strawberry.type
class ReadersOfPerson:
    readers: list[Reader] | None = edge(
        "reader",
        key="person_key",
        by="person_key",
        many=True,
        category="reader.record",
        description="Thẻ bạn đọc | Reader records.",
    )


def _person() -> Any:
    """Return a type of others, a new one for each test."""

    @strawberry.type(description="Người | A person.")
    class Person:
        name: str | None = column("identity.name", "Họ tên | Name.")
        sex: str | None = column("identity.sex", "Giới tính | Sex.")

    return Person


def _fields(person: Any) -> dict[str, Any]:
    schema = Schema(query=person)._schema
    assert schema.query_type is not None
    return {name: field for name, field in schema.query_type.fields.items() if not name.startswith("_")}


def test_added_fields_stand_where_they_say_with_their_declaration_description_and_tag() -> None:
    person = _person()
    add_fields([AddedFields("Person", ReadersOfPerson, after="name")], {"Person": person})
    built = Schema(query=person)
    schema = built._schema
    assert schema.query_type is not None
    fields = _fields(person)
    assert list(fields) == ["name", "readers", "sex"]
    assert fields["readers"].description == "Thẻ bạn đọc | Reader records."
    assert 'readers: [Reader!] @tag(name: "reader/record")' in built.as_str()
    catalogue = Catalogue(schema, record_types(schema), federation_keys(schema))
    assert catalogue.declarations(schema.query_type.name) == {
        "name": Column("identity.name", "name"),
        "readers": Edge("reader.record", "reader", "person_key", "person_key", True),
        "sex": Column("identity.sex", "sex"),
    }
    assert catalogue.record_types["Reader"].record == "reader"


def test_fields_without_a_place_come_last_and_are_added_once() -> None:
    person = _person()
    for _ in range(2):
        add_fields([AddedFields(person, ReadersOfPerson)], {})
    assert list(_fields(person)) == ["name", "sex", "readers"]


@strawberry.type
class NamesOfPerson:
    name: str | None = column("reader.record", "Tên trên thẻ | Name on the card.")


@pytest.mark.parametrize(
    ("fields", "after", "message"),
    [
        (NamesOfPerson, None, r"`Person\.name` is there already"),
        (ReadersOfPerson, "age", "`ReadersOfPerson` comes after `age`, which is not there"),
    ],
)
def test_a_field_that_is_there_already_or_a_place_that_is_not_does_not_build(
    fields: type, after: str | None, message: str
) -> None:
    person = _person()
    with pytest.raises(ValueError, match=message):
        add_fields([AddedFields(person, fields, after)], {})
    assert list(_fields(person)) == ["name", "sex"]


def test_a_type_that_is_not_composed_does_not_build() -> None:
    with pytest.raises(ValueError, match="`ReadersOfPerson` adds fields to `Mutation`, which is not composed"):
        add_fields([AddedFields("Mutation", ReadersOfPerson)], {"Person": _person()})


def test_every_module_of_the_records_says_what_it_adds() -> None:
    additions = discovered("schema.records", "ADDED_FIELDS")
    assert {module: [added.fields.__name__ for added in parts] for module, parts in additions.items()} == {
        "answers": [],
        "citizens": [],
        "conflicts": [],
        "credentials": [],
        "institutions": ["QueryOfInstitutions"],
        "learners": ["QueryOfLearners", "LearnersOfMe", "LearnersOfCitizen", "LearnersOfInstitution"],
        "units": ["QueryOfUnits"],
    }


def test_the_schema_may_be_built_again() -> None:
    first, second = (build_schema()[0].as_str() for _ in range(2))
    assert first == second
