"""An operation ends at its deadline, whatever it waits for, and what is put on record of it is whole."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auth.audit.oversight.search import Search
from auth.errors import DeadlineExceeded
from resolvers.plan.planned import Planned
from schema.operations.deadline import by, ends_at
from tests.leaks.callers import CALLER
from tests.leaks.trial import Trial, application
from tests.leaks.trial import trial as opened

pytestmark = pytest.mark.anyio

DEPARTMENT = CALLER["department:school-management"]
READ = "query($code: ID!) { learner(by: {sectorCode: $code}) { fullName } }"


class Endless(Planned):
    """Answers, and then waits for ever: as whatever an operation needs might."""

    async def executed(self, *arguments: Any) -> Any:
        await super().executed(*arguments)
        await asyncio.Event().wait()


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncIterator[Trial]:
    async with opened(tmp_path) as one:
        yield one


async def test_an_operation_that_waits_for_ever_is_ended_and_on_record_as_having_shown_nothing(trial: Trial) -> None:
    state = application(trial).state
    code = {"code": trial.world.learner("self")["sector_code"]}
    state.services = replace(state.services, planned=Endless(trial.catalogue), deadline_s=1.0)

    answer = await asyncio.wait_for(trial.send(DEPARTMENT, READ, code), 10)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    [error] = answer.json()["errors"]
    assert error["extensions"] == {"code": "DEADLINE_EXCEEDED"}
    page = await state.services.audit.found(Search(client_id="department"), 1, None)
    [entry] = page.entries
    assert (entry.client_id, entry.released, entry.denied) == (
        "department",
        (),
        (("Query", "DEADLINE_EXCEEDED", "operation"),),
    )


async def test_work_that_is_over_in_time_is_not_touched() -> None:
    with by(ends_at(5)):
        await asyncio.sleep(0.01)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_the_works_own_timeout_is_not_taken_for_the_deadline() -> None:
    with pytest.raises(TimeoutError), by(ends_at(5)):
        raise TimeoutError
    with pytest.raises(DeadlineExceeded), by(ends_at(0.01)):
        await asyncio.sleep(5)
