"""The generated builder answers what the reference executor would, or leaves the level to be completed row by row."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLScalarType,
    GraphQLString,
)
from graphql.execution.executor import Executor

from engine.builders import builder
from engine.outputs import Output
from engine.plan import ColumnField

COLOUR = GraphQLEnumType("Colour", {"RED": "RED", "BLUE": "BLUE"})
NUMBERED = GraphQLEnumType("Numbered", {"ONE": 1, "TWO": 2})
DATE = GraphQLScalarType("Date", coerce_output_value=lambda day: day.isoformat())
AS_WRITTEN: dict[str, type] = {"Date": date}
NOW = datetime(2026, 11, 21, tzinfo=UTC)
VALUES: list[Any] = [
    None,
    "RED",
    "",
    "é",
    0,
    1,
    7,
    -(2**31),
    2**31,
    True,
    False,
    1.5,
    float("nan"),
    NOW.date(),
    NOW,
    [],
    b"x",
]


@pytest.mark.parametrize(
    "leaf", [GraphQLString, GraphQLID, GraphQLInt, GraphQLFloat, GraphQLBoolean, COLOUR, NUMBERED, DATE], ids=str
)
@pytest.mark.parametrize("nonnull", [False, True])
@pytest.mark.parametrize("others", [0, 2], ids=["one row", "three rows"])
def test_what_is_built_is_what_the_reference_executor_answers(leaf: Any, nonnull: bool, others: int) -> None:
    build = builder([ColumnField("a", Output("T.a", (), nonnull, leaf), 1)], (), AS_WRITTEN)
    usual = {"Date": NOW.date(), "Int": 3, "Float": 2.5, "Boolean": True, "Colour": "BLUE", "Numbered": 2}.get(
        leaf.name, "x"
    )
    assert _built(build, [("key", usual)] * (others + 1)) is not None
    for value in VALUES:
        rows = [("key", value), *[("key", usual)] * others]
        built = _built(build, rows)
        if nonnull and value is None:
            assert built is None
        if built is not None:
            assert [_as_json(row["a"]) for row in built] == [_completed(leaf, row[1]) for row in rows], value


@pytest.mark.parametrize("value", ["x", 3, 2.5, True, "RED", NOW.date()], ids=str)
def test_values_of_exactly_their_type_are_built(value: Any) -> None:
    leaf: GraphQLLeafType = {
        str: GraphQLString, int: GraphQLInt, float: GraphQLFloat, bool: GraphQLBoolean, date: DATE
    }[type(value)]  # fmt: skip
    build = builder([ColumnField("a", Output("T.a", (), False, leaf), 0)], (), AS_WRITTEN)
    assert _built(build, [(value,), (None,)]) == [{"a": value}, {"a": None}]


def test_response_keys_are_literals_in_the_generated_text() -> None:
    key = "'; raise SystemExit #"
    build = builder([ColumnField(key, Output("T.a", (), False, GraphQLString), 0)], (), {})
    assert _built(build, [("x",)]) == [{key: "x"}]


def _built(build: Any, rows: list[Any]) -> Any:
    try:
        return build(rows, (), None)
    except Exception:
        return None


def _completed(leaf: Any, value: Any) -> Any:
    return None if value is None else Executor.complete_leaf_value(leaf, value)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
