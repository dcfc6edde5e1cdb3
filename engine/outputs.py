"""Values completed as the specification says (section 6.4.3): coerced, nulls kept from where none may be."""

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
"""A path from the object that is being completed, what went wrong there, and the field's nodes."""

Errors = dict[int, list[FieldError]]
"""What went wrong in rows, by their index."""


class _Bubble:
    """Stands where an object should be that a null in it has nulled."""

    def __repr__(self) -> str:
        return "BUBBLE"


BUBBLE: Final = _Bubble()


class Bubbling(Exception):
    """A null where none may be, on its way up to the next position that may be null. The error itself is kept."""


@dataclass(slots=True, eq=False)
class Output:
    """How the value of a field is completed: its type, taken apart. One of `leaf`, `item`, `parts`; none for rows."""

    coordinate: str
    nodes: Sequence[FieldNode]
    nonnull: bool
    leaf: GraphQLLeafType | None = None
    item: "Output | None" = None
    parts: "tuple[OutputPart, ...] | None" = None


@dataclass(slots=True, eq=False)
class OutputPart:
    """A field of a value that is there. `function` None: the value's `attribute`; `constant`: the type's name."""

    key: str
    output: Output
    attribute: str
    function: Callable[..., Any] | None
    arguments: Arguments | None
    constant: str | None = None


def completed(output: Output, value: Any, run: Run, errors: list[FieldError], path: tuple[Key, ...]) -> Any:
    """Return the value as it is answered; what goes wrong is added to `errors`.

    Raises Bubbling where null may not stand.
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
    """Return the error of a null in a non-null position, in the reference executor's words."""
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
        return [completed(output.item, one, run, errors, (*path, at)) for at, one in enumerate(value)]
    assert output.parts is not None
    return {part.key: _part(part, value, run, errors, (*path, part.key)) for part in output.parts}


def _part(part: OutputPart, value: Any, run: Run, errors: list[FieldError], path: tuple[Key, ...]) -> Any:
    if part.constant is not None:
        return part.constant
    try:
        found = part_of(part, value, run)
    except Exception as error:
        found = error
    return completed(part.output, found, run, errors, path)


def part_of(part: OutputPart, value: Any, run: Run) -> Any:
    """Return what a part is before it is completed."""
    arguments = part.arguments.values(run.variables) if part.arguments is not None else {}
    if part.function is None:
        return getattr(value, part.attribute)
    return plain_value(part.output.coordinate, part.function(value, run.asking, **arguments), run.asking)
