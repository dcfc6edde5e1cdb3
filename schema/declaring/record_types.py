"""What the types of a built schema say of records: which one each shows, and by which keys gateways name its rows."""

from graphql import GraphQLNamedType, GraphQLSchema
from strawberry.federation.schema_directives import Key
from strawberry.schema.schema_converter import GraphQLCoreConverter

from engine.declarations import RecordType
from schema.declaring.fields import RECORD_TYPE


def record_types(schema: GraphQLSchema) -> dict[str, RecordType]:
    """Return the record behind each type by the type's name; a type that the schema does not reach has none."""
    types = {name: _class_of(type_) for name, type_ in schema.type_map.items()}
    # its own alone: Diploma inherits from Credential
    return {name: vars(cls)[RECORD_TYPE] for name, cls in types.items() if cls is not None and RECORD_TYPE in vars(cls)}


def federation_keys(schema: GraphQLSchema) -> dict[str, tuple[str, ...]]:
    """Return the fields that are keys of each entity type (`@key`), in the order in which they are declared."""
    keys: dict[str, tuple[str, ...]] = {}
    for name, type_ in schema.type_map.items():
        definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        directives = getattr(definition, "directives", None) or ()
        if fields := tuple(str(directive.fields) for directive in directives if isinstance(directive, Key)):
            keys[name] = fields
    return keys


def _class_of(type_: GraphQLNamedType) -> type | None:
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return getattr(definition, "origin", None)
