"""Objects made of rows: all of a level at once where all is well, else row by row with the specification's nulls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.context import Run
from engine.gate import Row
from engine.outputs import BUBBLE, Bubbling, Errors, FieldError, Output, completed, null_error
from engine.plan import AnswerField, ColumnField, Constant, EdgeField, Field, Level, PagesField, SealedField


@dataclass(slots=True)
class ByKey:
    """What an edge has led to, by key. `fault` stands for all keys, and with `everywhere` for rows without key too."""

    values: dict[Any, Any] = field(default_factory=dict)
    errors: dict[Any, list[FieldError]] | None = None
    fault: Exception | None = None
    everywhere: bool = False


@dataclass(slots=True)
class ByRow:
    """What an answer has come to, row by row; a row whose value could not be had holds BUBBLE if null may not stand."""

    values: list[Any]
    errors: Errors | None = None


Waited = Sequence[ByKey | ByRow]


def objects_of(level: Level, rows: Sequence[Row], waited: Waited, run: Run) -> tuple[list[Any], Errors | None]:
    """Return the objects of the rows, BUBBLE for each that a null has nulled, and the errors by row."""
    if not any(one.errors or (one.__class__ is ByKey and one.fault) for one in waited):
        try:
            built = level.build(rows, waited, run.asking.global_id)
        except Exception:  # whatever it was, it is met again below, at its place
            built = None
        if built is not None:
            return built, None
    values: list[Any] = []
    errors: Errors = {}
    for index, row in enumerate(rows):
        found: list[FieldError] = []
        try:
            values.append({one.key: _value(one, index, row, level, waited, run, found) for one in level.fields})
        except Bubbling:
            values.append(BUBBLE)
        if found:
            errors[index] = found
    return values, errors or None


def _value(one: Field, index: int, row: Row, level: Level, waited: Waited, run: Run, errors: list[FieldError]) -> Any:
    match one:
        case Constant():
            return one.value
        case ColumnField():
            return completed(one.output, None if one.position is None else row[one.position], run, errors, (one.key,))
        case SealedField():
            return completed(one.output, _sealed(one, row, run), run, errors, (one.key,))
        case EdgeField() | PagesField():
            behind = waited[level.waits.index(one)]
            assert isinstance(behind, ByKey)
            return _behind(one, row, behind, errors)
        case AnswerField():
            answers = waited[level.waits.index(one)]
            assert isinstance(answers, ByRow)
            errors.extend(_under(one.key, (answers.errors or {}).get(index, ())))
            return _unless_bubbling(answers.values[index])


def _sealed(one: SealedField, row: Row, run: Run) -> Any:
    key = None if one.position is None else row[one.position]
    if isinstance(key, Exception):
        return key
    try:
        return None if key is None else run.asking.global_id(one.kind, key)
    except Exception as error:
        return error


def _behind(one: EdgeField | PagesField, row: Row, behind: ByKey, errors: list[FieldError]) -> Any:
    key = row[one.position]  # type: ignore[index]  # a level's field has a position
    if behind.fault is not None and (key is not None or behind.everywhere):
        return failed(one.output, one.key, behind.fault, errors)
    found = (behind.errors or {}).get(key, ())
    errors.extend(_under(one.key, found))
    value = _unless_bubbling(behind.values.get(key))
    if value is None and one.output.nonnull and not found:
        return failed(one.output, one.key, null_error(one.output), errors)
    return value


def failed(output: Output, key: str, error: Exception, errors: list[FieldError]) -> None:
    """Note what went wrong with a field. Raises Bubbling where null may not stand."""
    errors.append(((key,), error, output.nodes))
    if output.nonnull:
        raise Bubbling


def _under(key: str, found: Sequence[FieldError]) -> list[FieldError]:
    return [((key, *path), error, nodes) for path, error, nodes in found]


def _unless_bubbling(value: Any) -> Any:
    if value is BUBBLE:
        raise Bubbling
    return value
