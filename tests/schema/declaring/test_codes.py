"""The codes that registers are held to are those that the schema's enums have."""

from graphql import GraphQLEnumType, get_named_type

from connectors.values.codes import CODES
from engine.declarations import Column
from schema.build import build_schema

TAGS = {("credential", "form")}
"""Told by the concrete type, not by an enum."""


def test_every_code_of_a_column_is_one_of_its_fields_enum() -> None:
    _, catalogue = build_schema()
    enums = {}
    for name, record_type in catalogue.record_types.items():
        for concrete in catalogue.concrete(catalogue.schema.type_map[name]):
            for field_name, field in concrete.fields.items():
                type_ = get_named_type(field.type)
                declaration = None if field_name.startswith("_") else catalogue.declaration(concrete.name, field_name)
                if isinstance(declaration, Column) and isinstance(type_, GraphQLEnumType):
                    enums[record_type.record, declaration.column] = frozenset(type_.values)
    assert {column: codes for column, codes in CODES.items() if column not in TAGS} == enums
