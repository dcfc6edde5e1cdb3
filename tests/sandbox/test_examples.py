"""The example queries: valid against the schema, and for purposes the persona has."""

from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate
from graphql.execution.values import get_variable_values

from sandbox.examples import examples_of
from sandbox.personas import PERSONAS

SCHEMA = build_schema(
    (Path(__file__).parents[2] / "schema" / "schema.graphql").read_text(encoding="utf-8"), assume_valid=True
)


@pytest.mark.parametrize("name", PERSONAS)
def test_every_persona_has_examples_that_the_schema_understands(name: str) -> None:
    examples = examples_of(name)
    assert 2 <= len(examples) <= 4
    for example in examples:
        document = parse(example["query"])
        assert validate(SCHEMA, document) == []
        (operation,) = document.definitions
        assert isinstance(operation, OperationDefinitionNode)
        variables = get_variable_values(SCHEMA, operation.variable_definitions or (), example["variables"])
        assert not isinstance(variables, list), variables
        assert example["purpose"] in PERSONAS[name].purposes


def test_nobody_else_has_examples() -> None:
    with pytest.raises(KeyError):
        examples_of("stranger")
