"""One query by both executors, and what must be the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationDefinitionNode, execute, get_operation_ast

from connectors.source import Source
from engine.leaves import ReferenceExecutor
from resolvers.gate.disclosure import Disclosure
from resolvers.plan.comparison import Path, differences, null_at
from resolvers.plan.planned import Planned
from tests.differential.callers import Asker, access, catalogue, opened
from tests.differential.registers import sources


@dataclass(frozen=True)
class Compared:
    """Both answers. `planned` None: the shape is the reference executor's."""

    reference: ExecutionResult
    told: Disclosure
    planned: ExecutionResult | None
    disclosed: Disclosure

    def differences(self) -> list[str]:
        if self.planned is None:
            return []
        found = differences(self.reference, self.told, self.planned, self.disclosed)
        ours = _messages(self.planned)
        return found + [
            f"message at {path}" for path, said in _standing(self.reference) if said not in ours.get(path, set())
        ]


async def compared(
    planned: Planned, document: DocumentNode, variables: dict[str, Any], asker: Asker, seed: int | None
) -> Compared:
    """Run the document's only operation by both, each on registers that behave alike."""
    return await compared_on(planned, document, variables, asker, lambda: sources(seed))


async def compared_on(
    planned: Planned,
    document: DocumentNode,
    variables: dict[str, Any],
    asker: Asker,
    registers: Callable[[], Mapping[str, Source]],
) -> Compared:
    """Run the document's only operation by both, each on registers of its own."""
    held = await access(asker)
    request = opened(held, registers())
    result = execute(
        catalogue().schema,
        document,
        context_value=request,
        variable_values=variables,
        executor_class=ReferenceExecutor,
    )
    reference = await result if isawaitable(result) else result
    again = opened(held, registers())
    found = await planned.executed(again, document, operation_of(document), variables)
    return Compared(reference, request.disclosure, found, again.disclosure)


def operation_of(document: DocumentNode) -> OperationDefinitionNode:
    """Return the document's only operation."""
    operation = get_operation_ast(document)
    assert operation is not None
    return operation


def _standing(result: ExecutionResult) -> list[tuple[Path, str]]:
    """Return the messages of errors that stand at their own place; of others the specification lets one be chosen."""
    places = [(tuple(error.path or ()), error) for error in result.errors or ()]
    return [(path, _said(error)) for path, error in places if null_at(result.data, path) == path]


def _messages(result: ExecutionResult) -> dict[Path, set[str]]:
    found: dict[Path, set[str]] = {}
    for error in result.errors or ():
        found.setdefault(tuple(error.path or ()), set()).add(_said(error))
    return found


def _said(error: GraphQLError) -> str:
    return f"{type(error.original_error).__name__} {error.message} {error.locations}"
