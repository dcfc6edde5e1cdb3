"""Running a plan level by level: one question for each edge, whatever the number of rows, and edges side by side."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

from graphql.execution.values import VariableValues

from engine.arguments import tests_of
from engine.completion import ByKey, ByRow, Waited, objects_of
from engine.declarations import Asking
from engine.gate import Gate, Row
from engine.outputs import BUBBLE, Bubbling, Errors, FieldError, Output, completed
from engine.plan import AnswerField, Behind, EdgeField, Knowledge, Level, Levels, PagesField

key_of = itemgetter(0)


@dataclass(slots=True)
class Run:
    """One operation as it runs: who asks, through which Gate, with which variables."""

    asking: Asking
    gate: Gate
    variables: VariableValues
    knowledge: Knowledge


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
        asked = await side_by_side([_asked(one, rows, run) for one in level.answers])
        waited = [*chain.from_iterable(found), *(_answers(one, {}, run) for one in asked)]
    return objects_of(level, rows, waited, run)


async def _wait(unit: Sequence[EdgeField | AnswerField | PagesField], rows: Sequence[Row], run: Run) -> Waited:
    """Return what the fields come to; several are answers that need the same rows."""
    one = unit[0]
    match one:
        case EdgeField():
            return (await _follow(one, rows, run),)
        case PagesField():
            return (await one.step.open(one, keys_at(one.position, rows), run),)
        case AnswerField():
            aliases = [alias for alias in unit if isinstance(alias, AnswerField)]
            asked = await side_by_side([_asked(alias, rows, run) for alias in aliases])
            given = [each.rows for each in asked if each.fault is None]
            wanted = [next(filter(None, same)) for same in zip(*given, strict=True) if any(same)]
            found = await side_by_side([_needed(each, wanted, run) for each in one.behind])
            behind = {each.name: needed for each, needed in zip(one.behind, found, strict=True)}
            return [_answers(each, behind, run) for each in asked]


def keys_at(position: int | None, rows: Iterable[Row]) -> tuple[Any, ...]:
    """Return the distinct keys that lie at a position."""
    if position is None:
        return ()
    keys = dict.fromkeys(map(itemgetter(position), rows))
    keys.pop(None, None)
    return tuple(keys)


async def _follow(one: EdgeField, rows: Sequence[Row], run: Run) -> ByKey:
    step = one.step
    try:
        tests = step.edge.where
        if step.edge.filters:
            tests = (*tests, *tests_of(step.edge.filters, step.arguments.values(run.variables)))
    except Exception as error:
        return ByKey(fault=error, everywhere=True)
    keys = keys_at(one.position, rows)
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
        behind = (_lists if step.edge.many else _singles)(one.output, keys, found, objects, errors)
    except Exception as error:
        return ByKey(fault=error)
    for key, tag in unknown.items():
        behind.errors = {**(behind.errors or {}), key: [((), KeyError(tag), one.output.nodes)]}
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


def _lists(
    output: Output, keys: Sequence[Any], rows: Sequence[Row], objects: list[Any], errors: Errors | None
) -> ByKey:
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


async def _needed(behind: Behind, rows: Sequence[Row], run: Run) -> ByKey:
    """Return what an answer needs to know of the rows behind an edge, by key."""
    keys = keys_at(behind.position, rows)
    values: dict[Any, list[dict[str, Any]]] = {key: [] for key in keys}
    try:
        found = await run.gate.lookup(behind.prepared, keys, behind.edge.where, behind.edge.order) if keys else ()
        for row in found:
            values[row[0]].append(
                {column: None if position is None else row[position] for column, position in behind.columns}
            )
    except Exception as error:
        return ByKey(fault=error)
    return ByKey(values)


@dataclass(slots=True)
class _Asked:
    """An answer as asked of a level's rows: null in place of those of which it may not be given, or what went wrong."""

    one: AnswerField
    rows: Sequence[Row | None]
    arguments: dict[str, Any]
    fault: Exception | None = None


async def _asked(one: AnswerField, rows: Sequence[Row], run: Run) -> _Asked:
    """Return the answer with its arguments, admitted before anything that it needs is asked for."""
    try:
        arguments = one.arguments.values(run.variables)
    except Exception as error:
        return _Asked(one, rows, {}, error)
    asked = _Asked(one, [None if row[one.position] is None else row for row in rows], arguments)
    if one.answer.about is not None:
        await _admit(asked, one.answer.about, run)
    return asked


async def _admit(asked: _Asked, about: str, run: Run) -> None:
    at = dict(asked.one.own)[about]
    assert at is not None  # of the answer's own category
    subjects = [row[at] for row in asked.rows if row is not None]
    if not subjects:
        return
    try:
        admitted = iter(await run.asking.admitted(asked.one.coordinate, asked.one.answer, asked.arguments, subjects))
    except Exception as error:
        asked.fault = error
        return
    asked.rows = [row if row is not None and next(admitted) else None for row in asked.rows]


def _answers(asked: _Asked, behind: Mapping[str, ByKey], run: Run) -> ByRow:
    answers = [None if row is None else asked.fault or _answer(asked, row, behind, run) for row in asked.rows]
    return _completed_answers(asked.one, answers, run)


def _answer(asked: _Asked, row: Row, behind: Mapping[str, ByKey], run: Run) -> Any:
    """Return what the function says of a row, or the exception that it raised."""
    one = asked.one
    needs = {need: None if position is None else row[position] for need, position in one.own}
    for each in one.behind:
        key = None if each.position is None else row[each.position]
        needed = behind[each.name]
        if key is not None and needed.fault is not None:
            return needed.fault
        needs[each.name] = needed.values.get(key)
    try:
        return one.answer.function(needs, run.asking, **asked.arguments)
    except Exception as error:
        return error


def _completed_answers(one: AnswerField, answers: list[Any], run: Run) -> ByRow:
    errors: Errors = {}
    values: list[Any] = []
    for index, answer in enumerate(answers):
        found: list[FieldError] = []
        try:
            values.append(completed(one.output, answer, run, found, ()))
        except Bubbling:
            values.append(BUBBLE)
        if found:
            errors[index] = found
    return ByRow(values, errors or None)
