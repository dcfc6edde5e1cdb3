"""The validation rules of documents: graphql-core's own, with literals judged without being echoed."""

from graphql import ArgumentNode, GraphQLError, ValueNode, VariableDefinitionNode, specified_rules
from graphql.utilities import validate_input_literal
from graphql.validation import ASTValidationRule, ValidationRule, ValuesOfCorrectTypeRule

from schema.messages import path_of, reason


class LiteralsOfTheirType(ValidationRule):
    """Every literal is a value of the type expected at its place.

    Source: https://spec.graphql.org/draft/#sec-Values-of-Correct-Type
    """

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        self._judge(f"argument `{node.name.value}`", node.value)

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> None:
        if node.default_value is not None:
            self._judge(f"default of variable `${node.variable.name.value}`", node.default_value)

    def _judge(self, what: str, value: ValueNode) -> None:
        type_ = self.context.get_input_type()
        if type_ is None:
            return  # an argument or a type that there is not: other rules say so

        def report(error: GraphQLError, path: list[str | int]) -> None:
            said = f"{what} of type `{type_}`{path_of(path)}: {reason(error.message)}"
            self.report_error(GraphQLError(said, error.nodes if error.locations else value))

        validate_input_literal(value, type_, report, hide_suggestions=True)


RULES: tuple[type[ASTValidationRule], ...] = tuple(
    LiteralsOfTheirType if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules
)
