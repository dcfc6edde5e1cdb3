"""How the reference executor reads rows: from a selection to an Ask, through a loader, to typed rows."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from graphql import GraphQLNamedType
from graphql.pyutils import Path

from engine.declarations import Sort, Test
from engine.faults import unknown_type
from engine.gate import Prepared, Row, RowQuery
from engine.shape import Selections, ask_selected, places_of
from resolvers.reference_executor.loaders import RowsLoader, load
from resolvers.reference_executor.rows import RecordRow
from resolvers.request.memo import MemoKey
from resolvers.request.request import Info, Request


class Reading:
    """Rows of one GraphQL type in one selection: what to ask for, and how to read what comes."""

    def __init__(self, request: Request, type_: GraphQLNamedType, ask: RowQuery) -> None:
        self._request = request
        self.prepared: Prepared = request.gate.prepare(ask)
        self._places = places_of(self.prepared)
        self._types = {
            (record_type.tag[1] if record_type.tag else None): concrete.name
            for concrete in request.catalogue.concrete(type_)
            if (record_type := request.catalogue.record_types[concrete.name])
        }
        self._loaders: dict[Any, RowsLoader] = {}

    def typed(self, row: Row) -> RecordRow:
        """Return the row as its GraphQL type."""
        tag_slot = self._places.get((self.prepared.ask.coordinate, self.prepared.ask.tag))
        tag = row[tag_slot] if self.prepared.ask.tag and tag_slot is not None else None
        if tag not in self._types:
            raise unknown_type(tag)
        return RecordRow(self._types[tag], row, self._places)

    async def of_key(self, key: Any, where: tuple[Test, ...] = (), order: tuple[Sort, ...] = ()) -> list[RecordRow]:
        """Return the rows of one key, batched with all other keys asked in this turn."""
        shape = (where, order)
        if shape not in self._loaders:
            self._loaders[shape] = RowsLoader(self._request.gate, self.prepared, where, order)
        rows: Sequence[Row] = await load(self._loaders[shape], key)
        return [self.typed(row) for row in rows]


def reading(info: Info, type_: GraphQLNamedType, by: str, category: str, coordinate: str, direct: bool) -> Reading:
    """Return the reading of a field's selection: one for all rows at that place of the answer."""
    request: Request = info.context

    def made() -> Reading:
        selections = selections_of(info)
        ask = ask_selected(request.catalogue, selections, type_, by, category, coordinate, direct, info.field_nodes)
        return Reading(request, type_, ask)

    return request.memo.of(_READINGS, (coordinate, type_.name, by, place_of(info.path)), made)


def place_of(path: Path | None) -> tuple[tuple[str | int, str | None], ...]:
    """Return a place in the answer whatever the list index: response keys, each with the type that has the field."""
    place = []
    while path is not None:
        if path.typename is not None:
            place.append((path.key, path.typename))
        path = path.prev
    return tuple(place)


def selections_of(info: Info) -> Selections:
    """Return the operation's selections, made once for a request."""
    request: Request = info.context
    made = partial(Selections, request.catalogue, info.fragments, info.variable_values, info.operation)
    return request.memo.of(_SELECTIONS, None, made)


_READINGS = MemoKey[Reading]()
_SELECTIONS = MemoKey[Selections]()
