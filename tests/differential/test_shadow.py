"""In the plan's shadow the reference runs a share of the queries, and tells where the two differ, without values."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from graphql import ExecutionResult, parse

from resolvers.plan.planned import Planned
from resolvers.plan.shadow import Shadow
from resolvers.request.factory import RequestFactory
from tests.differential.callers import access, catalogue, opened, openings
from tests.differential.comparison import operation_of
from tests.differential.registers import sources

pytestmark = pytest.mark.anyio

QUERY = parse("{ me { learners { fullName birthDate enrolments { level } } } }")
OPERATION = operation_of(QUERY)


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as events:
        yield events


async def _followed(share: float, change: Any = None) -> None:
    held = await access(("graduate", "self-service"))
    own: RequestFactory = openings(sources(None))
    shadow = Shadow(share, catalogue().schema, own, chance=lambda: 0.5)
    request = opened(held, sources(None))
    result = await Planned(catalogue()).executed(request, QUERY, OPERATION, None)
    assert result is not None
    if change is not None:
        change(result, request)
    shadow.follow(request, held, QUERY, None, None, result)
    await shadow.finished()


async def test_equal_answers_are_not_logged(logged: list[Any]) -> None:
    await _followed(1.0)
    assert logged == []


async def test_a_difference_is_logged_by_its_place(logged: list[Any]) -> None:
    def another_name(result: ExecutionResult, _request: Any) -> None:
        assert result.data is not None
        result.data["me"]["learners"][0]["fullName"] = "Somebody Else"

    await _followed(1.0, another_name)
    assert [event["differences"] for event in logged] == [["data at me.learners.fullName"]]
    assert "Somebody" not in str(logged)


async def test_a_denial_that_only_one_of_them_kept_is_logged(logged: list[Any]) -> None:
    def forgotten(_result: ExecutionResult, request: Any) -> None:
        request.disclosure.released.clear()

    await _followed(1.0, forgotten)
    (event,) = logged
    assert "release of Learner.fullName" in event["differences"]


async def test_queries_beyond_the_share_are_left_alone(logged: list[Any]) -> None:
    await _followed(0.5, lambda result, _request: result.data.clear())
    assert logged == []
