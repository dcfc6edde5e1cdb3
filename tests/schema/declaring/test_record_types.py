"""Records behind types, kinds of global ids and keys of entities are read from the built schema, and listed nowhere."""

import strawberry
from strawberry.federation import Schema

from engine.catalogue import Catalogue
from engine.declarations import Column, Identifier, RecordType
from schema.build import build_schema
from schema.declaring.fields import column, identifier, of_record
from schema.declaring.record_types import federation_keys, record_types

_, CATALOGUE = build_schema()


@of_record("reader", key="id", category="reader.record")
@strawberry.federation.type(keys=["id", "card"])
class Reader:
    id: strawberry.ID = identifier("reader.record", "Reader", "id")
    card: str | None = column("reader.record", "Thẻ | Card.", of="card_number")


@of_record("loan", key="id", category="loan")
@strawberry.type
class Unreachable:
    id: strawberry.ID = identifier("loan", "Unreachable", "id")


@strawberry.type
class Library:
    reader: Reader | None = None


@of_record("shelf", key="id", category="shelf")
@strawberry.interface
class Shelf:
    title: str | None = None


@strawberry.type
class OpenShelf(Shelf):
    pass


def test_a_type_that_the_schema_does_not_reach_shows_no_record() -> None:
    schema = Schema(query=Library, types=[OpenShelf])._schema
    assert record_types(schema) == {
        "Reader": RecordType("reader", "id", "reader.record", None),
        "Shelf": RecordType("shelf", "id", "shelf", None),
    }


def test_keys_of_a_new_type_are_derived_from_its_declarations() -> None:
    schema = Schema(query=Library)._schema
    catalogue = Catalogue(schema, record_types(schema), federation_keys(schema))
    assert catalogue.node_keys == {"Reader": "id"}
    assert catalogue.entity_keys == {
        "Reader": {
            "id": Identifier("reader.record", "id", "Reader"),
            "card": Column("reader.record", "card_number"),
        }
    }


def test_kinds_of_global_ids_are_those_that_clients_hold() -> None:
    assert CATALOGUE.node_keys == {
        "CitizenIdentity": "person_key",
        "Credential": "id",
        "Enrolment": "id",
        "Guardianship": "id",
        "Institution": "code",
        "Learner": "sector_code",
        "ResidencePeriod": "id",
    }


def test_entities_are_named_by_the_keys_that_the_schema_prints() -> None:
    assert {typename: list(keys) for typename, keys in CATALOGUE.entity_keys.items()} == {
        **{kind: ["id"] for kind in CATALOGUE.node_keys},
        "Certificate": ["id"],
        "Diploma": ["id"],
        "Institution": ["id", "code"],
    }
