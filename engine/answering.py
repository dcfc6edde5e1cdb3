"""Computed answers of a plan: admission, evaluation for each row, completion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from engine.completion import ByKey, ByRow
from engine.context import Run
from engine.declarations import NOTED, plain_value
from engine.faults import has_fault, keys_at
from engine.gate import Row
from engine.outputs import BUBBLE, Bubbling, Errors, FieldError, completed
from engine.plan import AnswerField, DependencyRows


async def rows_needed(behind: DependencyRows, rows: Sequence[Row], run: Run) -> ByKey:
    """Return the columns that an answer needs of the rows behind an edge, by key."""
    keys, _ = keys_at(behind.position, rows)
    values: dict[Any, list[dict[str, Any]]] = {key: [] for key in keys}
    try:
        dependency_rows = (
            await run.gate.lookup(behind.prepared, keys, behind.edge.where, behind.edge.order) if keys else ()
        )
        for row in dependency_rows:
            values[row[0]].append(
                {column: None if position is None else row[position] for column, position in behind.columns}
            )
    except Exception as error:
        return ByKey(fault=error)
    places = {position for _, position in behind.columns if position is not None}
    if not any(has_fault([row[place] for row in dependency_rows]) for place in places):
        return ByKey(values)
    faults = {row[0]: row[place] for row in dependency_rows for place in places if isinstance(row[place], Exception)}
    return ByKey(values, {key: [((), fault, ())] for key, fault in faults.items()})


@dataclass(slots=True)
class AskedAnswer:
    """An answer requested for the rows of a level. A row is None where the answer is denied; `fault` applies to all."""

    field: AnswerField
    rows: Sequence[Row | None]
    arguments: dict[str, Any]
    fault: Exception | None = None


async def asked_answer(field: AnswerField, rows: Sequence[Row], run: Run) -> AskedAnswer:
    """Return the answer with its arguments. Admission runs before any dependency is read."""
    try:
        arguments = field.arguments.values(run.variables)
    except Exception as error:
        return AskedAnswer(field, rows, {}, error)
    asked = AskedAnswer(field, [None if row[field.position] is None else row for row in rows], arguments)
    if field.answer.about is not None:
        await _admit(asked, field.answer.about, run)
    return asked


async def _admit(asked: AskedAnswer, about: str, run: Run) -> None:
    at = dict(asked.field.own)[about]
    assert at is not None  # of the answer's own category
    subjects = [row[at] for row in asked.rows if row is not None]
    if not subjects:
        return
    try:
        admitted = iter(
            await run.asking.admitted(asked.field.coordinate, asked.field.answer, asked.arguments, subjects)
        )
    except Exception as error:
        asked.fault = error
        return
    asked.rows = [row if row is not None and next(admitted) else None for row in asked.rows]


def answered_rows(asked: AskedAnswer, behind: Mapping[str, ByKey], run: Run) -> ByRow:
    unread = _unread(asked) or repeat(None)
    answers = [
        None if row is None else asked.fault or fault or _answer(asked, row, behind, run)
        for row, fault in zip(asked.rows, unread, strict=False)
    ]
    return _completed_answers(asked.field, answers, run)


def _unread(asked: AskedAnswer) -> Sequence[Exception | None] | None:
    """Return for each row the fault among the values that the answer needs; None if no row has one."""
    own = (position for _, position in asked.field.own)
    places = {place for place in (*own, *(each.position for each in asked.field.behind)) if place is not None}
    if not any(has_fault([row[place] for row in asked.rows if row is not None]) for place in places):
        return None
    return [
        None if row is None else next((row[at] for at in places if isinstance(row[at], Exception)), None)
        for row in asked.rows
    ]


def _answer(asked: AskedAnswer, row: Row, behind: Mapping[str, ByKey], run: Run) -> Any:
    """Return the value that the function computes for a row, or the exception that it raised."""
    field = asked.field
    needs = {need: None if position is None else row[position] for need, position in field.own}
    for each in field.behind:
        key = None if each.position is None else row[each.position]
        needed = behind[each.name]
        if key is not None and needed.fault is not None:
            return needed.fault
        needs[each.name] = needed.values.get(key)
        if needed.errors and key in needed.errors:
            return needed.errors[key][0][1]
    try:
        value = field.answer.function(needs, run.asking, **asked.arguments)
        return plain_value(field.coordinate, value, run.asking) if value.__class__ in NOTED else value
    except Exception as error:
        return error


def _completed_answers(field: AnswerField, answers: list[Any], run: Run) -> ByRow:
    errors: Errors = {}
    values: list[Any] = []
    for index, answer in enumerate(answers):
        row_errors: list[FieldError] = []
        try:
            values.append(completed(field.output, answer, run, row_errors, ()))
        except Bubbling:
            values.append(BUBBLE)
        if row_errors:
            errors[index] = row_errors
    return ByRow(values, errors or None)
