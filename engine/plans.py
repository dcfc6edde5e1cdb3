"""The plans compiled lately: kept with the decisions they were compiled for, gone when those go."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from graphql.execution.values import VariableValues

from engine.catalogue import Catalogue
from engine.compiling.operation import compiled
from engine.context import SchemaHooks
from engine.document_weight import document_weight, nodes_of, plan_weight
from engine.gate import Gate
from engine.plan import NotPlanned, Plan
from engine.variables import Variables
from reference.weighted_cache import ShelvedCache, WeightedCache

ROOM, SHARE = 48_000_000, 12_000_000
"""Bytes of plans, of all holders and of one; as many again for what is known of operations whatever the profile."""


class _Kept(NamedTuple):
    """A plan, None for a shape that is the reference executor's; the operation is kept so that its id stays its own."""

    operation: OperationDefinitionNode
    plan: Plan | None


class Known(NamedTuple):
    """What is known of an operation whatever the profile, and what the document weighs with and without a plan."""

    operation: OperationDefinitionNode
    variables: Variables
    weight: int
    planned_weight: int


class Plans:
    """Compiles each operation once for a profile and a choice of `@skip` and `@include`; shared between threads.

    The plans of a profile lie in the memo of its decisions, so that nothing here keeps old decisions alive. Weights are
    bounded over all holders and for each: whoever asks much makes room among what is its own.
    """

    def __init__(self, catalogue: Catalogue, knowledge: SchemaHooks, room: int = ROOM, share: int = SHARE) -> None:
        self._catalogue = catalogue
        self._knowledge = knowledge
        self._plans = ShelvedCache[tuple[int, tuple[bool | None, ...]], _Kept](room, share)
        self._operations = WeightedCache[int, Known](room, share)

    def __len__(self) -> int:
        return len(self._plans)

    @property
    def weight(self) -> int:
        """Bytes accounted for; a document counts with each of its plans."""
        return self._plans.weight + self._operations.weight

    def variables(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        given: Mapping[str, Any] | None,
        holder: str = "",
    ) -> VariableValues | list[GraphQLError]:
        """Return the coerced variables of an operation, or what is wrong with them."""
        return self.known(document, operation, holder).variables.values(given)

    def plan(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        gate: Gate,
        holder: str = "",
    ) -> Plan | None:
        """Return the plan; None for a shape that is the reference executor's."""
        return self.plan_of(self.known(document, operation, holder), document, variables, gate, holder)

    def plan_of(
        self, known: Known, document: DocumentNode, variables: VariableValues, gate: Gate, holder: str
    ) -> Plan | None:
        """Return the plan of an operation that is known; None as above."""
        operation = known.operation
        key = (id(operation), known.variables.choices(variables))
        kept = self._plans.get(holder, gate.memo, key)
        if kept is None:
            plan = self._compiled(document, operation, variables, known.variables.choosing)
            kept = self._plans.put(holder, gate.memo, key, _Kept(operation, plan), known.planned_weight)
        return kept.plan

    def _compiled(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        choosing: tuple[str, ...],
    ) -> Plan | None:
        """Compile with the variables of `@skip` and `@include` alone: a plan keeps nothing of who asked."""
        names = [name for name in choosing if name in variables.coerced]
        choices = VariableValues(
            {name: variables.sources[name] for name in names}, {name: variables.coerced[name] for name in names}
        )
        try:
            return compiled(self._catalogue, self._knowledge, document, operation, choices)
        except NotPlanned:
            return None

    def known(self, document: DocumentNode, operation: OperationDefinitionNode, holder: str) -> Known:
        """Return what is known of an operation; the operation is kept as above."""
        known = self._operations.get(holder, id(operation))
        if known is None:
            nodes, characters = nodes_of(document), document.loc.end if document.loc else 0
            weights = document_weight(nodes, characters), plan_weight(nodes, characters)
            known = Known(operation, Variables(self._catalogue.schema, document, operation), *weights)
            known = self._operations.put(holder, id(operation), known, known.weight)
        return known
