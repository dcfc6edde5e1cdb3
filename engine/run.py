"""Running a plan level by level: one question for each edge, whatever the number of rows, and edges side by side."""

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
    """Return what each comes to; a single one needs no task of its own."""
    if len(waits) == 1:
        return (await waits[0],)
    return await asyncio.gather(*waits) if waits else ()


async def values_of(levels: Levels, rows: Sequence[Row], run: Run) -> tuple[list[Any], Errors | None]:
    """Return the objects of rows, which may be of several types, and the errors by row."""
    if not rows:
        return [], None
    if levels.tag_position is None:
        return await _level_values(levels.by_tag[None], rows, run)
    places_by_tag: dict[Any, list[int]] = {}
    for place, tag in enumerate(map(itemgetter(levels.tag_position), rows)):
        places_by_tag.setdefault(tag, []).append(place)
    if len(places_by_tag) == 1:
        return await _level_values(levels.by_tag[tag], rows, run)
    found = await _values_by_level(
        [(levels.by_tag[tag], [rows[place] for place in places]) for tag, places in places_by_tag.items()], run
    )
    values: list[Any] = [None] * len(rows)
    errors: Errors = {}
    for places, (objects, wrong) in zip(places_by_tag.values(), found, strict=True):
        for place, value in zip(places, objects, strict=True):
            values[place] = value
        errors.update({places[index]: one for index, one in (wrong or {}).items()})
    return values, errors or None


async def _values_by_level(
    groups: Sequence[tuple[Level, Sequence[Row]]], run: Run
) -> Sequence[tuple[list[Any], Errors | None]]:
    """Return the objects of each level's rows; a task for each level only where one of them waits for something."""
    if any(level.waits for level, _ in groups):
        return await side_by_side([_level_values(level, rows, run) for level, rows in groups])
    return [objects_of(level, rows, (), run) for level, rows in groups]


async def _level_values(level: Level, rows: Sequence[Row], run: Run) -> tuple[list[Any], Errors | None]:
    waited: Waited = ()
    if level.waits:
        found = await side_by_side([_wait(unit, rows, run) for unit in level.units])
        asked = await side_by_side([asked_answer(one, rows, run) for one in level.answers])
        waited = [*chain.from_iterable(found), *(answered_rows(one, {}, run) for one in asked)]
    return objects_of(level, rows, waited, run)


async def _wait(unit: Sequence[EdgeField | AnswerField | PagesField], rows: Sequence[Row], run: Run) -> Waited:
    """Return what the fields come to; several are answers that need the same rows."""
    one = unit[0]
    match one:
        case EdgeField():
            keys, faults = keys_at(one.position, rows)
            behind = await _follow(one, keys, run)
            return (with_faults(one, faults, behind) if faults else behind,)
        case PagesField():
            keys, faults = keys_at(one.position, rows)
            behind = await one.step.open(one, keys, run)
            return (with_faults(one, faults, behind) if faults else behind,)
        case AnswerField():
            aliases = [alias for alias in unit if isinstance(alias, AnswerField)]
            asked = await side_by_side([asked_answer(alias, rows, run) for alias in aliases])
            given = [each.rows for each in asked if each.fault is None]
            wanted = [next(filter(None, same)) for same in zip(*given, strict=True) if any(same)]
            found = await side_by_side([rows_needed(each, wanted, run) for each in one.behind])
            needed = {each.name: by_key for each, by_key in zip(one.behind, found, strict=True)}
            return [answered_rows(each, needed, run) for each in asked]


async def _follow(one: EdgeField, keys: Sequence[Any], run: Run) -> ByKey:
    step = one.step
    try:
        tests = step.edge.where
        if step.edge.filters:
            tests = (*tests, *tests_of(step.edge.filters, step.arguments.values(run.variables)))
    except Exception as error:
        return ByKey(fault=error, everywhere=True)
    if not keys:
        return ByKey()
    try:
        found = await run.gate.lookup(step.prepared, keys, tests, step.edge.order)
        if not step.edge.many:
            found = firsts(found)
        unknown = of_no_type(step.levels, found)
        if unknown:
            found = [row for row in found if row[0] not in unknown]
        objects, errors = await values_of(step.levels, found, run)
        behind = (lists_of if step.edge.many else _singles)(one.output, keys, found, objects, errors)
    except Exception as error:
        return ByKey(fault=error)
    for key, tag in unknown.items():
        behind.errors = {**(behind.errors or {}), key: [((), unknown_type(tag), one.output.nodes)]}
        behind.values[key] = BUBBLE if one.output.nonnull else None
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
    """Return the tags that belong to no type, by the key of their rows."""
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
    return ByKey(values, {rows[index][0]: found for index, found in errors.items()})


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
            found = [((len(group), *path), error, nodes) for path, error, nodes in errors[index]]
            wrong.setdefault(row[0], []).extend(found)
        group.append(value)
    return ByKey({key: list_of(output, group) for key, group in values.items()}, wrong or None)


def list_of(output: Output, objects: list[Any]) -> Any:
    """Return a list whose items may have been nulled as the list's type has it: BUBBLE where that nulls its parent."""
    if BUBBLE not in objects:
        return objects
    assert output.item is not None
    if output.item.nonnull:
        return BUBBLE if output.nonnull else None
    return [None if one is BUBBLE else one for one in objects]
