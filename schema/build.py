"""The schema, built: every field checked for its declaration, and given the resolver that its declaration asks for."""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    default_field_resolver,
    is_non_null_type,
)
from strawberry.federation import Schema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from engine.arguments import plain
from engine.catalogue import STRAWBERRY_FIELD, Catalogue
from engine.declarations import Answer, Column, Declaration, Edge, Handwritten, Identifier, Local, Pages, Part, Root
from resolvers.reference_executor.entities import entities
from resolvers.reference_executor.fields import (
    enter,
    follow_edge,
    give_answer,
    read_column,
    read_identifier,
    read_local,
)
from resolvers.reference_executor.pages import open_page
from resolvers.request.accounts import accounted
from resolvers.request.request import Info
from runtime.discovery import discovered
from schema.declaring.added_fields import add_fields
from schema.declaring.record_types import federation_keys, record_types
from schema.declaring.scalars import SCALARS
from schema.documents.text_bounds import install_bounds
from schema.me import Me
from schema.mutations import Mutation
from schema.queries import Query
from schema.records.credentials import Certificate, Diploma

Resolve = Callable[..., Any]


class SchemaInvalid(Exception):
    """A field lacks what every field must have. The schema does not build."""


def build_schema() -> tuple[Schema, Catalogue]:
    """Return the schema and its catalogue. Raises SchemaInvalid naming the field that lacks something."""
    parts = discovered("schema.records", "ADDED_FIELDS")
    add_fields(chain.from_iterable(parts.values()), {"Query": Query, "Me": Me})
    strawberry_schema = Schema(
        query=Query,
        mutation=Mutation,
        types=[Diploma, Certificate],
        config=StrawberryConfig(disable_field_suggestions=True, scalar_map=SCALARS),
    )
    schema = strawberry_schema._schema
    catalogue = Catalogue(schema, record_types(schema), federation_keys(schema))
    for type_ in schema.type_map.values():
        check_words(type_)
        for coordinate in install_bounds(type_):
            raise SchemaInvalid(f"`{coordinate}` has no bound in schema/documents/text_bounds.py")
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("_"):
            for name, field in type_.fields.items():
                if not name.startswith("_"):
                    declaration = catalogue.declaration(type_.name, name)
                    check(f"{type_.name}.{name}", field, declaration, catalogue.record_types)
                    install(catalogue, type_.name, name, field)
        _tell_types_apart(type_)
        _hold_one_of(type_)
    install_entities(schema)
    install_sdl(schema, strawberry_schema.as_str())
    return strawberry_schema, catalogue


def check(coordinate: str, field: GraphQLField, declaration: Declaration | None, of_records: Collection[str]) -> None:
    """Raise SchemaInvalid unless the field has a category, and a description in Vietnamese and in English.

    An answer with arguments is an oracle: it must say about whom, and what is asked. What is answered beside the Gate
    must say whom it concerns: only below a value that was accounted for is there a part of it, which no type in
    `of_records` is. It may refuse its arguments, and then nulls itself alone: a field that cannot be null would null
    all beside it.
    """
    if declaration is None or not declaration.category:
        raise SchemaInvalid(f"`{coordinate}` has no data category")
    _check_languages(coordinate, field.description)
    if isinstance(declaration, Handwritten) and not _is_accounted(
        coordinate.partition(".")[0], declaration.concerns, of_records
    ):
        raise SchemaInvalid(f"`{coordinate}` does not say whom its answer concerns")
    if (
        isinstance(declaration, Handwritten)
        and is_non_null_type(field.type)
        and not _stands_alone(coordinate, declaration)
    ):
        raise SchemaInvalid(f"`{coordinate}` has a resolver of its own, and cannot be null where that refuses")
    if isinstance(declaration, Answer) and field.args and (declaration.about is None or declaration.question is None):
        raise SchemaInvalid(f"`{coordinate}` has arguments, and does not say about whom and what they come to ask")


def _stands_alone(coordinate: str, declaration: Handwritten) -> bool:
    """Tell whether a refusal nulls no more than what was asked for: a mutation, or a part of one value."""
    return coordinate.startswith("Mutation.") or declaration.concerns is Part.OF_ACCOUNTED


def _is_accounted(typename: str, concerns: object, of_records: Collection[str]) -> bool:
    if concerns is Part.OF_ACCOUNTED:
        return typename not in {"Query", "Mutation", *of_records}
    return callable(concerns)


def check_words(type_: GraphQLNamedType) -> None:
    """Raise SchemaInvalid unless a type, its arguments, input fields and values are described in both languages.

    Not ours to describe: built-in scalars, introspection, and what federation adds (`__`, `_`, `link__`).
    """
    if type_.name.startswith("_") or "__" in type_.name:
        return
    for coordinate, description in _described(type_):
        _check_languages(coordinate, description)


def _described(type_: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """Yield a type and what it holds but fields, each by its schema coordinate."""
    match type_:
        case GraphQLObjectType() | GraphQLInterfaceType():
            yield type_.name, type_.description
            for name, field in type_.fields.items():
                if not name.startswith("_"):
                    yield from (
                        (f"{type_.name}.{name}({key}:)", argument.description) for key, argument in field.args.items()
                    )
        case GraphQLInputObjectType():
            yield type_.name, type_.description
            yield from ((f"{type_.name}.{name}", input_field.description) for name, input_field in type_.fields.items())
        case GraphQLEnumType():
            yield type_.name, type_.description
            yield from ((f"{type_.name}.{name}", enum_value.description) for name, enum_value in type_.values.items())


def _check_languages(coordinate: str, description: str | None) -> None:
    vietnamese, bar, english = (description or "").partition(" | ")
    if not (bar and vietnamese.strip() and english.strip()):
        raise SchemaInvalid(f"`{coordinate}` has no description in Vietnamese and English")


def install(catalogue: Catalogue, typename: str, name: str, field: GraphQLField) -> None:
    """Give the field the resolver that its declaration asks for; a handwritten one keeps its own, accounted for."""
    declaration = catalogue.declaration(typename, name)
    definition = cast(StrawberryField, field.extensions[STRAWBERRY_FIELD])
    coordinate = catalogue.coordinate(typename, name)
    resolve = _resolver(declaration, coordinate, definition, argument_names(field, definition), field)
    if resolve is not None:
        field.resolve = resolve


def argument_names(field: GraphQLField, definition: StrawberryField) -> Mapping[str, str]:
    """Return each argument's name in Python by its name in GraphQL."""
    return dict(zip(field.args, (argument.python_name for argument in definition.arguments), strict=True))


def _resolver(
    declaration: Declaration | None,
    coordinate: str,
    definition: StrawberryField,
    names: Mapping[str, str],
    field: GraphQLField,
) -> Resolve | None:
    match declaration:
        case Column():
            return lambda row, _info: read_column(row, coordinate, declaration)
        case Identifier():
            return lambda row, info: read_identifier(row, info.context, coordinate, declaration)
        case Edge():
            return lambda row, info, **given: follow_edge(row, info, coordinate, declaration, plain(given, names))
        case Answer():
            return lambda row, info, **given: give_answer(row, info, coordinate, declaration, plain(given, names))
        case Pages():
            return lambda row, info, **given: open_page(row, info, coordinate, declaration, plain(given, names))
        case Root():
            return lambda _row, info, **given: enter(info, declaration, plain(given, names))
        case Local():
            attribute = definition.python_name
            return lambda value, info, **given: read_local(
                value, info, coordinate, attribute, declaration, plain(given, names)
            )
        case Handwritten(_, concerns) if not isinstance(concerns, Part):
            return accounted(field.resolve or default_field_resolver, coordinate, concerns)
        case Handwritten() | None:
            return None


def _tell_types_apart(type_: Any) -> None:
    """Rows know their type by name: no type is asked whether a row is of it."""
    if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
        type_.resolve_type = lambda row, _info, _type: row.typename
    if isinstance(type_, GraphQLObjectType):
        type_.is_type_of = None


def _hold_one_of(type_: GraphQLNamedType) -> None:
    """Let graphql-core hold `@oneOf`: Strawberry prints it, and holds it only when Strawberry itself executes."""
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if isinstance(type_, GraphQLInputObjectType) and definition is not None:
        type_.is_one_of = definition.is_one_of


def install_entities(schema: GraphQLSchema) -> None:
    """Answer `_entities` through the Gate, each representation failing alone."""
    query = schema.query_type
    assert query is not None

    async def resolve(_row: object, info: Info, representations: list[Any]) -> list[Any]:
        return await entities(info, representations)

    query.fields["_entities"].resolve = resolve


def install_sdl(schema: GraphQLSchema, sdl: str) -> None:
    """Answer `_service` with the text printed once: printing it takes 40 ms."""
    query = schema.query_type
    assert query is not None
    query.fields["_service"].resolve = lambda *_: sdl
    service = schema.type_map["_Service"]
    assert isinstance(service, GraphQLObjectType)
    service.fields["sdl"].resolve = lambda text, _info: text
