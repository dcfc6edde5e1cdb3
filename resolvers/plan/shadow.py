"""The reference executor in the plan's shadow: a share of live queries run by both, differences logged."""

import asyncio
import random
from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any

import structlog
from graphql import DocumentNode, ExecutionResult, GraphQLSchema, execute

from engine.leaves import ReferenceExecutor
from resolvers.plan.comparison import differences
from resolvers.plan.planned import PLANNED
from resolvers.request.access import AccessContext
from resolvers.request.factory import RequestFactory
from resolvers.request.request import Request

_log = structlog.get_logger(__name__)


class Shadow:
    """Runs a `share` (0 to 1) of planned queries again, behind the answer's back; registers are read once more.

    A record that changes between the two readings shows as a difference too.
    """

    def __init__(
        self, share: float, schema: GraphQLSchema, openings: RequestFactory, chance: Callable[[], float] = random.random
    ) -> None:
        self._share = share
        self._schema = schema
        self._openings = openings
        self._chance = chance
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(
        self,
        request: Request,
        access: AccessContext,
        document: DocumentNode,
        operation_name: str | None,
        variables: Mapping[str, Any] | None,
        result: ExecutionResult,
    ) -> None:
        """Compare in the background, if this query is chosen and was planned."""
        if request.memo.known(PLANNED) and self._chance() < self._share:
            ran = self._compared(request, access, document, operation_name, variables, result)
            task = asyncio.get_running_loop().create_task(ran, name="shadow")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def finished(self) -> None:
        """Return when all comparisons under way have ended."""
        await asyncio.gather(*self._tasks)

    async def _compared(
        self,
        request: Request,
        access: AccessContext,
        document: DocumentNode,
        operation_name: str | None,
        variables: Mapping[str, Any] | None,
        result: ExecutionResult,
    ) -> None:
        again = self._openings.request(request.request_id, access, request.now)
        given = None if variables is None else dict(variables)
        reference = execute(
            self._schema,
            document,
            context_value=again,
            variable_values=given,
            operation_name=operation_name,
            executor_class=ReferenceExecutor,
        )
        if isawaitable(reference):
            reference = await reference
        found = differences(reference, again.disclosure, result, request.disclosure)
        if found:
            _log.error("plan differs from the reference", request_id=request.request_id, differences=found)
