"""The plan engine at the door of the resolvers: what it knows of pages and entities, and an operation run by it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from graphql import DocumentNode, ExecutionResult, OperationDefinitionNode

from engine.catalogue import Catalogue
from engine.context import Run
from engine.declarations import Pages, Wanted
from engine.paging import Position
from engine.plans import Plans
from engine.printed import Step, described
from engine.roots import result_of
from resolvers.reference_executor.entities import wanted_entities
from resolvers.reference_executor.pages import cursor_of, position_of
from resolvers.request.memo import MemoKey
from resolvers.request.request import Request

PLANNED = MemoKey[bool]()
"""Whether the operation was run by a plan."""


class ResolversKnowledge:
    """What only resolvers know, for the engine."""

    as_written: Mapping[str, type] = MappingProxyType({"Date": date, "DateTime": datetime})
    """orjson writes both as Strawberry's scalars do: ISO 8601."""

    def position(self, asking: Request, coordinate: str, pages: Pages, arguments: dict[str, Any]) -> Position:
        return position_of(asking, coordinate, pages, arguments)

    def cursor(self, asking: Request, position: Position, values: tuple[Any, ...]) -> str:
        return cursor_of(asking, position, values)

    def represented(self, asking: Request, representations: Sequence[Any]) -> Sequence[Wanted | Exception]:
        return wanted_entities(asking, representations)


class Planned:
    """The executor that compiles operations once and runs them breadth-first."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._knowledge = ResolversKnowledge()
        self.plans = Plans(catalogue, self._knowledge)

    async def executed(
        self, request: Request, document: DocumentNode, operation: OperationDefinitionNode, given: Any
    ) -> ExecutionResult | None:
        """Return the result; None where the operation's shape is the reference executor's, before anything is read."""
        holder = request.table.holder
        known = self.plans.known(document, operation, holder)
        variables = known.variables.values(given)
        if isinstance(variables, list):
            return ExecutionResult(None, variables)
        plan = self.plans.plan_of(known, document, variables, request.gate, holder)
        if plan is None:
            return None
        request.memo.put(PLANNED, True)
        return await result_of(plan, Run(request, request.gate, variables, self._knowledge))

    def described(
        self, request: Request, document: DocumentNode, operation: OperationDefinitionNode, given: Any
    ) -> list[Step] | None:
        """Return the steps that the operation would take; None as above. Raises the first error of the variables."""
        holder = request.table.holder
        variables = self.plans.variables(document, operation, given, holder)
        if isinstance(variables, list):
            raise variables[0]
        plan = self.plans.plan(document, operation, variables, request.gate, holder)
        return None if plan is None else described(plan, Run(request, request.gate, variables, self._knowledge))
