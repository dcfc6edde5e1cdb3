"""Relay connections: pages of the rows that the caller may know of, with sealed cursors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiodataloader import DataLoader
from graphql import FieldNode, GraphQLObjectType, get_named_type

from auth.errors import Refused
from engine.declarations import Pages, Sort, Test
from engine.gate import Ask, Row, Slot
from resolvers.fields import tests_of
from resolvers.loaders import load
from resolvers.reading import Reading, ask_selected, selections_of
from resolvers.request import Info, Request
from resolvers.rows import RecordRow

DEFAULT_FIRST = 20


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page starts and how it goes on: what the arguments of a connection come to."""

    first: int
    after: tuple[Any, ...] | None
    sort: tuple[Sort, ...]
    tests: tuple[tuple[Test, str], ...]
    order_category: str | None
    cursor_kind: str


@dataclass(frozen=True, slots=True)
class EdgeValue:
    cursor: str
    node: RecordRow


@dataclass(frozen=True, slots=True)
class PageInfoValue:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class ConnectionValue:
    """One page; its total is counted only where it is asked for."""

    def __init__(self, edges: list[EdgeValue], page_info: PageInfoValue, total: Any) -> None:
        self.edges = edges
        self.nodes = [edge.node for edge in edges]
        self.page_info = page_info
        self._total = total

    async def total_count(self) -> int:
        return await self._total()  # type: ignore[no-any-return]


def position_of(request: Request, coordinate: str, pages: Pages, arguments: dict[str, Any]) -> Position:
    """Return what the arguments ask for. Raises Refused for a size out of range or a cursor of another list."""
    first = DEFAULT_FIRST if arguments.get("first") is None else arguments["first"]
    if not 1 <= first <= pages.largest:
        raise Refused(f"`first` must be between 1 and {pages.largest}, not {first}")
    given = {key: value for key, value in (arguments.get("filter") or {}).items() if value is not None}
    by_column = {(one.column, one.operator): one.category for one in pages.filters}
    tests = tuple((test, by_column[test[0], test[1]]) for test in tests_of(pages.filters, given))
    order_name = arguments.get("order_by")
    sort: tuple[Sort, ...] = ((pages.record_key, False),)
    order_category = None
    if order_name is not None:
        column, descending, order_category = pages.sorts[order_name]
        sort = ((column, descending), *sort)
    kind = f"cursor {coordinate} {order_name or ''}"
    after = None
    if arguments.get("after") is not None:
        after = request.open_cursor(arguments["after"], kind, len(sort))
    return Position(first, after, sort, tests, order_category, kind)


async def open_page(
    row: RecordRow | None, info: Info, coordinate: str, pages: Pages, arguments: dict[str, Any]
) -> ConnectionValue | None:
    """Return the page that the arguments ask for; null where the way to it is not permitted."""
    request: Request = info.context
    key = row.value(coordinate, pages.key) if row is not None and pages.key else None
    if row is not None and pages.key and key is None:
        return None
    position = position_of(request, coordinate, pages, arguments)
    reading = _reading(info, coordinate, pages, position)
    loader = _loader(request, reading, position)
    rows, more = await (load(loader, key) if key is not None else loader.whole())

    async def total() -> int:
        counted = await request.gate.count(reading.prepared.ask, position.tests, None if key is None else (key,))
        return counted.get(key, 0)

    return _connection(request, reading, position, rows, more, total)


def _reading(info: Info, coordinate: str, pages: Pages, position: Position) -> Reading:
    request: Request = info.context
    memo = ("pages", coordinate, position.cursor_kind, tuple(id(node) for node in info.field_nodes))
    if memo not in request.memo:
        type_, nodes = node_selection(info)
        by = pages.by or pages.record_key
        ask = ask_selected(info, type_, by, pages.category, coordinate, False, nodes)
        ask = with_sort(ask, position.sort, pages.category, position.order_category)
        request.memo[memo] = Reading(request, type_, ask)
    return request.memo[memo]  # type: ignore[no-any-return]


def with_sort(ask: Ask, sort: tuple[Sort, ...], category: str, order_category: str | None) -> Ask:
    """Return the ask with the values that a cursor is made of."""
    *orders, (key, _) = sort
    slots = [Slot(column, order_category or category, ask.coordinate) for column, _ in orders]
    wanted = (*ask.slots, *slots, Slot(key, category, ask.coordinate))
    return Ask(ask.record, ask.by, ask.category, ask.coordinate, wanted, ask.tag, ask.direct)


def node_selection(info: Info) -> tuple[GraphQLObjectType, list[FieldNode]]:
    """Return the type of the nodes and the field nodes that select on them, by `nodes` or by `edges { node }`."""
    connection = get_named_type(info.return_type)
    assert isinstance(connection, GraphQLObjectType)
    selections = selections_of(info)
    type_ = get_named_type(connection.fields["nodes"].type)
    edge_type = get_named_type(connection.fields["edges"].type)
    assert isinstance(type_, GraphQLObjectType)
    assert isinstance(edge_type, GraphQLObjectType)
    nodes: list[FieldNode] = []
    for grouped in selections.under(connection, info.field_nodes).values():
        if grouped[0].name.value == "nodes":
            nodes.extend(grouped)
        if grouped[0].name.value == "edges":
            for inner in selections.under(edge_type, grouped).values():
                nodes.extend(inner if inner[0].name.value == "node" else ())
    return type_, nodes


class PageLoader(DataLoader[Any, tuple[Sequence[Row], bool]]):
    """The same page for each of many parents, in one statement."""

    def __init__(self, request: Request, reading: Reading, position: Position) -> None:
        super().__init__()
        self._request = request
        self._reading = reading
        self._position = position

    async def batch_load_fn(self, keys: list[Any]) -> list[tuple[Sequence[Row], bool]]:
        rows, more = await self._asked(tuple(keys))
        rows_by_key: dict[Any, list[Row]] = {key: [] for key in keys}
        for row in rows:
            rows_by_key[row[0]].append(row)
        return [(rows_by_key[key], key in more) for key in keys]

    async def whole(self) -> tuple[Sequence[Row], bool]:
        """Return the page of the list that has no parent."""
        rows, more = await self._asked(None)
        return rows, bool(more)

    async def _asked(self, keys: tuple[Any, ...] | None) -> tuple[Sequence[Row], frozenset[Any]]:
        position = self._position
        return await self._request.gate.page(
            self._reading.prepared, position.sort, position.tests, position.after, position.first, keys
        )


def _loader(request: Request, reading: Reading, position: Position) -> PageLoader:
    memo = ("page loader", id(reading), position)
    if memo not in request.memo:
        request.memo[memo] = PageLoader(request, reading, position)
    return request.memo[memo]  # type: ignore[no-any-return]


def _connection(
    request: Request, reading: Reading, position: Position, rows: Sequence[Row], more: bool, total: Any
) -> ConnectionValue:
    nodes = [reading.typed(row) for row in rows]
    coordinate = reading.prepared.ask.coordinate
    edges = [
        EdgeValue(
            request.sealer.seal(
                position.cursor_kind, tuple(node.value(coordinate, column) for column, _ in position.sort)
            ),
            node,
        )
        for node in nodes
    ]
    info = PageInfoValue(
        more,
        position.after is not None,
        edges[0].cursor if edges else None,
        edges[-1].cursor if edges else None,
    )
    return ConnectionValue(edges, info, total)
