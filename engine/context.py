"""The state of a run and the hooks of the schema: modules that the runner imports take them from here, not from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graphql.execution.values import VariableValues

from engine.declarations import Pages, RequestContext, Wanted
from engine.gate import Gate
from engine.paging import Position


class SchemaHooks(Protocol):
    """Operations that only the schema can do: decode and encode cursors, and read representations of entities."""

    @property
    def as_written(self) -> Mapping[str, type]:
        """Scalars whose values of exactly this type need no serialisation before the response is encoded."""
        ...

    def position(self, asking: Any, coordinate: str, pages: Pages, arguments: dict[str, Any]) -> Position: ...

    def cursor(self, asking: Any, position: Position, values: tuple[Any, ...]) -> str: ...

    def represented(self, asking: Any, representations: Sequence[Any]) -> Sequence[Wanted | Exception]: ...


@dataclass(slots=True)
class Run:
    """The state of one operation: its request, the Gate that reads rows for it, and its variables."""

    asking: RequestContext
    gate: Gate
    variables: VariableValues
    knowledge: SchemaHooks
