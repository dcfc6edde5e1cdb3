"""The schema as both executors see it: which declaration and which record stand behind each type and field."""

from collections.abc import Mapping, Sequence
from typing import cast

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType, GraphQLSchema, get_named_type, is_abstract_type

from engine.declarations import METADATA_KEY, Declaration, Identifier, RecordType

STRAWBERRY_FIELD = "strawberry-definition"
"""Where Strawberry keeps its own field in the extensions of a GraphQL field."""


class Catalogue:
    """Declarations by type and field, record types by name; built once, when the schema is."""

    def __init__(
        self,
        schema: GraphQLSchema,
        record_types: Mapping[str, RecordType],
        federation_keys: Mapping[str, Sequence[str]],
    ) -> None:
        self.schema = schema
        self.record_types = record_types
        objects = [type_ for type_ in schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
        self._declarations = {type_.name: _declarations_of(type_) for type_ in objects}
        self.node_keys = _node_keys(self._declarations)
        """The column behind the global id of each kind of node."""
        self.entity_keys = _entity_keys(self._declarations, federation_keys)
        """The declarations of the fields that gateways name an entity by, by the type's name or its kind of node."""
        self._attributes_by_field = {
            typename: {name: attribute for attribute, name in names.items()}
            for typename, names in ((type_.name, _attributes_of(type_)) for type_ in objects)
        }
        self._fields_by_attribute = {type_.name: _attributes_of(type_) for type_ in objects}
        self._arguments = {
            (type_.name, name): _argument_names(field) for type_ in objects for name, field in type_.fields.items()
        }
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

    def attribute_of(self, typename: str, field_name: str) -> str:
        """Return what the type's class calls the field. Raises KeyError where there is none."""
        return self._attributes_by_field[typename][field_name]

    def arguments(self, typename: str, field_name: str) -> Mapping[str, str]:
        """Return each argument's name in Python by its name in GraphQL."""
        return self._arguments[typename, field_name]

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


def _node_keys(declarations: Mapping[str, Mapping[str, Declaration]]) -> dict[str, str]:
    """Return the column behind each kind's global id. Raises ValueError for a kind with two of them."""
    columns: dict[str, str] = {}
    for fields in declarations.values():
        for declaration in fields.values():
            if (
                isinstance(declaration, Identifier)
                and columns.setdefault(declaration.kind, declaration.column) != declaration.column
            ):
                raise ValueError(f"global ids of `{declaration.kind}` are of two columns")
    return dict(sorted(columns.items()))


def _entity_keys(
    declarations: Mapping[str, Mapping[str, Declaration]], federation_keys: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, Declaration]]:
    """Return the key fields of each entity type. Raises KeyError for a key that is not one field of the type."""
    keys = {
        typename: {name: declarations[typename][name] for name in names} for typename, names in federation_keys.items()
    }
    for fields in list(keys.values()):
        for name, declaration in fields.items():
            if isinstance(declaration, Identifier):  # a kind may be an interface, which has no keys of its own
                keys.setdefault(declaration.kind, {name: declaration})
    return keys


def _attributes_of(type_: GraphQLObjectType) -> dict[str, str]:
    fields = ((name, field.extensions.get(STRAWBERRY_FIELD)) for name, field in type_.fields.items())
    return {field.python_name: name for name, field in fields if field is not None}


def _argument_names(field: GraphQLField) -> dict[str, str]:
    definition = field.extensions.get(STRAWBERRY_FIELD)
    if definition is None:
        return {name: name for name in field.args}
    return dict(zip(field.args, (argument.python_name for argument in definition.arguments), strict=True))


def _owner(type_: GraphQLObjectType, field_name: str, record_types: Mapping[str, RecordType]) -> str:
    for interface in type_.interfaces:
        if interface.name in record_types and field_name in interface.fields:
            return str(interface.name)
    return str(type_.name)
