"""The schema as both executors see it: which declaration and which record stand behind each type and field."""

from collections.abc import Mapping
from typing import cast

from graphql import GraphQLNamedType, GraphQLObjectType, GraphQLSchema, get_named_type, is_abstract_type

from engine.declarations import METADATA_KEY, Declaration, RecordType

STRAWBERRY_FIELD = "strawberry-definition"
"""Where Strawberry keeps its own field in the extensions of a GraphQL field."""


class Catalogue:
    """Declarations by type and field, record types by name; built once, when the schema is."""

    def __init__(self, schema: GraphQLSchema, record_types: Mapping[str, RecordType]) -> None:
        self.schema = schema
        self.record_types = record_types
        objects = [type_ for type_ in schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
        self._declarations = {type_.name: _declarations_of(type_) for type_ in objects}
        self._fields_by_attribute = {type_.name: _attributes_of(type_) for type_ in objects}
        self._coordinates = {
            (type_.name, name): f"{_owner(type_, name, record_types)}.{name}"
            for type_ in objects
            for name in type_.fields
        }

    def declaration(self, typename: str, field_name: str) -> Declaration | None:
        """Return the field's declaration; None for introspection and whatever else is not ours."""
        return self._declarations.get(typename, {}).get(field_name)

    def field_of(self, typename: str, attribute: str) -> str:
        """Return the GraphQL name of the field that the type's class calls so. Raises KeyError where there is none."""
        name: str = self._fields_by_attribute[typename][attribute]
        return name

    def declarations(self, typename: str) -> Mapping[str, Declaration]:
        return self._declarations.get(typename, {})

    def concrete(self, type_: GraphQLNamedType) -> tuple[GraphQLObjectType, ...]:
        """Return the object types that a value of the type may have."""
        if is_abstract_type(type_):
            return tuple(self.schema.get_possible_types(type_))
        return (cast(GraphQLObjectType, type_),)

    def coordinate(self, typename: str, field_name: str) -> str:
        """Return the schema coordinate; a field that an interface with a record declares is named there."""
        return self._coordinates[typename, field_name]

    def returned(self, typename: str, field_name: str) -> GraphQLNamedType:
        """Return the named type of a field."""
        owner = cast(GraphQLObjectType, self.schema.type_map[typename])
        named: GraphQLNamedType = get_named_type(owner.fields[field_name].type)
        return named


def _declarations_of(type_: GraphQLObjectType) -> dict[str, Declaration]:
    declarations: dict[str, Declaration] = {}
    for name, graphql_field in type_.fields.items():
        field = graphql_field.extensions.get(STRAWBERRY_FIELD)
        declaration = field.metadata.get(METADATA_KEY) if field is not None else None
        if declaration is not None:
            declarations[name] = declaration
    return declarations


def _attributes_of(type_: GraphQLObjectType) -> dict[str, str]:
    fields = ((name, field.extensions.get(STRAWBERRY_FIELD)) for name, field in type_.fields.items())
    return {field.python_name: name for name, field in fields if field is not None}


def _owner(type_: GraphQLObjectType, field_name: str, record_types: Mapping[str, RecordType]) -> str:
    for interface in type_.interfaces:
        if interface.name in record_types and field_name in interface.fields:
            return str(interface.name)
    return str(type_.name)
