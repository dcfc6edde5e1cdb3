"""Rows of several types, told apart by their tag, become objects in the order of the rows."""

from types import SimpleNamespace
from typing import Any

import pytest
from graphql import FieldNode, GraphQLField, GraphQLString, NameNode

from engine.arguments import NO_VARIABLES, Arguments
from engine.builders import builder
from engine.context import Run
from engine.declarations import Answer
from engine.outputs import BUBBLE, Output
from engine.plan import AnswerField, ColumnField, Level, Levels
from engine.run import of_no_type, values_of

pytestmark = pytest.mark.anyio

NAMED = ColumnField("name", Output("Diploma.name", (), True, GraphQLString), 2)
TITLED = ColumnField("title", Output("Certificate.title", (), True, GraphQLString), 2)
LOUD = AnswerField(
    "loud",
    Output("Certificate.loud", (), True, GraphQLString),
    "Certificate.loud",
    0,
    Answer("title", lambda needs, _asking: needs["title"].upper(), ("title",)),
    Arguments(GraphQLField(GraphQLString), FieldNode(name=NameNode(value="loud")), {}),
    (("title", 2),),
    (),
)
ROWS = [(1, "D", "a"), (1, "C", "b"), (2, "D", "c"), (3, "C", "d"), (4, "C", "e")]


def _level(*fields: ColumnField | AnswerField) -> Level:
    answers = tuple(one for one in fields if isinstance(one, AnswerField))
    return Level("", fields, builder(fields, answers, {}), (), answers, answers)


@pytest.fixture
def run() -> Run:
    unused: Any = SimpleNamespace(global_id=None)
    return Run(unused, unused, NO_VARIABLES, unused)


@pytest.mark.parametrize("rows", [ROWS, ROWS[::-1], ROWS[3:], ROWS[:1], []], ids=len)
async def test_objects_are_in_the_order_of_the_rows(run: Run, rows: list[Any]) -> None:
    levels = Levels({"D": _level(NAMED), "C": _level(TITLED), "unseen": _level(TITLED)}, 1)
    expected = [{"name" if tag == "D" else "title": text} for _, tag, text in rows]
    assert await values_of(levels, rows, run) == (expected, None)


async def test_a_type_that_waits_for_answers_stands_beside_one_that_does_not(run: Run) -> None:
    levels = Levels({"D": _level(NAMED), "C": _level(TITLED, LOUD)}, 1)
    assert await values_of(levels, ROWS[:2], run) == ([{"name": "a"}, {"title": "b", "loud": "B"}], None)


async def test_what_goes_wrong_is_told_of_the_row_where_it_does(run: Run) -> None:
    levels = Levels({"D": _level(NAMED), "C": _level(TITLED)}, 1)
    values, errors = await values_of(levels, [*ROWS[:3], (3, "C", None), (4, "D", None), *ROWS[4:]], run)
    assert values == [{"name": "a"}, {"title": "b"}, {"name": "c"}, BUBBLE, BUBBLE, {"title": "e"}]
    assert {index: [path for path, _, _ in found] for index, found in (errors or {}).items()} == {
        3: [("title",)],
        4: [("name",)],
    }


def test_tags_of_no_type_are_told_by_key() -> None:
    levels = Levels({"D": _level(NAMED), "C": _level(TITLED)}, 1)
    assert of_no_type(levels, ROWS) == {}
    assert of_no_type(levels, [*ROWS[1:2], (5, "X", "f"), (6, None, "g")]) == {5: "X", 6: None}
    assert of_no_type(Levels({None: _level(NAMED)}, None), ROWS) == {}
