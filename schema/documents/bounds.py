"""Texts, lists and numbers of a caller held to their bounds, before anything normalises, parses or compares them.

A bound belongs to an argument or an input field (schema/documents/text_bounds.py). Literals are judged as the document
is validated; for variables the document keeps in which places each is used, and they are judged with each operation.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    FloatValueNode,
    FragmentDefinitionNode,
    GraphQLInputObjectType,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from auth.errors import Refused
from schema.documents.text_bounds import Bound, bound_of

Definition = OperationDefinitionNode | FragmentDefinitionNode


class Place(NamedTuple):
    """Where a variable is used: what it may hold there."""

    type: Any
    bound: Bound


class Places:
    """The places of a document's variables, by the definition that uses them."""

    def __init__(self) -> None:
        self.by_definition: dict[str, list[tuple[str, Place]]] = {}
        self.spreads: dict[str, list[str]] = {}

    def of(self, operation: OperationDefinitionNode) -> tuple[tuple[str, tuple[Place, ...]], ...]:
        """Return the variables of an operation, each with the places in it and in the fragments that it spreads."""
        found: dict[str, dict[Place, None]] = {}
        waiting, seen = [key_of(operation)], set[str]()
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen.add(key)
            waiting += self.spreads.get(key, ())
            for name, place in self.by_definition.get(key, ()):
                found.setdefault(name, {})[place] = None
        return tuple((name, tuple(places)) for name, places in found.items())


def key_of(definition: Definition) -> str:
    """Return a definition's key: fragments and operations may have the same name."""
    name = definition.name.value if definition.name else ""
    return f"fragment {name}" if isinstance(definition, FragmentDefinitionNode) else f"operation {name}"


def hold_bounds(used: Sequence[tuple[str, Sequence[Place]]], variables: Mapping[str, Any]) -> None:
    """Raise Refused, naming the variable and the bound, for a value that exceeds the bound of a place."""
    for name, places in used:
        value = variables.get(name)
        if value is None or value.__class__ in _NO_TEXT:
            continue
        for place in places:
            said = excess(value, place.type, place.bound)
            if said is not None:
                raise Refused(f"variable `${name}` {said}")


def hold_defaults(operation: OperationDefinitionNode, used: Sequence[tuple[str, Sequence[Place]]]) -> None:
    """Raise Refused as `hold_bounds` does, for a value that a variable has by default."""
    definitions = operation.variable_definitions or ()
    defaults = {
        definition.variable.name.value: _untyped(definition.default_value)
        for definition in definitions
        if definition.default_value
    }
    if defaults:
        hold_bounds(used, defaults)


def literal_excess(literal: ValueNode, type_: Any, bound: Bound) -> str | None:
    """Return which bound a literal exceeds and where; None where it exceeds none. Variables in it are not looked at."""
    return excess(_untyped(literal), type_, bound)


def variables_in(literal: ValueNode, type_: Any, bound: Bound) -> Iterator[tuple[str, Place]]:
    """Yield the variables of a literal, each with its place."""
    match literal:
        case VariableNode():
            yield literal.name.value, Place(type_, bound)
        case ListValueNode():
            for item in literal.values:
                yield from variables_in(item, type_, bound)
        case ObjectValueNode():
            fields = _fields(type_)
            for part in literal.fields:
                field = fields.get(part.name.value)
                yield from variables_in(
                    part.value, *((type_, bound) if field is None else (field.type, bound_of(field)))
                )


_NO_TEXT = frozenset({int, float, bool})


def excess(value: Any, type_: Any, bound: Bound, at: str = "") -> str | None:
    """Return which bound a value exceeds and where; None where it exceeds none."""
    if isinstance(value, str):
        return _longer(len(value), bound, at)
    if isinstance(value, list):
        return _excess_of_list(value, type_, bound, at)
    if not isinstance(value, dict):
        return None
    named = get_named_type(type_)
    if not isinstance(named, GraphQLInputObjectType):
        return _longer(_longest_in(value), bound, at)  # names in it are the caller's, and are not said again
    for name, item in value.items():
        field = named.fields.get(name)
        if field is not None and (said := excess(item, field.type, bound_of(field), f"{at}.{name}")):
            return said
    return None


def _excess_of_list(items: list[Any], type_: Any, bound: Bound, at: str) -> str | None:
    if len(items) > bound.items:
        return f"{_at(at)}must have at most {bound.items} items, not {len(items)}"
    if _TEXTS.issuperset(map(type, items)):
        return _longer(max(map(len, items), default=0), bound, at)
    found = (excess(item, type_, bound, f"{at}[{place}]") for place, item in enumerate(items))
    return next((said for said in found if said is not None), None)


_TEXTS = frozenset({str})


def _longest_in(value: Any) -> int:
    """Return the length of the longest text in a value of no declared shape, its names included."""
    longest, waiting = 0, [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            longest = max(longest, len(part))
        elif isinstance(part, dict):
            waiting += (*part, *part.values())
        elif isinstance(part, list):
            waiting += part
    return longest


def _longer(length: int, bound: Bound, at: str) -> str | None:
    if length <= bound.characters:
        return None
    return f"{_at(at)}must have at most {bound.characters} characters, not {length}"


def _at(path: str) -> str:
    return f"at `{path.removeprefix('.')}` " if path else ""


def _fields(type_: Any) -> Mapping[str, Any]:
    named = get_named_type(type_)
    return named.fields if isinstance(named, GraphQLInputObjectType) else {}


def _untyped(literal: ValueNode) -> Any:
    """Return a literal as JSON has it, numbers as their text: they have as many digits as the caller likes."""
    match literal:
        case ListValueNode():
            return [_untyped(item) for item in literal.values]
        case ObjectValueNode():
            return {part.name.value: _untyped(part.value) for part in literal.fields}
        case StringValueNode() | IntValueNode() | FloatValueNode():
            return literal.value
    return None
