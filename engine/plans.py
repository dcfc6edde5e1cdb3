"""The plans compiled lately: kept with the decisions they were compiled for, gone when those go."""

from collections import OrderedDict
from collections.abc import Mapping
from itertools import count
from threading import Lock
from typing import Any
from weakref import ReferenceType, ref

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from graphql.execution.values import VariableValues

from engine.catalogue import Catalogue
from engine.compile import compiled
from engine.gate import Gate
from engine.plan import Knowledge, NotPlanned, Plan
from engine.variables import Variables

KEPT = 2048
"""Plans of a process, over all profiles."""


class _Shelf:
    """The plans of one profile, by operation and choices; None for a shape that is the reference executor's."""

    __slots__ = ("__weakref__", "number", "plans")
    numbers = count()

    def __init__(self) -> None:
        self.number = next(self.numbers)
        self.plans: dict[Any, tuple[OperationDefinitionNode, Plan | None]] = {}


class Plans:
    """Compiles each operation once for a profile and a choice of `@skip` and `@include`; shared between threads.

    The plans of a profile lie in the memo of its decisions, so that nothing here keeps old decisions alive. Over all
    profiles the plans used longest ago make room.
    """

    def __init__(self, catalogue: Catalogue, knowledge: Knowledge, kept: int = KEPT) -> None:
        self._catalogue = catalogue
        self._knowledge = knowledge
        self._kept = kept
        self._lately: OrderedDict[Any, ReferenceType[_Shelf]] = OrderedDict()
        self._variables: OrderedDict[int, tuple[OperationDefinitionNode, Variables]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._lately)

    def variables(
        self, document: DocumentNode, operation: OperationDefinitionNode, given: Mapping[str, Any] | None
    ) -> VariableValues | list[GraphQLError]:
        """Return the coerced variables of an operation, or what is wrong with them."""
        return self._known(document, operation).values(given)

    def plan(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues, gate: Gate
    ) -> Plan | None:
        """Return the plan; None for a shape that is the reference executor's."""
        shelf = gate.memo.get(self)
        if shelf is None:
            shelf = gate.memo[self] = _Shelf()
        chosen = tuple([variables.coerced.get(name) for name in self._known(document, operation).choosing])
        key = (id(operation), chosen)
        with self._lock:
            held = shelf.plans.get(key)
            if held is not None:
                self._lately.move_to_end((shelf.number, key))
                return held[1]
        plan = self._compiled(document, operation, variables)
        with self._lock:
            shelf.plans[key] = (operation, plan)  # the operation is kept, so that its id is nobody else's
            self._lately[shelf.number, key] = ref(shelf)
            while len(self._lately) > self._kept:
                (_, oldest), owner = self._lately.popitem(last=False)
                held_by = owner()
                if held_by is not None:
                    held_by.plans.pop(oldest, None)
        return plan

    def _compiled(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
    ) -> Plan | None:
        """Compile with the variables of `@skip` and `@include` alone: a plan keeps nothing of who asked."""
        names = [name for name in self._known(document, operation).choosing if name in variables.coerced]
        choices = VariableValues(
            {name: variables.sources[name] for name in names}, {name: variables.coerced[name] for name in names}
        )
        try:
            return compiled(self._catalogue, self._knowledge, document, operation, choices)
        except NotPlanned:
            return None

    def _known(self, document: DocumentNode, operation: OperationDefinitionNode) -> Variables:
        """Return what is known of an operation whatever the profile; the operation is kept as above."""
        with self._lock:
            known = self._variables.get(id(operation))
            if known is not None:
                self._variables.move_to_end(id(operation))
                return known[1]
        variables = Variables(self._catalogue.schema, document, operation)
        with self._lock:
            self._variables[id(operation)] = (operation, variables)
            while len(self._variables) > self._kept:
                self._variables.popitem(last=False)
        return variables
