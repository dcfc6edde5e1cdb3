"""Terms of arguments held against the schema: what they name must be there, and their values of the right types."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError, GraphQLInputType
from graphql.utilities import validate_input_value

from auth.argument_terms import ArgumentTerms
from auth.policy.arguments import FILE, ArgumentPolicy
from auth.policy.review.check import PolicyFinding, Severity
from engine.catalogue import Catalogue
from engine.declarations import Answer


def argument_findings(catalogue: Catalogue, policy: ArgumentPolicy) -> Iterator[PolicyFinding]:
    """Yield what is wrong with the terms of a policy folder."""
    for rule in policy.rules:
        for coordinate in rule.answers:
            for fault in argument_faults(catalogue, coordinate, rule.terms):
                yield PolicyFinding(Severity.ERROR, f"{FILE}: {rule.id}", fault)


def argument_faults(catalogue: Catalogue, coordinate: str, terms: ArgumentTerms) -> Iterator[str]:
    """Yield what is wrong with the terms of one answer, in a policy folder or in an agreement."""
    typename, _, name = coordinate.partition(".")
    answer = catalogue.declaration(typename, name)
    if not isinstance(answer, Answer) or answer.about is None:
        yield f"`{coordinate}` is no answer with arguments"
        return
    arguments = catalogue.schema.type_map[typename].fields[name].args  # type: ignore[attr-defined]
    for argument, values in terms.values.items():
        if argument not in arguments:
            yield f"`{coordinate}` has no argument `{argument}`"
            continue
        for value in values:
            if not _fits(value, arguments[argument].type):
                yield f"`{coordinate}({argument}:)` cannot be `{value}`"


def _fits(value: Any, type_: GraphQLInputType) -> bool:
    faults: list[GraphQLError] = []
    validate_input_value(value, type_, lambda error, _path: faults.append(error))
    return not faults
