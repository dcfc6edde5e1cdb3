"""What an operation was worked out with goes with its answer, and does not wait for the garbage collector.

By the plan engine: graphql-core's executor refers to itself, and waits.
"""

import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from resolvers.request.request import Request
from tests.leaks.callers import CALLER
from tests.leaks.trial import Trial
from tests.leaks.trial import trial as opened

pytestmark = pytest.mark.anyio

LEARNER = "query($code: ID!) { learner(by: {sectorCode: $code}) { fullName institution { name } } }"
PAGE = "{ institutions(first: 3) { nodes { name } totalCount } }"
ME = "{ me { identity { fullName } } }"


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncIterator[Trial]:
    async with opened(tmp_path, "plan") as one:
        yield one


@pytest.mark.parametrize(
    ("caller", "document"),
    [("department:school-management", LEARNER), ("department:school-management", PAGE), ("citizen an:2", ME)],
)
async def test_a_request_is_gone_with_its_answer(trial: Trial, caller: str, document: str) -> None:
    variables: dict[str, Any] = {"code": trial.world.learner("self")["sector_code"]} if document is LEARNER else {}
    await trial.send(CALLER[caller], document, variables)  # what is made once
    gc.collect()
    gc.disable()
    try:
        answer = await trial.send(CALLER[caller], document, variables)
        assert answer.json()["data"] is not None, answer.text
        assert [kept for kept in gc.get_objects() if type(kept) is Request] == []
    finally:
        gc.enable()
