"""A citizen's own log: who read what, why, and what was denied them."""

import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from tests.leaks.callers import CALLER, Caller
from tests.leaks.trial import Trial

pytestmark = pytest.mark.anyio

AN, STRANGER = CALLER["citizen an:2"], CALLER["citizen stranger:2"]
DEPARTMENT = CALLER["department:school-management"]
EMPLOYER = CALLER["employer:diploma-verification"]
BY_NUMBER = "query($number: String!) { learner(by: {citizenId: $number}) { credentials { title } } }"
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


async def test_who_named_me_and_was_shown_nothing_is_in_my_log(trial: Trial) -> None:
    await read(trial, DEPARTMENT, "stranger")  # of another province
    by_number = {"number": trial.world.person("stranger")}
    employer = await trial.answer(EMPLOYER, BY_NUMBER, by_number)  # without consent
    nobody = await trial.answer(EMPLOYER, BY_NUMBER, {"number": "001300000000"})
    await read(trial, AN, "stranger")  # citizens are told of clients, not of each other

    entries = (await usage(trial, STRANGER))["nodes"]

    told = {entry["client"]: entry for entry in entries if entry["client"] != "vneid-app"}
    assert told.keys() == {"department", "employer"}
    assert {tuple(entry["released"]) for entry in told.values()} == {()}
    assert told["department"]["denied"] == [{"coordinate": "Query.learner", "code": "OUTSIDE_JURISDICTION"}]
    assert told["employer"]["denied"] == [{"coordinate": "Query.learner", "code": "CONSENT_REQUIRED"}]
    # who asked learns nothing of it: nobody's number is answered alike
    assert employer == nobody
    assert (await usage(trial, AN))["nodes"] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("department:diploma-correction", "CASE_REQUIRED"),
        ("police:vital-interests", "EMERGENCY_REQUIRED"),
        ("developer:development", "ROLE_NOT_PERMITTED"),
    ],
)
async def test_who_named_me_where_no_rule_opens_the_record_is_in_my_log(trial: Trial, name: str, code: str) -> None:
    caller = CALLER[name]
    code_of_me = {"code": trial.world.learner("stranger")["sector_code"]}
    answers = [
        await trial.answer(caller, BY_NUMBER, {"number": trial.world.person("stranger")}),
        await trial.answer(caller, BY_NUMBER, {"number": "001300000000"}),
        await trial.answer(caller, READ, code_of_me),
        await trial.answer(caller, READ, {"code": "NOBODYS"}),
    ]

    entries = [one for one in (await usage(trial, STRANGER))["nodes"] if one["client"] == caller.client_id]

    assert [entry["released"] for entry in entries] == [[], []]
    assert [entry["denied"] for entry in entries] == [[{"coordinate": "Query.learner", "code": code}]] * 2
    # who asked learns nothing of it
    assert answers[0] == answers[1]
    assert answers[2] == answers[3]
    assert (await usage(trial, AN))["nodes"] == []


async def test_what_a_list_left_out_of_me_is_in_no_log(trial: Trial) -> None:
    await trial.answer(DEPARTMENT, "{ learners(first: 50) { nodes { fullName } totalCount } }")
    assert {entry["client"] for entry in (await usage(trial, STRANGER))["nodes"]} == {"vneid-app"}  # one's own acts
    assert {entry["client"] for entry in (await usage(trial, AN))["nodes"]} == {"department"}


async def test_a_dossier_that_was_named_is_not_told_to_whom_it_showed_nothing(trial: Trial) -> None:
    await read(trial, replace(DEPARTMENT, case="H-2026-7"), "stranger")
    [entry] = [one for one in (await usage(trial, STRANGER))["nodes"] if one["client"] == "department"]
    assert entry["case"] is None


async def test_what_was_read_before_the_link_was_verified_is_in_the_persons_log(trial: Trial) -> None:
    await read(trial, DEPARTMENT, "unlinked")
    before = (await usage(trial, AN))["nodes"]
    with sqlite3.connect(trial.folder / "education.sqlite") as register:
        code = trial.world.learner("unlinked")["sector_code"]
        register.execute("update learners set link_state = 'VERIFIED' where sector_code = ?", (code,))
    register.close()

    after = (await usage(trial, AN))["nodes"]

    assert [one["client"] for one in before] == []
    assert [one["released"] for one in after if one["client"] == "department"] == [["Learner.fullName"]]


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
