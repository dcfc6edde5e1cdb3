"""Generated builders: for each level of a plan, a function that builds the response objects of all its rows.

A builder returns None, or raises, unless every value has exactly its declared type and no value is missing. Then the
level is completed row by row (engine/completion.py). Generated text holds positions, literals of response keys, and
names made here; values of requests and registers never enter it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from graphql import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT, GraphQLEnumType, GraphQLLeafType

from engine.leaves import leaf_value
from engine.outputs import Output
from engine.plan import AnswerField, ColumnField, Constant, EdgeField, Field, PagesField, SealedField

Build = Callable[..., list[dict[str, Any]] | None]
NONE = type(None)
EXACT: dict[str, type] = {"String": str, "Int": int, "Float": float, "Boolean": bool}
"""Scalars whose values of exactly this type are answered as they are."""


class NeedsRowPath(Exception):
    """The builder met a value that only the completion of single rows can judge."""


@dataclass(slots=True)
class _Text:
    """The parts of a generated function: its constants, and its checks for one row and for a batch of rows."""

    constants: dict[str, Any] = field(default_factory=dict)
    row_checks: dict[str, None] = field(default_factory=dict)
    batch_checks: dict[str, None] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    """The sequence that each variable iterates over in a batch."""

    def name(self, value: Any) -> str:
        """Add a constant and return its name in the generated function."""
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def column(self, position: int) -> str:
        """Return the name of the variable that holds the value of a column."""
        self.sources[f"v{position}"] = f"columns[{position}]"
        return f"v{position}"

    def check(self, row_fails: str, batch_fails: str) -> None:
        """Add the two forms of a check. Where one holds, the level is completed row by row."""
        self.row_checks[f"if {row_fails}: return None"] = None
        self.batch_checks[f"if {batch_fails}: return None"] = None


def builder(fields: Sequence[Field], waits: Sequence[Field], as_written: Mapping[str, type]) -> Build:
    """Return the function `build(rows, waited, seal)` for the fields of a level; `rows` are not empty."""
    # One comprehension over transposed columns replaces a call for each value: types are checked a column at a time.
    # For `{ id name }` the text of the batch reads
    #     columns = tuple(zip(*rows))
    #     if None in columns[1]: return None
    #     if not k0(columns[2]): return None
    #     return [{'id': seal('Learner', v1), 'name': v2} for v1, v2 in zip(columns[1], columns[2])]
    # A single row is not transposed: it has a form of its own, with checks of its values in place of columns.
    text = _Text()
    entries = []
    for output_field in fields:
        expression = _expression(output_field, waits, text, {**EXACT, **as_written})
        if expression is None:
            return _never
        entries.append(f"{output_field.key!r}: {expression}")
    namespace: dict[str, Any] = {**text.constants, "NONE": NONE}
    exec(_function(text, "{" + ", ".join(entries) + "}"), namespace)  # noqa: S102  # see above what is in the text
    build: Build = namespace["build"]
    return build


def _never(*_: object) -> None:
    """Build nothing: a field of the level has no expression, so rows are completed one by one."""


def _function(text: _Text, made: str) -> str:
    names, sources = list(text.sources), list(text.sources.values())
    together = sources[0] if len(sources) == 1 else f"zip({', '.join(sources)})"
    loop = f"for {', '.join(names)} in {together}" if names else "for _ in rows"
    first = [f"{name} = {_of_first(source)}" for name, source in text.sources.items()]
    return "\n".join(
        [
            "def build(rows, waited, seal):",
            "    if len(rows) == 1:",
            "        row = rows[0]",
            *(f"        {line}" for line in (*first, *text.row_checks)),
            f"        return [{made}]",
            "    columns = tuple(zip(*rows))",
            *(f"    {line}" for line in text.batch_checks),
            f"    return [{made} {loop}]",
        ]
    )


def _of_first(source: str) -> str:
    return source.replace("columns[", "row[") if source.startswith("columns[") else f"{source}[0]"


def _expression(output_field: Field, waits: Sequence[Field], text: _Text, exact: Mapping[str, type]) -> str | None:
    """Return the Python expression of a field's value and add its checks to the text; None if it has no expression."""
    match output_field:
        case Constant():
            return repr(output_field.value)
        case ColumnField() if output_field.position is not None and output_field.output.leaf is not None:
            return _leaf(output_field.output, output_field.output.leaf, output_field.position, text, exact)
        case SealedField() if output_field.position is not None:
            return _present(
                output_field.output,
                output_field.position,
                text,
                f"seal({output_field.kind!r}, v{output_field.position})",
            )
        case EdgeField() | PagesField() if output_field.position is not None:
            values = f"waited[{waits.index(output_field)}].values"
            if output_field.output.nonnull:
                text.check(
                    f"v{output_field.position} not in {values}",
                    f"not {values}.keys() >= set(columns[{output_field.position}])",
                )
            got = f"g{waits.index(output_field)}"
            for lines in (text.row_checks, text.batch_checks):
                lines[f"{got} = {values}.get"] = None
            return f"{got}({text.column(output_field.position)})"
        case AnswerField():
            text.sources[f"a{waits.index(output_field)}"] = f"waited[{waits.index(output_field)}].values"
            return f"a{waits.index(output_field)}"
    return None


def _present(output: Output, position: int, text: _Text, expression: str) -> str:
    """Return the expression with its null check: null stays null, or fails the check if the field is non-null."""
    name = text.column(position)
    if not output.nonnull:
        return f"None if {name} is None else {expression}"
    text.check(f"{name} is None", f"None in columns[{position}]")
    return expression


def _leaf(output: Output, leaf: GraphQLLeafType, position: int, text: _Text, exact: Mapping[str, type]) -> str:
    name, column = text.column(position), f"columns[{position}]"
    names = _names_as_values(leaf)
    if names is not None:
        members = text.name(names if output.nonnull else names | {None})
        text.check(f"{name} not in {members}", f"not {members}.issuperset({column})")
        return name
    if leaf.name == "ID":
        id_ = text.name(_id_nonnull if output.nonnull else _id)
        return f"{name} if {name}.__class__ is str else {id_}({name})"
    if leaf.name not in exact:
        coerce = text.name(lambda value: leaf_value(leaf, value))
        return _present(output, position, text, f"{coerce}({name})")
    if leaf.name == "String":
        texts = text.name(_all_texts if output.nonnull else _texts)
        text.check(f"not {texts}(({name},))", f"not {texts}({column})")
        return name
    kind = text.name(exact[leaf.name])
    kinds = text.name({exact[leaf.name]} if output.nonnull else {exact[leaf.name], NONE})
    unlike = f"{name}.__class__ is not {kind}"
    text.check(
        unlike if output.nonnull else f"{unlike} and {name} is not None", f"not {kinds}.issuperset(map(type, {column}))"
    )
    if leaf.name in _BOUNDS:
        within = text.name(_BOUNDS[leaf.name])
        text.check(f"not {within}(({name},))", f"not {within}({column})")
    return name


def _names_as_values(leaf: GraphQLLeafType) -> frozenset[Any] | None:
    """Return the member names of an enum whose internal values equal its names; None for other types."""
    if isinstance(leaf, GraphQLEnumType) and all(value.value == name for name, value in leaf.values.items()):
        return frozenset(leaf.values)
    return None


def _id(value: Any) -> str | None:
    return None if value is None else _id_nonnull(value)


def _id_nonnull(value: Any) -> str:
    """Return an integer as an ID. Raises NeedsRowPath for other types."""
    if value.__class__ is not int:
        raise NeedsRowPath
    return str(value)


def _all_texts(values: Sequence[Any]) -> bool:
    """Return whether all values are strings. Joining them costs a fifth of a type check for each."""
    try:
        "".join(values)
    except TypeError:
        return False
    return True


def _texts(values: Sequence[Any]) -> bool:
    return _all_texts(values) or {str, NONE}.issuperset(map(type, values))


def _in_32_bits(values: Sequence[int | None]) -> bool:
    present = {value for value in set(values) if value is not None}
    return not present or (min(present) >= GRAPHQL_MIN_INT and max(present) <= GRAPHQL_MAX_INT)


def _all_finite(values: Sequence[float | None]) -> bool:
    return all(isfinite(value) for value in set(values) if value is not None)


_BOUNDS: dict[str, Callable[[Sequence[Any]], bool]] = {"Int": _in_32_bits, "Float": _all_finite}
