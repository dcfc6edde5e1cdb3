"""Pages of a connection: where one starts and how it goes on, and what its rows must hold for the next one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import FieldNode, GraphQLObjectType, get_named_type

from engine.declarations import Sort, Test
from engine.gate import OutputColumn, RowQuery
from engine.shape import Selections


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page starts and how it goes on: what the arguments of a connection come to."""

    first: int
    after: tuple[Any, ...] | None
    sort: tuple[Sort, ...]
    tests: tuple[tuple[Test, str], ...]
    order_category: str | None
    cursor_kind: str


def with_sort(ask: RowQuery, sort: tuple[Sort, ...], category: str, order_category: str | None) -> RowQuery:
    """Return the ask with the values that a cursor is made of."""
    *orders, (key, _) = sort
    slots = [OutputColumn(column, order_category or category, ask.coordinate) for column, _ in orders]
    return replace(ask, slots=(*ask.slots, *slots, OutputColumn(key, category, ask.coordinate)))


def only_counted(selections: Selections, connection: GraphQLObjectType, nodes: Sequence[FieldNode]) -> bool:
    """Tell whether a connection's total is selected and nothing else of it, so that no page need be read."""
    names = {grouped[0].name.value for grouped in selections.under(connection, nodes).values()}
    return names - {"__typename"} == {"totalCount"}


def node_selection(
    selections: Selections, connection: GraphQLObjectType, nodes: Sequence[FieldNode]
) -> tuple[GraphQLObjectType, list[FieldNode]]:
    """Return the type of the nodes and the field nodes that select on them, by `nodes` or by `edges { node }`."""
    type_ = get_named_type(connection.fields["nodes"].type)
    edge_type = get_named_type(connection.fields["edges"].type)
    assert isinstance(type_, GraphQLObjectType)
    assert isinstance(edge_type, GraphQLObjectType)
    found: list[FieldNode] = []
    for grouped in selections.under(connection, nodes).values():
        if grouped[0].name.value == "nodes":
            found.extend(grouped)
        if grouped[0].name.value == "edges":
            for inner in selections.under(edge_type, grouped).values():
                found.extend(inner if inner[0].name.value == "node" else ())
    return type_, found
