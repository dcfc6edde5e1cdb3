"""Relay connections: one page for each of many parents in one question, and its parts put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.completion import ByKey
from engine.context import Run
from engine.gate import Row
from engine.outputs import BUBBLE, Bubbling, Errors, FieldError
from engine.paging import Position
from engine.plan import ConnectionField, PagesField, PagesStep, RootVariant
from engine.run import list_of, side_by_side, values_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

Objects = tuple[list[Any], Errors | None]
NO_PARENT = (None,)


@dataclass(slots=True)
class _OpenedPage:
    """The rows of pages and what was made of them."""

    step: PagesStep
    branch: RootVariant
    position: Position
    rows: Sequence[Row]
    more: frozenset[Any]
    objects: "Mapping[tuple[str, ...], Objects]"
    totals: "Mapping[Any, int] | Exception"
    run: Run

    def cursor(self, index: int) -> str:
        row = self.rows[index]
        values = tuple(None if place is None else row[place] for place in self.branch.cursor)
        return self.run.knowledge.cursor(self.run.asking, self.position, values)


async def pages_by_key(pages_field: PagesField, keys: tuple[Any, ...], run: Run) -> ByKey:
    """Return the connection of each parent by its key; the one connection of no parent has the key None."""
    step = pages_field.step
    try:
        arguments = step.arguments.values(run.variables)
    except Exception as error:
        return ByKey(fault=error, everywhere=True)
    if pages_field.position is not None and not keys:
        return ByKey()
    try:
        position = run.knowledge.position(run.asking, step.coordinate, step.pages, arguments)
        opened = await _opened(step, position, keys if pages_field.position is not None else None, run)
        return _by_key(pages_field, keys if pages_field.position is not None else NO_PARENT, opened)
    except Exception as error:
        return ByKey(fault=error, everywhere=pages_field.position is None)


async def _opened(step: PagesStep, position: Position, keys: tuple[Any, ...] | None, run: Run) -> _OpenedPage:
    branch = step.branch(position, run.gate.prepare)
    if not step.paged:
        totals = await _totals(branch, position, keys, run, alone=True)
        return _OpenedPage(step, branch, position, (), frozenset(), {}, totals, run)
    waits: list[Awaitable[Any]] = [
        run.gate.page(branch.prepared, position.sort, position.tests, position.after, position.first, keys)
    ]
    if step.counted:
        waits.append(_totals(branch, position, keys, run, alone=False))
    (rows, more), *counted = await side_by_side(waits)
    found = await side_by_side([values_of(levels, rows, run) for levels in branch.levels.values()])
    objects = dict(zip(branch.levels, found, strict=True))
    return _OpenedPage(step, branch, position, rows, more, objects, counted[0] if counted else {}, run)


async def _totals(
    branch: RootVariant, position: Position, keys: tuple[Any, ...] | None, run: Run, *, alone: bool
) -> "Mapping[Any, int] | Exception":
    try:
        return await run.gate.count(branch.prepared.ask, position.tests, keys, alone=alone)
    except Exception as error:
        return error


def _by_key(pages_field: PagesField, keys: tuple[Any, ...], opened: _OpenedPage) -> ByKey:
    pages = ByKey({}, {})
    for key, indices in _places(pages_field, keys, opened.rows).items():
        errors: list[FieldError] = []
        try:
            pages.values[key] = {
                part.key: _part(part, opened, key, indices, errors) for part in pages_field.step.connection
            }
        except Bubbling:
            pages.values[key] = BUBBLE if pages_field.output.nonnull else None
        if errors:
            pages.errors[key] = errors  # type: ignore[index]
    return pages


def _places(pages_field: PagesField, keys: tuple[Any, ...], rows: Sequence[Row]) -> "Mapping[Any, Sequence[int]]":
    """Return where the rows of each parent lie."""
    if pages_field.position is None:
        return dict.fromkeys(keys, range(len(rows)))
    places: dict[Any, list[int]] = {key: [] for key in keys}
    for index, row in enumerate(rows):
        places[row[0]].append(index)
    return places


def _part(
    part: ConnectionField, opened: _OpenedPage, key: Any, indices: Sequence[int], errors: list[FieldError]
) -> Any:
    """Return a field of one connection. Raises Bubbling where null may not stand."""
    match part.attribute:
        case "nodes":
            return _kept(part, list_of(part.output, _nodes(part, opened, indices, errors)))
        case "edges":
            edges = [_edge(part, opened, index, (part.key, at), errors) for at, index in enumerate(indices)]
            return _kept(part, list_of(part.output, edges))
        case "page_info":
            return {inner.key: _end(inner, part.key, opened, key, indices, errors) for inner in part.inner}
        case "total_count":
            if isinstance(opened.totals, Exception):
                _failed(part, (part.key,), opened.totals, errors)
                return None
            return opened.totals.get(key, 0)
    return part.constant


def _nodes(part: ConnectionField, opened: _OpenedPage, indices: Sequence[int], errors: list[FieldError]) -> list[Any]:
    objects, wrong = opened.objects[part.at]
    if not wrong:
        return list(map(objects.__getitem__, indices))
    return [_node(part, opened, index, (part.key, at), errors) for at, index in enumerate(indices)]


def _node(
    part: ConnectionField, opened: _OpenedPage, index: int, path: tuple[str | int, ...], errors: list[FieldError]
) -> Any:
    objects, wrong = opened.objects[part.at]
    if wrong and index in wrong:
        errors.extend(((*path, *under), error, nodes) for under, error, nodes in wrong[index])
    return objects[index]


def _edge(
    part: ConnectionField, opened: _OpenedPage, index: int, path: tuple[str | int, ...], errors: list[FieldError]
) -> Any:
    edge: dict[str, Any] = {}
    try:
        for inner in part.inner:
            if inner.attribute == "node":
                edge[inner.key] = _kept(inner, _node(inner, opened, index, (*path, inner.key), errors))
            elif inner.attribute == "cursor":
                edge[inner.key] = _cursor(inner, (*path, inner.key), opened, index, errors)
            else:
                edge[inner.key] = inner.constant
    except Bubbling:
        return BUBBLE
    return edge


def _end(
    part: ConnectionField, parent: str, opened: _OpenedPage, key: Any, indices: Sequence[int], errors: list[FieldError]
) -> Any:
    match part.attribute:
        case "has_next_page":
            return key in opened.more if key is not None else bool(opened.more)
        case "has_previous_page":
            return opened.position.after is not None
        case "start_cursor" | "end_cursor" if indices:
            index = indices[0 if part.attribute == "start_cursor" else -1]
            return _cursor(part, (parent, part.key), opened, index, errors)
    return part.constant


def _cursor(
    part: ConnectionField, path: tuple[str | int, ...], opened: _OpenedPage, index: int, errors: list[FieldError]
) -> str | None:
    try:
        return opened.cursor(index)
    except Exception as error:
        _failed(part, path, error, errors)
    return None


def _failed(part: ConnectionField, path: tuple[str | int, ...], error: Exception, errors: list[FieldError]) -> None:
    errors.append((path, error, part.output.nodes))
    if part.output.nonnull:
        raise Bubbling


def _kept(part: ConnectionField, value: Any) -> Any:
    """Return a value that may have been nulled. Raises Bubbling where null may not stand."""
    if value is BUBBLE or value is None:
        if part.output.nonnull:
            raise Bubbling
        return None
    return value
