"""A citizen's own log: who read what, why, and what was denied them."""

from typing import Any

import pytest

from tests.leaks.callers import CALLER, Caller
from tests.leaks.trial import Trial

pytestmark = pytest.mark.anyio

AN, STRANGER = CALLER["citizen an:2"], CALLER["citizen stranger:2"]
DEPARTMENT = CALLER["department:school-management"]
READ = "query($code: ID!) { learner(by: {sectorCode: $code}) { fullName citizenId } }"
USAGE = """query($first: Int, $after: String) { me { dataUsage(first: $first, after: $after) {
    nodes { client purpose case released denied { coordinate code } } pageInfo { hasNextPage endCursor } } } }"""


async def read(trial: Trial, caller: Caller, learner: str) -> None:
    await trial.answer(caller, READ, {"code": trial.world.learner(learner)["sector_code"]})


async def usage(trial: Trial, caller: Caller, **variables: Any) -> Any:
    return (await trial.answer(caller, USAGE, variables))["data"]["me"]["dataUsage"]


async def test_the_log_tells_who_read_what_of_me_and_what_was_denied(trial: Trial) -> None:
    await read(trial, DEPARTMENT, "self")
    [entry] = (await usage(trial, AN))["nodes"]
    assert (entry["client"], entry["purpose"], entry["case"]) == ("department", "school-management", None)
    assert entry["released"] == ["Learner.fullName"]
    assert entry["denied"] == [{"coordinate": "Learner.citizenId", "code": "ROLE_NOT_PERMITTED"}]


async def test_what_was_not_seen_of_me_is_in_no_log(trial: Trial) -> None:
    await read(trial, DEPARTMENT, "stranger")
    await read(trial, DEPARTMENT, "unlinked")
    assert (await usage(trial, AN))["nodes"] == []
    assert {entry["client"] for entry in (await usage(trial, STRANGER))["nodes"]} == {"vneid-app"}  # one's own acts


async def test_an_answer_about_me_is_in_my_log_without_its_inputs(trial: Trial) -> None:
    code = trial.world.learner("self")["sector_code"]
    caller = CALLER["department:grade-1-admission"]
    await trial.answer(
        caller, "query($code: ID!) { learner(by: {sectorCode: $code}) { isAtLeast(years: 6) } }", {"code": code}
    )
    [entry] = (await usage(trial, AN))["nodes"]
    assert entry["released"] == ["Learner.isAtLeast"]


async def test_the_log_is_paged_the_newest_first(trial: Trial) -> None:
    for purpose in ("school-management", "graduation-recognition", "grade-1-admission"):
        await read(trial, CALLER[f"department:{purpose}"], "self")
    first = await usage(trial, AN, first=2)
    assert [entry["purpose"] for entry in first["nodes"]] == ["grade-1-admission", "graduation-recognition"]
    assert first["pageInfo"]["hasNextPage"]
    rest = await usage(trial, AN, first=2, after=first["pageInfo"]["endCursor"])
    # asking for one's own log is itself in it, but newer than where the second page starts
    assert [entry["purpose"] for entry in rest["nodes"]] == ["school-management"]
    assert not rest["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"first": 0}, "`first` must be between 1 and 100, not 0"),
        ({"first": 101}, "`first` must be between 1 and 100, not 101"),
        ({"after": "x"}, "`after` is not a cursor of this list given to this client"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(trial: Trial, variables: dict[str, Any], message: str) -> None:
    body = await trial.answer(AN, USAGE, variables)
    assert [error["message"] for error in body["errors"]] == [message]
