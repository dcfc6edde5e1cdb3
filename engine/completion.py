"""Response objects built from rows: by the level's generated builder, or row by row where errors need it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.context import Run
from engine.gate import Row
from engine.outputs import BUBBLE, Bubbling, Errors, FieldError, Output, completed, null_error
from engine.plan import AnswerField, ColumnField, Constant, EdgeField, Field, Level, PagesField, SealedField


@dataclass(slots=True)
class ByKey:
    """Values and errors of an edge by key. `fault` applies to all keys; with `everywhere`, to rows without key too."""

    values: dict[Any, Any] = field(default_factory=dict)
    errors: dict[Any, list[FieldError]] | None = None
    fault: Exception | None = None
    everywhere: bool = False


@dataclass(slots=True)
class ByRow:
    """Values and errors of an answer by row. BUBBLE marks a row whose value failed in a non-null position."""

    values: list[Any]
    errors: Errors | None = None


Waited = Sequence[ByKey | ByRow]


def objects_of(level: Level, rows: Sequence[Row], waited: Waited, run: Run) -> tuple[list[Any], Errors | None]:
    """Return the objects of the rows and the errors by row. BUBBLE marks an object that a null in it has nulled."""
    if not any(result.errors or (result.__class__ is ByKey and result.fault) for result in waited):
        try:
            built = level.build(rows, waited, run.asking.global_id)
        except Exception:  # the loop below meets it again and locates it
            built = None
        if built is not None:
            return built, None
    values: list[Any] = []
    errors: Errors = {}
    for index, row in enumerate(rows):
        row_errors: list[FieldError] = []
        try:
            values.append(
                {
                    output_field.key: _value(output_field, index, row, level, waited, run, row_errors)
                    for output_field in level.fields
                }
            )
        except Bubbling:
            values.append(BUBBLE)
        if row_errors:
            errors[index] = row_errors
    return values, errors or None


def _value(
    output_field: Field, index: int, row: Row, level: Level, waited: Waited, run: Run, errors: list[FieldError]
) -> Any:
    match output_field:
        case Constant():
            return output_field.value
        case ColumnField():
            return completed(
                output_field.output,
                None if output_field.position is None else row[output_field.position],
                run,
                errors,
                (output_field.key,),
            )
        case SealedField():
            return completed(output_field.output, _sealed(output_field, row, run), run, errors, (output_field.key,))
        case EdgeField() | PagesField():
            behind = waited[level.waits.index(output_field)]
            assert isinstance(behind, ByKey)
            return _behind(output_field, row, behind, errors)
        case AnswerField():
            answers = waited[level.waits.index(output_field)]
            assert isinstance(answers, ByRow)
            errors.extend(_under(output_field.key, (answers.errors or {}).get(index, ())))
            return _unless_bubbling(answers.values[index])


def _sealed(output_field: SealedField, row: Row, run: Run) -> Any:
    key = None if output_field.position is None else row[output_field.position]
    if isinstance(key, Exception):
        return key
    try:
        return None if key is None else run.asking.global_id(output_field.kind, key)
    except Exception as error:
        return error


def _behind(output_field: EdgeField | PagesField, row: Row, behind: ByKey, errors: list[FieldError]) -> Any:
    key = row[output_field.position]  # type: ignore[index]  # a level's field has a position
    if behind.fault is not None and (key is not None or behind.everywhere):
        return failed(output_field.output, output_field.key, behind.fault, errors)
    key_errors = (behind.errors or {}).get(key, ())
    errors.extend(_under(output_field.key, key_errors))
    value = _unless_bubbling(behind.values.get(key))
    if value is None and output_field.output.nonnull and not key_errors:
        return failed(output_field.output, output_field.key, null_error(output_field.output), errors)
    return value


def failed(output: Output, key: str, error: Exception, errors: list[FieldError]) -> None:
    """Add the error of a field. Raises Bubbling if the field is non-null."""
    errors.append(((key,), error, output.nodes))
    if output.nonnull:
        raise Bubbling


def _under(key: str, errors: Sequence[FieldError]) -> list[FieldError]:
    return [((key, *path), error, nodes) for path, error, nodes in errors]


def _unless_bubbling(value: Any) -> Any:
    if value is BUBBLE:
        raise Bubbling
    return value
