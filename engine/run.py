"""Execution of a plan level by level: one query for each edge, whatever the number of rows; edges run concurrently."""

import asyncio
from collections.abc import Awaitable, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from engine.answering import answered_rows, asked_answer, rows_needed
from engine.arguments import tests_of
from engine.completion import ByKey, Waited, objects_of
from engine.context import Run
from engine.faults import keys_at, unknown_type, with_faults
from engine.gate import Row
from engine.outputs import BUBBLE, Errors, FieldError, Output
from engine.plan import AnswerField, EdgeField, Level, Levels, PagesField

key_of = itemgetter(0)


async def side_by_side(waits: Sequence[Awaitable[Any]]) -> Sequence[Any]:
    """Return the results in order. A single awaitable is awaited directly, without a task."""
    if len(waits) == 1:
        return (await waits[0],)
    return await asyncio.gather(*waits) if waits else ()


async def values_of(levels: Levels, rows: Sequence[Row], run: Run) -> tuple[list[Any], Errors | None]:
    """Return the objects and the errors of rows, which may belong to several types."""
    if not rows:
        return [], None
    if levels.tag_position is None:
        return await _level_values(levels.by_tag[None], rows, run)
    places_by_tag: dict[Any, list[int]] = {}
    for place, tag in enumerate(map(itemgetter(levels.tag_position), rows)):
        places_by_tag.setdefault(tag, []).append(place)
    if len(places_by_tag) == 1:
        return await _level_values(levels.by_tag[tag], rows, run)
    results = await _values_by_level(
        [(levels.by_tag[tag], [rows[place] for place in places]) for tag, places in places_by_tag.items()], run
    )
    values: list[Any] = [None] * len(rows)
    errors: Errors = {}
    for places, (objects, wrong) in zip(places_by_tag.values(), results, strict=True):
        for place, value in zip(places, objects, strict=True):
            values[place] = value
        errors.update({places[index]: row_errors for index, row_errors in (wrong or {}).items()})
    return values, errors or None


async def _values_by_level(
    groups: Sequence[tuple[Level, Sequence[Row]]], run: Run
) -> Sequence[tuple[list[Any], Errors | None]]:
    """Return the objects of each level's rows. Tasks are created only if a level has something to await."""
    if any(level.waits for level, _ in groups):
        return await side_by_side([_level_values(level, rows, run) for level, rows in groups])
    return [objects_of(level, rows, (), run) for level, rows in groups]


async def _level_values(level: Level, rows: Sequence[Row], run: Run) -> tuple[list[Any], Errors | None]:
    waited: Waited = ()
    if level.waits:
        found = await side_by_side([_wait(unit, rows, run) for unit in level.units])
        asked = await side_by_side([asked_answer(answer, rows, run) for answer in level.answers])
        waited = [*chain.from_iterable(found), *(answered_rows(answer, {}, run) for answer in asked)]
    return objects_of(level, rows, waited, run)


async def _wait(unit: Sequence[EdgeField | AnswerField | PagesField], rows: Sequence[Row], run: Run) -> Waited:
    """Return the results of one unit: a single field, or several aliases of an answer that share their dependencies."""
    field = unit[0]
    match field:
        case EdgeField():
            keys, faults = keys_at(field.position, rows)
            behind = await _follow(field, keys, run)
            return (with_faults(field, faults, behind) if faults else behind,)
        case PagesField():
            keys, faults = keys_at(field.position, rows)
            behind = await field.step.open(field, keys, run)
            return (with_faults(field, faults, behind) if faults else behind,)
        case AnswerField():
            aliases = [alias for alias in unit if isinstance(alias, AnswerField)]
            asked = await side_by_side([asked_answer(alias, rows, run) for alias in aliases])
            admitted = [each.rows for each in asked if each.fault is None]
            needed_rows = [next(filter(None, same)) for same in zip(*admitted, strict=True) if any(same)]
            dependencies = await side_by_side([rows_needed(each, needed_rows, run) for each in field.behind])
            needed = {each.name: by_key for each, by_key in zip(field.behind, dependencies, strict=True)}
            return [answered_rows(each, needed, run) for each in asked]


async def _follow(field: EdgeField, keys: Sequence[Any], run: Run) -> ByKey:
    step = field.step
    try:
        tests = step.edge.where
        if step.edge.filters:
            tests = (*tests, *tests_of(step.edge.filters, step.arguments.values(run.variables)))
    except Exception as error:
        return ByKey(fault=error, everywhere=True)
    if not keys:
        return ByKey()
    try:
        rows = await run.gate.lookup(step.prepared, keys, tests, step.edge.order)
        if not step.edge.many:
            rows = firsts(rows)
        unknown = of_no_type(step.levels, rows)
        if unknown:
            rows = [row for row in rows if row[0] not in unknown]
        objects, errors = await values_of(step.levels, rows, run)
        behind = (lists_of if step.edge.many else _singles)(field.output, keys, rows, objects, errors)
    except Exception as error:
        return ByKey(fault=error)
    for key, tag in unknown.items():
        behind.errors = {**(behind.errors or {}), key: [((), unknown_type(tag), field.output.nodes)]}
        behind.values[key] = BUBBLE if field.output.nonnull else None
    return behind


def firsts(rows: Sequence[Row]) -> Sequence[Row]:
    """Return the first row of each key."""
    if len(rows) < 2 or len(set(map(key_of, rows))) == len(rows):
        return rows
    first: dict[Any, Row] = {}
    for row in rows:
        first.setdefault(row[0], row)
    return list(first.values())


def of_no_type(levels: Levels, rows: Sequence[Row]) -> dict[Any, Any]:
    """Return the tags that name no type, by row key."""
    if levels.tag_position is None:
        return {}
    return {row[0]: row[levels.tag_position] for row in rows if row[levels.tag_position] not in levels.by_tag}


def _singles(
    output: Output, keys: Sequence[Any], rows: Sequence[Row], objects: list[Any], errors: Errors | None
) -> ByKey:
    values = dict(zip(map(key_of, rows), objects, strict=True))
    if not values.keys() <= set(keys):
        raise KeyError("a row of a key that was not asked for")
    if not errors:
        return ByKey(values)
    if not output.nonnull:
        values = {key: None if value is BUBBLE else value for key, value in values.items()}
    return ByKey(values, {rows[index][0]: row_errors for index, row_errors in errors.items()})


def lists_of(
    output: Output, keys: Sequence[Any], rows: Sequence[Row], objects: list[Any], errors: Errors | None
) -> ByKey:
    """Return the list of each key's objects."""
    values: dict[Any, Any] = {key: [] for key in keys}
    if not errors:
        for key, value in zip(map(key_of, rows), objects, strict=True):
            values[key].append(value)
        return ByKey(values)
    wrong: dict[Any, list[FieldError]] = {}
    for index, (row, value) in enumerate(zip(rows, objects, strict=True)):
        group = values[row[0]]
        if index in errors:
            row_errors = [((len(group), *path), error, nodes) for path, error, nodes in errors[index]]
            wrong.setdefault(row[0], []).extend(row_errors)
        group.append(value)
    return ByKey({key: list_of(output, group) for key, group in values.items()}, wrong or None)


def list_of(output: Output, objects: list[Any]) -> Any:
    """Return the list with nulled items as its type requires: null items, null, or BUBBLE if the list is non-null."""
    if BUBBLE not in objects:
        return objects
    assert output.item is not None
    if output.item.nonnull:
        return BUBBLE if output.nonnull else None
    return [None if item is BUBBLE else item for item in objects]
