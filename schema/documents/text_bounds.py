"""How long a text of a caller may be, by what it means: one row for each argument and input field that takes text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_list_type,
)

from auth.crypto.sealing import LONGEST_TOKEN
from resolvers.answers.identities import LONGEST_NAME
from resolvers.consent.offers import MOST_CATEGORIES
from resolvers.emergencies import LONGEST_WORDS
from resolvers.reference_executor.entities import MOST as MOST_REPRESENTATIONS
from resolvers.reference_executor.roots import LONGEST_CODE, MOST_NODES, MOST_NUMBERS
from resolvers.rights.disputes import LONGEST_VALUE
from resolvers.rights.requests import LONGEST_TEXT
from schema.documents.limits import LONGEST_DOCUMENT, MOST_VALUES

BOUND = "lienthong-bound"
"""Where the bound lies in the extensions of an argument or an input field."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The most characters of one text, and the most items of one list."""

    characters: int
    items: int = 1


SHORT: Final = Bound(64)
"""Dates, names of enum values, and whatever else is no text of its own."""
LONGEST_ID: Final = 2048
"""Characters of a global id: a sealed key. Cursors may be longer, as they hold names."""
ANYTHING: Final = Bound(LONGEST_ID, MOST_VALUES)
"""For arguments of no schema of ours."""

_ID, _CODE, _WORD, _NAME = Bound(LONGEST_ID), Bound(LONGEST_CODE), Bound(100), Bound(LONGEST_NAME)
_TEXT = Bound(LONGEST_TEXT)

BOUNDS: Mapping[str, Bound] = MappingProxyType(
    {
        # global ids and cursors
        "id": _ID,
        "ids": Bound(LONGEST_ID, MOST_NODES),
        "after": Bound(LONGEST_TOKEN),
        "child": _ID,
        "record": _ID,
        "representations": Bound(LONGEST_ID, MOST_REPRESENTATIONS),
        # codes and numbers
        "code": _CODE,
        "sectorCode": _CODE,
        "institutionCode": _CODE,
        "provinceCode": _CODE,
        "unitCode": _CODE,
        "in": _CODE,
        "number": _CODE,
        "citizenId": _CODE,
        "personNumber": _CODE,
        "citizenIds": Bound(LONGEST_CODE, MOST_NUMBERS),
        # words of policies and agreements
        "recipient": _WORD,
        "client": _WORD,
        "agency": _WORD,
        "purpose": _WORD,
        "procedure": _WORD,
        "category": _WORD,
        "categories": Bound(100, MOST_CATEGORIES),
        "coordinate": _NAME,
        "noticeDigest": Bound(128),
        "operationName": _NAME,
        # what people are called, and what they write
        "name": _NAME,
        "nameStartsWith": _NAME,
        "proposedValue": Bound(LONGEST_VALUE),
        "text": _TEXT,
        "reason": _TEXT,
        "words": Bound(LONGEST_WORDS),
        # an operation to be explained
        "document": Bound(LONGEST_DOCUMENT),
        "variables": ANYTHING,
    }
)
"""By the name of the argument or input field: one name means one thing in this schema."""


def install_bounds(type_: GraphQLNamedType) -> Iterator[str]:
    """Give each argument and input field of a type its bound. Yield the coordinates of those that have none."""
    for coordinate, name, argument in _inputs(type_):
        bound = _bound(name, argument)
        if bound is None:
            yield coordinate
        else:
            argument.extensions = {**argument.extensions, BOUND: bound}


def bound_of(given: GraphQLArgument | GraphQLInputField) -> Bound:
    bound: Bound = given.extensions.get(BOUND, ANYTHING)
    return bound


def _bound(name: str, given: GraphQLArgument | GraphQLInputField) -> Bound | None:
    """Return the bound; None for text without one, and for a list without a number of items."""
    named = get_named_type(given.type)
    short = is_enum_type(named) or isinstance(named, GraphQLInputObjectType) or named.name in _SHORT_SCALARS
    bound = SHORT if short else BOUNDS.get(name)
    is_list = is_list_type(get_nullable_type(given.type))
    return None if bound is None or (is_list and bound.items == 1) else bound


_SHORT_SCALARS = frozenset({"Int", "Float", "Boolean", "Date", "DateTime"})


def _inputs(type_: GraphQLNamedType) -> Iterator[tuple[str, str, GraphQLArgument | GraphQLInputField]]:
    match type_:
        case GraphQLObjectType() | GraphQLInterfaceType() if not type_.name.startswith("__"):
            for field_name, field in type_.fields.items():
                for name, argument in field.args.items():
                    yield f"{type_.name}.{field_name}({name}:)", name, argument
        case GraphQLInputObjectType():
            for name, input_field in type_.fields.items():
                yield f"{type_.name}.{name}", name, input_field
