"""Builders of answers: for each level a function is generated that makes all objects of the level at once.

It answers None, or raises, unless every value has exactly its type and nothing is missing; then rows are completed one
by one (engine/completion.py). Generated text holds positions, literals of response keys, and names made here.
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
    """A value that is not as the builder expects it."""


@dataclass(slots=True)
class _Text:
    """The generated function as it grows: the objects it is given, and its checks of one row and of many."""

    given: dict[str, Any] = field(default_factory=dict)
    one: dict[str, None] = field(default_factory=dict)
    many: dict[str, None] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    """By variable, the sequence it runs over where there are many rows."""

    def name(self, value: Any) -> str:
        """Return the name under which the function is given an object."""
        name = f"k{len(self.given)}"
        self.given[name] = value
        return name

    def column(self, position: int) -> str:
        """Return the variable that holds the value of a column."""
        self.sources[f"v{position}"] = f"columns[{position}]"
        return f"v{position}"

    def check(self, one: str, many: str) -> None:
        """Leave the level to be completed row by row where either holds, of one row or of many."""
        self.one[f"if {one}: return None"] = None
        self.many[f"if {many}: return None"] = None


def builder(fields: Sequence[Field], waits: Sequence[Field], as_written: Mapping[str, type]) -> Build:
    """Return the function `build(rows, waited, seal)` for the fields of a level; `rows` are not empty."""
    text = _Text()
    entries = []
    for one in fields:
        expression = _expression(one, waits, text, {**EXACT, **as_written})
        if expression is None:
            return _never
        entries.append(f"{one.key!r}: {expression}")
    namespace: dict[str, Any] = {**text.given, "NONE": NONE}
    exec(_function(text, "{" + ", ".join(entries) + "}"), namespace)  # noqa: S102  # see above what is in the text
    build: Build = namespace["build"]
    return build


def _never(*_: object) -> None:
    """Leave every row to be completed by itself."""


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
            *(f"        {line}" for line in (*first, *text.one)),
            f"        return [{made}]",
            "    columns = tuple(zip(*rows))",
            *(f"    {line}" for line in text.many),
            f"    return [{made} {loop}]",
        ]
    )


def _of_first(source: str) -> str:
    return source.replace("columns[", "row[") if source.startswith("columns[") else f"{source}[0]"


def _expression(one: Field, waits: Sequence[Field], text: _Text, exact: Mapping[str, type]) -> str | None:
    """Return the Python expression of a field's value, adding its checks to the text; None: it takes a closer look."""
    match one:
        case Constant():
            return repr(one.value)
        case ColumnField() if one.position is not None and one.output.leaf is not None:
            return _leaf(one.output, one.output.leaf, one.position, text, exact)
        case SealedField() if one.position is not None:
            return _present(one.output, one.position, text, f"seal({one.kind!r}, v{one.position})")
        case EdgeField() | PagesField() if one.position is not None:
            values = f"waited[{waits.index(one)}].values"
            if one.output.nonnull:
                text.check(f"v{one.position} not in {values}", f"not {values}.keys() >= set(columns[{one.position}])")
            got = f"g{waits.index(one)}"
            for lines in (text.one, text.many):
                lines[f"{got} = {values}.get"] = None
            return f"{got}({text.column(one.position)})"
        case AnswerField():
            text.sources[f"a{waits.index(one)}"] = f"waited[{waits.index(one)}].values"
            return f"a{waits.index(one)}"
    return None


def _present(output: Output, position: int, text: _Text, expression: str) -> str:
    """Return the expression for values that are there; a null is null, or needs a closer look."""
    name = text.column(position)
    if not output.nonnull:
        return f"None if {name} is None else {expression}"
    text.check(f"{name} is None", f"None in columns[{position}]")
    return expression


def _leaf(output: Output, leaf: GraphQLLeafType, position: int, text: _Text, exact: Mapping[str, type]) -> str:
    name, column = text.column(position), f"columns[{position}]"
    names = _names_as_values(leaf)
    if names is not None:
        known = text.name(names if output.nonnull else names | {None})
        text.check(f"{name} not in {known}", f"not {known}.issuperset({column})")
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
    """Return the names of an enum whose values in Python are its names."""
    if isinstance(leaf, GraphQLEnumType) and all(value.value == name for name, value in leaf.values.items()):
        return frozenset(leaf.values)
    return None


def _id(value: Any) -> str | None:
    return None if value is None else _id_nonnull(value)


def _id_nonnull(value: Any) -> str:
    """Return a whole number as the text that an ID is."""
    if value.__class__ is not int:
        raise NeedsRowPath
    return str(value)


def _all_texts(values: Sequence[Any]) -> bool:
    """Tell whether all are texts; joining them is a fifth of the work of looking at each one's type."""
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
