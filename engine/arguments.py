"""Arguments of a field as declarations take them: under their Python names, enum members as the text behind them."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from graphql import FieldNode, GraphQLField, ListValueNode, ObjectValueNode, ValueNode, VariableNode
from graphql.error import GraphQLError
from graphql.execution.values import VariableValues, get_argument_values

from engine.declarations import Filter, Test

NO_VARIABLES = VariableValues({}, {})


class Arguments:
    """The arguments of one field node: worked out once where no variable is among them, else for each operation."""

    __slots__ = ("_field", "_fixed", "_names", "_node")

    def __init__(self, field: GraphQLField, node: FieldNode, names: Mapping[str, str]) -> None:
        self._field, self._node, self._names = field, node, names
        self._fixed: dict[str, Any] | None = None
        if not field.args:
            self._fixed = {}
        elif not any(_has_variable(one.value) for one in node.arguments or ()):
            try:
                self._fixed = self._worked_out(NO_VARIABLES)
            except GraphQLError:  # raised again where the field is reached, as the specification says
                self._fixed = None

    def values(self, variables: VariableValues) -> dict[str, Any]:
        """Return the arguments. Raises GraphQLError for a null where none may be."""
        return self._worked_out(variables) if self._fixed is None else self._fixed

    def _worked_out(self, variables: VariableValues) -> dict[str, Any]:
        return plain(get_argument_values(self._field, self._node, variables), self._names)


def tests_of(filters: Sequence[Filter], arguments: Mapping[str, Any]) -> tuple[Test, ...]:
    """Return the conditions that the given arguments ask for."""
    return tuple(
        (one.column, one.operator, arguments[one.argument])
        for one in filters
        if arguments.get(one.argument) is not None
    )


def plain(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments under their Python names, enum members as the text that registers hold."""
    return {names[name]: _plain(value) for name, value in given.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {snake(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def snake(name: str) -> str:
    """Return a GraphQL name as Python spells it: nameStartsWith -> name_starts_with."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _has_variable(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(map(_has_variable, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_has_variable(one.value) for one in value.fields)
    return isinstance(value, VariableNode)
