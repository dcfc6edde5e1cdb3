"""Arguments of a field as declarations take them: under their Python names, enum members as the text behind them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graphql import FieldNode, GraphQLField, ListValueNode, ObjectValueNode, ValueNode, VariableNode
from graphql.error import GraphQLError
from graphql.execution.values import VariableValues, get_argument_values

from engine.declarations import Filter, Test

NO_VARIABLES = VariableValues({}, {})


@dataclass(frozen=True, slots=True)
class _Place:
    """The place of a variable's value in the prepared arguments."""

    variable: str


class Arguments:
    """The arguments of one field node, coerced once per plan; variables are filled in for each operation."""

    __slots__ = ("_field", "_names", "_node", "_worked_out")

    def __init__(self, field: GraphQLField, node: FieldNode, names: Mapping[str, str]) -> None:
        self._field, self._node, self._names = field, node, names
        variables = {name for argument in node.arguments or () for name in _variables_in(argument.value)}
        places: dict[str, Any] = {name: _Place(name) for name in variables}
        self._worked_out: dict[str, Any] | None = None
        if field.args:
            # what cannot be worked out is tried again where the field is reached, and the error is located there
            with suppress(GraphQLError):
                self._worked_out = self._from(VariableValues(places, places))

    def values(self, variables: VariableValues) -> dict[str, Any]:
        """Return the arguments. Raises GraphQLError for a null where none may be."""
        if not self._field.args:
            return {}
        if self._worked_out is not None:
            with suppress(_NoValue):
                return _filled(self._worked_out, variables.coerced)  # type: ignore[no-any-return]
        return self._from(variables)

    def _from(self, variables: VariableValues) -> dict[str, Any]:
        return plain(get_argument_values(self._field, self._node, variables), self._names)


class _NoValue(Exception):
    """A variable is null or absent. graphql-core then coerces the arguments again and applies its rules."""


def _filled(value: Any, coerced: Mapping[str, Any]) -> Any:
    if value.__class__ is _Place:
        variable_value = coerced.get(value.variable)
        if variable_value is None:
            raise _NoValue
        return _plain(variable_value)
    if value.__class__ is dict:
        return {name: _filled(inner, coerced) for name, inner in value.items()}
    if value.__class__ is list:
        return [_filled(inner, coerced) for inner in value]
    return value


def tests_of(filters: Sequence[Filter], arguments: Mapping[str, Any]) -> tuple[Test, ...]:
    """Return a condition for each filter whose argument is present and not null."""
    return tuple(
        (condition.column, condition.operator, arguments[condition.argument])
        for condition in filters
        if arguments.get(condition.argument) is not None
    )


def plain(arguments: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments under their Python names, enum members as the text that registers hold."""
    return {names[name]: _plain(value) for name, value in arguments.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {snake(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return value if _AS_THEY_ARE.issuperset(map(type, value)) else [_plain(inner) for inner in value]
    return value


_AS_THEY_ARE = frozenset({str, int, float, bool})


def snake(name: str) -> str:
    """Return a GraphQL name as Python spells it: nameStartsWith -> name_starts_with."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _variables_in(value: ValueNode) -> list[str]:
    if isinstance(value, VariableNode):
        return [value.name.value]
    if isinstance(value, ListValueNode):
        return [name for item in value.values for name in _variables_in(item)]
    if isinstance(value, ObjectValueNode):
        return [name for entry in value.fields for name in _variables_in(entry.value)]
    return []
