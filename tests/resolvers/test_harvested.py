"""A client that reads about too many is stopped: nothing read leaves, and what was done is told of all the same."""

from typing import Any

import pytest

from auth.grants import Grants
from auth.principal import Grant
from auth.state.engine import migrated_engine
from tests.leaks.callers import CALLER, Caller
from tests.leaks.canaries import LONG_AGO
from tests.leaks.trial import Trial

pytestmark = pytest.mark.anyio

AN, OFFICE, EMPLOYER = (
    CALLER[name] for name in ("citizen an:2", "exam-office:exam-registration", "employer:diploma-verification")
)
READ = "query($ids: [String!]!) { learnersByCitizenIds(citizenIds: $ids) { fullName } }"
LOG = "{ me { dataUsage { nodes { client released denied { coordinate code } } } consentRequests { id } } }"
ASK = "mutation($input: RequestConsentInput!) { requestConsent(input: $input) { id } }"


async def limited(trial: Trial, caller: Caller, subjects: int) -> None:
    """Let the client ask about so many subjects a day."""
    engine = await migrated_engine(f"sqlite+aiosqlite:///{trial.folder}/state.sqlite")
    covers = caller.jurisdiction(trial.world)
    grant = Grant(caller.client_id, caller.role, caller.purpose, covers, LONG_AGO, None, subjects_per_day=subjects)
    await Grants(engine).save(grant)
    await engine.dispose()


def codes(body: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in body.get("errors", [])]


async def test_what_was_read_does_not_leave_and_the_log_says_so(trial: Trial) -> None:
    await limited(trial, OFFICE, 2)
    numbers = [trial.world.learner(name)["citizen_id"] for name in ("self", "child", "stranger")]
    body = await trial.answer(OFFICE, READ, {"ids": numbers})
    assert (codes(body), body.get("data")) == (["HARVEST_STOPPED"], None)
    [entry] = (await trial.answer(AN, LOG))["data"]["me"]["dataUsage"]["nodes"]
    assert entry == {
        "client": "exam-office",
        "released": [],
        "denied": [{"coordinate": "Query", "code": "HARVEST_STOPPED"}],
    }
    assert codes(await trial.answer(OFFICE, READ, {"ids": numbers[:1]})) == ["HARVEST_STOPPED"]


async def test_what_was_done_is_told_of_and_the_next_request_is_stopped(trial: Trial) -> None:
    await limited(trial, EMPLOYER, 0)
    wanted = {"categories": ["identity.name", "credential"], "until": "2027-01-01"}
    asked = {"input": {"by": {"citizenId": trial.world.person("an")}, **wanted}}
    body = await trial.answer(EMPLOYER, ASK, asked)
    assert "errors" not in body
    assert len((await trial.answer(AN, LOG))["data"]["me"]["consentRequests"]) == 1
    assert codes(await trial.answer(EMPLOYER, ASK, asked)) == ["HARVEST_STOPPED"]
