"""The variables of one operation: coerced by graphql-core, or at once where each is exactly of its type already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
    get_nullable_type,
    is_list_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

from engine.arguments import NO_VARIABLES

EXACT: dict[str, type] = {"String": str, "ID": str, "Int": int, "Boolean": bool}
MOST_ERRORS = 50
"""As graphql-core's own executor."""

CHOOSING = ("include", "skip")


@dataclass(frozen=True, slots=True)
class _Simple:
    """A variable of a built-in scalar, or of a list of one."""

    name: str
    signature: GraphQLVariableSignature
    exact: type
    many: bool

    def is_exact(self, value: Any) -> bool:
        """Tell whether coercing the value would leave it as it is."""
        if self.many and value.__class__ is not list:
            return False
        values = value if self.many else (value,)
        if not {self.exact}.issuperset(map(type, values)):
            return False
        if self.exact is not int or not values:
            return True
        return bool(min(values) >= GRAPHQL_MIN_INT and max(values) <= GRAPHQL_MAX_INT)


class Variables:
    """What an operation's variables come to, and on which of them its shape depends."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._operation = operation
        self._simple = _simple(schema, operation)
        self.choosing = _choosing(document, operation)
        """The variables of `@skip` and `@include`: on nothing else of a request does a plan depend."""

    def choices(self, variables: VariableValues) -> tuple[bool | None, ...]:
        """Return what the variables choose, None for one that says nothing; nothing else of what a caller gave."""
        if not self.choosing:
            return ()
        chosen = [variables.coerced.get(name) for name in self.choosing]
        return tuple([value if isinstance(value, bool) else None for value in chosen])

    def values(self, given: Mapping[str, Any] | None) -> VariableValues | list[GraphQLError]:
        """Return the coerced variables, or what is wrong with them."""
        if not self._operation.variable_definitions:
            return NO_VARIABLES
        given = given or {}
        if self._simple is not None:
            sources: dict[str, VariableValueSource] = {}
            for variable in self._simple:
                value = given.get(variable.name)
                if not variable.is_exact(value):
                    break
                sources[variable.name] = VariableValueSource(variable.signature, value)
            else:
                return VariableValues(sources, {name: source.value for name, source in sources.items()})
        return get_variable_values(self._schema, self._operation.variable_definitions, dict(given), MOST_ERRORS)


def _simple(schema: GraphQLSchema, operation: OperationDefinitionNode) -> Sequence[_Simple] | None:
    """Return the variables if all are of built-in scalars or of lists of these."""
    simple = []
    for definition in operation.variable_definitions or ():
        signature = get_variable_signature(schema, definition)
        if isinstance(signature, GraphQLError):
            return None
        type_: Any = get_nullable_type(signature.type)
        many = is_list_type(type_)
        exact = EXACT.get(getattr(get_nullable_type(type_.of_type) if many else type_, "name", ""))
        if exact is None:
            return None
        simple.append(_Simple(signature.name, signature, exact, many))
    return simple


def _choosing(document: DocumentNode, operation: OperationDefinitionNode) -> tuple[str, ...]:
    """Return the variables of `@skip` and `@include` in an operation and in the fragments that it spreads."""
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    names, spread = set[str](), set[str]()
    waiting: list[OperationDefinitionNode | SelectionNode] = [operation]
    while waiting:
        node = waiting.pop()
        for directive in node.directives or ():
            if directive.name.value in CHOOSING:
                values = [argument.value for argument in directive.arguments or ()]
                names.update(value.name.value for value in values if isinstance(value, VariableNode))
        if isinstance(node, FragmentSpreadNode):
            fragment = fragments.get(node.name.value)
            inside = fragment.selection_set if fragment and node.name.value not in spread else None
            spread.add(node.name.value)
        else:
            inside = getattr(node, "selection_set", None)
        waiting += inside.selections if inside else ()
    return tuple(sorted(names))
