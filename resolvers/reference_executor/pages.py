"""Relay connections: pages of the rows that the caller may know of, with sealed cursors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiodataloader import DataLoader
from graphql import GraphQLObjectType, get_named_type

from auth.errors import Refused
from connectors.faults import stored_value
from engine.arguments import tests_of
from engine.declarations import Pages, Sort
from engine.gate import Row
from engine.paging import Position, node_selection, only_counted, with_sort
from engine.shape import ask_selected
from resolvers.reference_executor.loaders import load
from resolvers.reference_executor.reading import Reading, place_of, selections_of
from resolvers.reference_executor.rows import RecordRow
from resolvers.request.memo import MemoKey
from resolvers.request.request import Info, Request

DEFAULT_FIRST = 20
WHOLE = object()
"""Stands for the parent of a list that has none."""


@dataclass(frozen=True, slots=True)
class EdgeValue:
    """One row of a page; its cursor is sealed only where it is asked for."""

    node: RecordRow
    _cursor: Callable[[RecordRow], str]

    @property
    def cursor(self) -> str:
        return self._cursor(self.node)


@dataclass(frozen=True, slots=True)
class PageInfoValue:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


def checked_first(first: int | None, largest: int = 100) -> int:
    """Return how many rows a page has at most. Raises Refused out of range."""
    size = DEFAULT_FIRST if first is None else first
    if not 1 <= size <= largest:
        raise Refused(f"`first` must be between 1 and {largest}, not {size}")
    return size


def page_info(
    request: Request, cursor: str, positions: Sequence[tuple[Any, ...]], has_next: bool, after: object | None
) -> PageInfoValue:
    """Return where a page stands: `positions` are those of its rows, `after` is what it follows, if anything.

    Cursors are sealed as of the kind `cursor`.
    """
    ends = [request.sealer.seal(cursor, position) for position in (*positions[:1], *positions[-1:])]
    return PageInfoValue(has_next, after is not None, *(ends or (None, None)))


@dataclass(frozen=True, slots=True)
class PageEnds:
    """Where a page stands, told by its edges."""

    has_next_page: bool
    has_previous_page: bool
    _edges: list[EdgeValue]

    @property
    def start_cursor(self) -> str | None:
        return self._edges[0].cursor if self._edges else None

    @property
    def end_cursor(self) -> str | None:
        return self._edges[-1].cursor if self._edges else None


class ConnectionValue:
    """One page; its total is counted only where it is asked for."""

    def __init__(self, edges: list[EdgeValue], page_info: PageEnds, total: Any) -> None:
        self.edges = edges
        self.nodes = [edge.node for edge in edges]
        self.page_info = page_info
        self._total = total

    async def total_count(self) -> int:
        return await self._total()  # type: ignore[no-any-return]


def position_of(request: Request, coordinate: str, pages: Pages, arguments: dict[str, Any]) -> Position:
    """Return what the arguments ask for. Raises Refused for a size out of range or a cursor of another list."""
    first = checked_first(arguments.get("first"), pages.largest)
    given = {key: value for key, value in (arguments.get("filter") or {}).items() if value is not None}
    for condition in pages.filters:
        if condition.check is not None and condition.argument in given:
            condition.check(given[condition.argument], request.today)
    by_column = {(condition.column, condition.operator): condition.category for condition in pages.filters}
    tests = tuple((test, by_column[test[0], test[1]]) for test in tests_of(pages.filters, given))
    order_name = arguments.get("order_by")
    sort: tuple[Sort, ...] = ((pages.record_key, False),)
    order_category = None
    if order_name is not None:
        column, descending, order_category = pages.sorts[order_name]
        sort = ((column, descending), *sort)
    kind = (
        f"cursor {coordinate} {order_name or ''} {given}"  # a cursor is good for the list it came from, filter and all
    )
    after = None
    if arguments.get("after") is not None:
        after = request.open_cursor(arguments["after"], kind, len(sort))
    return Position(first, after, sort, tests, order_category, kind)


async def open_page(
    row: RecordRow | None, info: Info, coordinate: str, pages: Pages, arguments: dict[str, Any]
) -> ConnectionValue | None:
    """Return the page that the arguments ask for; null where the way to it is not permitted."""
    request: Request = info.context
    key = row.readable(coordinate, pages.key) if row is not None and pages.key else None
    if row is not None and pages.key and key is None:
        return None
    position = position_of(request, coordinate, pages, arguments)
    reading, paged = _reading(info, coordinate, pages, position)
    rows: Sequence[Row] = ()
    more = False
    if paged:
        loader = _loader(request, reading, position)
        rows, more = await (load(loader, key) if key is not None else loader.whole())

    totals = _totals(request, reading, position, alone=not paged)
    return _connection(request, reading, position, rows, more, lambda: load(totals, WHOLE if key is None else key))


def _reading(info: Info, coordinate: str, pages: Pages, position: Position) -> tuple[Reading, bool]:
    """Return how the list's rows are read, and whether any need be: not where its total alone is selected."""
    request: Request = info.context

    def made() -> tuple[Reading, bool]:
        connection = get_named_type(info.return_type)
        assert isinstance(connection, GraphQLObjectType)
        selections = selections_of(info)
        type_, nodes = node_selection(selections, connection, info.field_nodes)
        by = pages.by or pages.record_key
        ask = ask_selected(request.catalogue, selections, type_, by, pages.category, coordinate, False, nodes)
        ask = with_sort(ask, position.sort, pages.category, position.order_category)
        paged = not only_counted(selections, connection, info.field_nodes)
        return Reading(request, type_, ask), paged

    return request.memo.of(_PAGES, (position.cursor_kind, place_of(info.path)), made)


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
    # a reading is kept for the operation, so that its address stays its own
    return request.memo.of(_LOADERS, (id(reading), position), lambda: PageLoader(request, reading, position))


class TotalLoader(DataLoader[Any, int]):
    """The lengths of the same list for each of many parents, counted in one statement."""

    def __init__(self, request: Request, reading: Reading, position: Position, *, alone: bool) -> None:
        super().__init__()
        self._request = request
        self._reading = reading
        self._position = position
        self._alone = alone

    async def batch_load_fn(self, keys: list[Any]) -> list[int]:
        parents = None if keys == [WHOLE] else tuple(keys)
        ask, tests = self._reading.prepared.ask, self._position.tests
        counted = await self._request.gate.count(ask, tests, parents, alone=self._alone)
        return [counted.get(None if key is WHOLE else key, 0) for key in keys]


def _totals(request: Request, reading: Reading, position: Position, *, alone: bool) -> TotalLoader:
    place = (id(reading), position)
    return request.memo.of(_TOTALS, place, lambda: TotalLoader(request, reading, position, alone=alone))


_PAGES = MemoKey[tuple[Reading, bool]]()
_LOADERS = MemoKey[PageLoader]()
_TOTALS = MemoKey[TotalLoader]()


def _connection(
    request: Request, reading: Reading, position: Position, rows: Sequence[Row], more: bool, total: Any
) -> ConnectionValue:
    coordinate = reading.prepared.ask.coordinate

    def cursor(node: RecordRow) -> str:
        return cursor_of(request, position, tuple(node.value(coordinate, column) for column, _ in position.sort))

    edges = [EdgeValue(reading.typed(row), cursor) for row in rows]
    return ConnectionValue(edges, PageEnds(more, position.after is not None, edges), total)


def cursor_of(request: Request, position: Position, values: tuple[Any, ...]) -> str:
    """Return the values of a row's place in the list, sealed for this caller; of an unreadable one what is stored.

    Raises Refused where they are too long: a cursor that would be refused when it comes back is not given.
    """
    try:
        return request.sealer.seal(position.cursor_kind, tuple(map(stored_value, values)))
    except ValueError:
        raise Refused(
            "the register's text for this row is too long for a cursor in this order", "SOURCE_INVALID"
        ) from None
