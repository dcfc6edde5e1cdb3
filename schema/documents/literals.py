"""The validation rules of documents: graphql-core's own, with literals judged without being echoed, and by length."""

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from graphql import (
    ArgumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    ValidationContext,
    ValueNode,
    VariableDefinitionNode,
    specified_rules,
)
from graphql.utilities import validate_input_literal
from graphql.validation import ASTValidationRule, ValidationRule, ValuesOfCorrectTypeRule

from schema.documents.bounds import Places, key_of, literal_excess, variables_in
from schema.documents.messages import path_of, reason
from schema.documents.text_bounds import ANYTHING, Bound, bound_of


class LiteralsOfTheirType(ValidationRule):
    """Every literal is a value of the type expected at its place, and within its bound. Finds variables' places.

    Source: https://spec.graphql.org/draft/#sec-Values-of-Correct-Type
    """

    def __init__(self, context: ValidationContext, places: Places) -> None:
        super().__init__(context)
        self._places = places
        self._variables: list[Any] = []
        self._spreads: list[str] = []

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        self._enter(node)

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: object) -> None:
        self._enter(node)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self._spreads.append(f"fragment {node.name.value}")

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        argument = self.context.get_argument()
        if argument is None:
            return  # an argument that there is not: another rule says so
        bound = bound_of(argument)
        self._judge(f"argument `{node.name.value}`", node.value, bound)
        self._variables += variables_in(node.value, argument.type, bound)

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> None:
        if node.default_value is not None:
            self._judge(f"default of variable `${node.variable.name.value}`", node.default_value, ANYTHING)

    def _enter(self, node: OperationDefinitionNode | FragmentDefinitionNode) -> None:
        key = key_of(node)
        self._variables = self._places.by_definition.setdefault(key, [])
        self._spreads = self._places.spreads.setdefault(key, [])

    def _judge(self, what: str, value: ValueNode, bound: Bound) -> None:
        type_ = self.context.get_input_type()
        if type_ is None:
            return  # a type that there is not: other rules say so
        said = literal_excess(value, type_, bound)
        if said is not None:
            self.report_error(GraphQLError(f"{what} {said}", value))
            return

        def report(error: GraphQLError, path: list[str | int]) -> None:
            said = f"{what} of type `{type_}`{path_of(path)}: {reason(error.message)}"
            self.report_error(GraphQLError(said, error.nodes if error.locations else value))

        validate_input_literal(value, type_, report, hide_suggestions=True)


def rules(places: Places) -> Sequence[type[ASTValidationRule]]:
    """Return the rules for one document; `places` are filled with those of its variables."""
    literals = cast(type[ASTValidationRule], partial(LiteralsOfTheirType, places=places))
    return [literals if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules]
