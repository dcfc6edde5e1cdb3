"""Loaders: one question for all keys of a turn, and no waiter whose leaving harms the others."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from graphql import execute, parse

from engine.gate import OutputColumn, RowQuery
from resolvers.reference_executor.loaders import RowsLoader, load
from schema.build import build_schema
from tests.resolvers.requests import Asked, citizen_asking

pytestmark = pytest.mark.anyio

ASK = RowQuery("enrolment", "learner_code", "schooling", "c", (OutputColumn("average_mark", "schooling.result", "c"),))


def loader(asked: Asked) -> RowsLoader:
    return RowsLoader(asked.gate, asked.gate.prepare(ASK), (), ())


async def loaded(one: RowsLoader, key: str) -> list[Sequence[Any]]:
    return [list(row) for row in await load(one, key)]


async def test_all_keys_of_a_turn_are_one_question() -> None:
    asked = citizen_asking()
    one = loader(asked)
    rows = await asyncio.gather(*(loaded(one, key) for key in ("own", "childs", "strangers", "nobody's")))
    assert rows == [[["own", 6.0], ["own", 7.0]], [["childs", 6.0], ["childs", 7.0]], [], []]
    assert [question.record for question in asked.questions] == ["enrolment", "learner", "guardianship", "citizen"]


async def test_one_who_stops_waiting_does_not_fail_the_others() -> None:
    one = loader(citizen_asking())
    leaving, staying = (asyncio.create_task(loaded(one, "own")) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == [["own", 6.0], ["own", 7.0]]
    assert leaving.cancelled()
    assert await loaded(one, "own") == [["own", 6.0], ["own", 7.0]]


async def test_a_non_null_that_bubbles_cancels_no_other_field() -> None:
    """graphql-core cancels the siblings of a field that fails; both wait for the same key here."""
    schema = build_schema()[0]._schema
    assert schema.query_type is not None
    one = loader(citizen_asking())

    async def enrolments(*_: Any) -> None:
        await load(one, "own")

    async def fails(*_: Any) -> None:
        await asyncio.sleep(0)
        raise ValueError

    schema.query_type.fields["me"].resolve = enrolments
    schema.query_type.fields["_service"].resolve = fails
    result: Any = execute(schema, parse("{ me { __typename } _service { sdl } }"))
    assert (await result).errors
    assert await loaded(one, "own") == [["own", 6.0], ["own", 7.0]]
