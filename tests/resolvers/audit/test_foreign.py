"""What is put into our database by others does not reach a person's log, and the log says that it is not whole."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.state.engine import migrated_engine, writing
from auth.state.tables import AUDIT_ENTRIES, AUDIT_SUBJECTS
from tests.leaks.callers import CALLER
from tests.leaks.trial import Trial
from tests.leaks.trial import trial as opened

pytestmark = pytest.mark.anyio

AN, DEPARTMENT = CALLER["citizen an:2"], CALLER["department:school-management"]
READ = "query($code: ID!) { learner(by: {sectorCode: $code}) { fullName } }"
USAGE = "{ me { dataUsage { complete nodes { client authenticated } } } }"


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncIterator[Trial]:
    async with opened(tmp_path) as one:
        yield one


async def put_into_the_log_of(trial: Trial, person: str) -> None:
    """Put every entry there is under a person, in the index alone, as whoever may write to our database can."""
    engine: AsyncEngine = await migrated_engine(f"sqlite+aiosqlite:///{trial.folder}/state.sqlite")
    entry = AUDIT_ENTRIES.c
    async with writing(engine) as connection:
        places = (await connection.execute(select(entry.at, entry.writer, entry.sequence))).mappings().all()
        rows = [{**place, "subject": trial.keys.pseudonym(person)} for place in places]
        await connection.execute(insert(AUDIT_SUBJECTS), rows)
    await engine.dispose()


async def test_an_entry_about_somebody_else_is_not_shown_and_the_log_is_not_complete(trial: Trial) -> None:
    await trial.answer(DEPARTMENT, READ, {"code": trial.world.learner("stranger")["sector_code"]})
    await put_into_the_log_of(trial, trial.world.person("an"))

    for nodes in ([], [{"client": "vneid-app", "authenticated": True}]):
        usage = (await trial.answer(AN, USAGE))["data"]["me"]["dataUsage"]
        assert usage == {"complete": False, "nodes": nodes}
    headers = AN.headers(trial.world)
    found = (await trial.client.get("/v3/findUsage", headers=headers)).json()
    assert (found["incomplete"], {one["initiatorOrg"]["name"] for one in found["dataResponses"]}) == (
        True,
        {"vneid-app"},
    )
