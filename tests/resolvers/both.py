"""A query asked by both executors of a small request in memory."""

from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, execute, get_operation_ast, parse

from resolvers.plan.planned import Planned
from schema.build import build_schema
from tests.resolvers.contexts import request_of
from tests.resolvers.requests import Asked

SCHEMA, CATALOGUE = build_schema()
PLANNED = Planned(CATALOGUE)
EXECUTORS = ("plan", "reference")


async def executed(executor: str, asked: Asked, query: str, **variables: Any) -> ExecutionResult:
    """Return what the executor answers."""
    document, request = parse(query), request_of(asked, CATALOGUE)
    if executor == "plan":
        operation = get_operation_ast(document)
        assert operation is not None
        planned = await PLANNED.executed(request, document, operation, variables)
        assert planned is not None, "the query is to be run by the plan"
        return planned
    result = execute(SCHEMA._schema, document, context_value=request, variable_values=variables)
    return await result if isawaitable(result) else result
