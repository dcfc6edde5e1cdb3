"""Completion of values (GraphQL specification, section 6.4.3): result coercion and handling of nulls."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import FieldNode, GraphQLError, GraphQLLeafType

from engine.arguments import Arguments
from engine.context import Run
from engine.declarations import plain_value
from engine.leaves import leaf_value

Key = str | int
FieldError = tuple[tuple[Key, ...], Exception, Sequence[FieldNode]]
"""The path from the object being completed, the error at it, and the field's nodes."""

Errors = dict[int, list[FieldError]]
"""Errors by row index."""


class _Bubble:
    """The type of BUBBLE, which replaces an object that a null in a non-null field has nulled."""

    def __repr__(self) -> str:
        return "BUBBLE"


BUBBLE: Final = _Bubble()


class Bubbling(Exception):
    """A null in a non-null position, raised up to the next nullable position. The error is already recorded."""


@dataclass(slots=True, eq=False)
class Output:
    """The type of a field, resolved for completion. One of `leaf`, `item`, `parts` is set; none for fields of rows."""

    coordinate: str
    nodes: Sequence[FieldNode]
    nonnull: bool
    leaf: GraphQLLeafType | None = None
    item: "Output | None" = None
    parts: "tuple[OutputPart, ...] | None" = None


@dataclass(slots=True, eq=False)
class OutputPart:
    """A field of a local value. `function` None: the value's `attribute`; `constant`: the type's name."""

    key: str
    output: Output
    attribute: str
    function: Callable[..., Any] | None
    arguments: Arguments | None
    constant: str | None = None


def completed(output: Output, value: Any, run: Run, errors: list[FieldError], path: tuple[Key, ...]) -> Any:
    """Return the completed value and add its errors to `errors`.

    Raises Bubbling if the value is null and `output` is non-null.
    """
    try:
        return _inner(output, value, run, errors, path)
    except Bubbling:
        if output.nonnull:
            raise
    except Exception as error:
        errors.append((path, error, output.nodes))
        if output.nonnull:
            raise Bubbling from None
    return None


def null_error(output: Output) -> TypeError:
    """Return the error of a null in a non-null position, worded as graphql-core words it."""
    return TypeError(f"Cannot return null for non-nullable field {output.coordinate}.")


def _inner(output: Output, value: Any, run: Run, errors: list[FieldError], path: tuple[Key, ...]) -> Any:
    if value is None:
        if output.nonnull:
            raise null_error(output)
        return None
    if isinstance(value, Exception):
        raise value
    if output.leaf is not None:
        return leaf_value(output.leaf, value)
    if output.item is not None:
        if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{output.coordinate}'.")
        return [completed(output.item, item, run, errors, (*path, at)) for at, item in enumerate(value)]
    assert output.parts is not None
    return {part.key: _part(part, value, run, errors, (*path, part.key)) for part in output.parts}


def _part(part: OutputPart, value: Any, run: Run, errors: list[FieldError], path: tuple[Key, ...]) -> Any:
    if part.constant is not None:
        return part.constant
    try:
        part_value = part_of(part, value, run)
    except Exception as error:
        part_value = error
    return completed(part.output, part_value, run, errors, path)


def part_of(part: OutputPart, value: Any, run: Run) -> Any:
    """Return the value of a part before completion."""
    arguments = part.arguments.values(run.variables) if part.arguments is not None else {}
    if part.function is None:
        return getattr(value, part.attribute)
    return plain_value(part.output.coordinate, part.function(value, run.asking, **arguments), run.asking)
