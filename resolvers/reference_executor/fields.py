"""The ordinary resolvers of declared fields, for the reference executor: one function for each kind of declaration."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from graphql import get_named_type, is_composite_type

from engine.arguments import tests_of
from engine.declarations import NOTED, Answer, Column, Edge, Identifier, Local, Root, Wanted
from engine.shape import edge_asks, edge_needed, record_type_of
from resolvers.reference_executor.loaders import AdmissionsLoader
from resolvers.reference_executor.meetings import Met, note_met, noted_value
from resolvers.reference_executor.reading import Reading, place_of, reading
from resolvers.reference_executor.rows import RecordRow
from resolvers.request.memo import MemoKey
from resolvers.request.request import Info, Request

_ADMISSIONS = MemoKey[AdmissionsLoader]()
_ADMITTED = MemoKey[Met[asyncio.Future[bool]]]()
_BEHIND = MemoKey[dict[str, Reading]]()


def read_column(row: RecordRow, coordinate: str, column: Column) -> Any:
    """Return the value of a column."""
    return row.value(coordinate, column.column)


def read_identifier(row: RecordRow, request: Request, coordinate: str, identifier: Identifier) -> str | None:
    """Return the key sealed for this caller."""
    key = row.readable(coordinate, identifier.column)
    return None if key is None else request.global_id(identifier.kind, key)


async def follow_edge(row: RecordRow, info: Info, coordinate: str, edge: Edge, arguments: dict[str, Any]) -> Any:
    """Return the row or the rows an edge leads to; null where the way is not permitted or leads nowhere."""
    key = row.readable(coordinate, edge.key)
    if key is None:
        return None
    type_ = get_named_type(info.return_type)
    existence = record_type_of(info.context.catalogue, type_).category
    rows = reading(info, type_, edge.by, existence, coordinate, direct=False)
    found = await rows.of_key(key, (*edge.where, *tests_of(edge.filters, arguments)), edge.order)
    return found if edge.many else next(iter(found), None)


async def give_answer(row: RecordRow, info: Info, coordinate: str, answer: Answer, arguments: dict[str, Any]) -> Any:
    """Return what the answer's function makes of its needs; null where it is not permitted for the row.

    With arguments it is admitted first, before anything that it needs is asked for.
    """
    request: Request = info.context
    if row.value(coordinate, None) is None or not await _may_be_given(row, info, coordinate, answer, arguments):
        return None
    needs: dict[str, Any] = {need: row.readable(coordinate, need) for need in answer.needs if "." not in need}
    for edge_name, behind in _readings_behind(info, row.typename, info.field_name, answer).items():
        edge = edge_needed(request.catalogue, row.typename, edge_name)
        key = row.readable(coordinate, edge.key)
        needs[edge_name] = None if key is None else await _columns_of(behind, key, edge)
    value = answer.function(needs, request, **arguments)
    if value.__class__ in NOTED or is_composite_type(get_named_type(info.return_type)):
        note_met(row, info)
    return noted_value(coordinate, value, info)


async def _may_be_given(row: RecordRow, info: Info, coordinate: str, answer: Answer, arguments: dict[str, Any]) -> bool:
    """Tell whether the answer may be given; of a row that stands several times at a place it is asked once."""
    if answer.about is None:
        return True
    request: Request = info.context
    admitted = partial(request.admitted, coordinate, answer, arguments)
    loader = request.memo.of(_ADMISSIONS, (coordinate, repr(arguments)), lambda: AdmissionsLoader(admitted))
    asked = request.memo.of(_ADMITTED, place_of(info.path), Met)
    subject = row.readable(coordinate, answer.about)
    # shielded as in resolvers/reference_executor/loaders.py
    return await asyncio.shield(asked.of(row, lambda: loader.load(subject)))


def _readings_behind(info: Info, typename: str, field_name: str, answer: Answer) -> dict[str, Reading]:
    request: Request = info.context

    def made() -> dict[str, Reading]:
        return {
            edge_name: Reading(
                request, request.catalogue.returned(typename, request.catalogue.field_of(typename, edge_name)), ask
            )
            for edge_name, ask in edge_asks(request.catalogue, typename, field_name, answer).items()
        }

    return request.memo.of(_BEHIND, (typename, field_name, place_of(info.path.prev)), made)


async def _columns_of(behind: Reading, key: Any, edge: Edge) -> list[dict[str, Any]]:
    slots = behind.prepared.ask.slots
    rows = await behind.of_key(key, edge.where, edge.order)
    return [{slot.column: row.readable(slot.coordinate, slot.column) for slot in slots if slot.column} for row in rows]


async def enter(info: Info, root: Root, arguments: dict[str, Any]) -> Any:
    """Return the rows that a root asks for, in their order; null for each unknown or not to be known of."""
    request: Request = info.context
    rows = await rows_apart(info, root.select(request, **arguments), root.grouped)
    if not root.apart:
        for row in rows:
            if isinstance(row, BaseException):
                raise row
    return rows if root.many else next(iter(rows), None)


Place = RecordRow | list[RecordRow] | BaseException | None
"""What stands for a key: its row, null or, grouped, its rows; or why they cannot be had."""


async def rows_apart(info: Info, wanted: Sequence[Wanted | Exception], grouped: bool = False) -> list[Place]:
    """Return one place for each key, in their order."""
    asked = [_rows_or_refusal(info, each, grouped) for each in wanted]
    places: list[Place] = []
    # none is cancelled by another's failure
    for each, rows in zip(wanted, await asyncio.gather(*asked, return_exceptions=True), strict=True):
        if isinstance(rows, BaseException):
            places += [rows] * (len(each.keys) if isinstance(each, Wanted) else 1)
        else:
            places += rows
    return places


async def _rows_or_refusal(info: Info, wanted: Wanted | Exception, grouped: bool) -> Sequence[Place]:
    if isinstance(wanted, Exception):
        raise wanted
    rows = await rows_wanted(info, wanted)
    return rows if grouped else [next(iter(group), None) for group in rows]


async def rows_wanted(info: Info, wanted: Wanted) -> list[list[RecordRow]]:
    """Return for each key the rows that the caller may know of."""
    request: Request = info.context
    type_ = info.schema.type_map[wanted.typename]
    record_type = record_type_of(request.catalogue, type_)
    coordinate = f"{info.parent_type.name}.{info.field_name}"
    rows = reading(info, type_, wanted.by, record_type.category, coordinate, direct=True)
    keys = [key for key in dict.fromkeys(wanted.keys) if key is not None]
    groups = await asyncio.gather(*[rows.of_key(key, wanted.where, wanted.order) for key in keys])
    by_key = dict(zip(keys, groups, strict=True))
    return [by_key.get(key, []) for key in wanted.keys]


def read_local(value: Any, info: Info, coordinate: str, attribute: str, local: Local, arguments: dict[str, Any]) -> Any:
    """Return a part of a value that is already there; at the root, only where its category is permitted."""
    if value is None and not info.context.gate.permitted(local.category, attribute):
        return None
    if local.function is None:
        return getattr(value, attribute)
    return noted_value(coordinate, local.function(value, info.context, **arguments), info)
