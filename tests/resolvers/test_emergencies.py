"""Breaking the glass: what it opens, that it is kept, told and reviewed, and that else nothing is answered."""

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from auth.agreements.grants import Grants
from auth.principal import Grant, HiddenUse, Jurisdiction
from auth.state.engine import migrated_engine
from resolvers.request.request import NODE
from tests.auth.recipients import agency, app
from tests.leaks.callers import CALLER, CITIZENS, Caller
from tests.leaks.canaries import LONG_AGO, TODAY
from tests.leaks.trial import KEYS, Trial

pytestmark = pytest.mark.anyio

REASON = "Cháu bé bị tai nạn, cần báo cho cha mẹ"
POLICE, OFFICER = CALLER["police:vital-interests"], CALLER["officer:oversight"]
STRANGER, AN = CALLER["citizen stranger:2"], CALLER["citizen an:2"]
READ = """query($code: ID!) { learner(by: {sectorCode: $code}) {
    fullName phone sex enrolments { averageMark } residencePeriods { address } } }"""
NOTICES = "{ me { notices { subject client purpose reason state words requestId } } }"
QUEUE = """query($state: EmergencyReviewState! = OPEN) { emergencyReadings(state: $state) {
    nodes { id client reason subjectCount state words hiddenUntil requestId } pageInfo { hasNextPage } } }"""
REVIEW = """mutation($id: ID!, $justified: Boolean!) {
    reviewEmergencyReading(id: $id, justified: $justified, words: "Đã kiểm tra với bệnh viện") { state reviewedBy } }"""


async def broken(
    trial: Trial, query: str = READ, caller: Caller = POLICE, reason: str | None = REASON, **variables: Any
) -> httpx2.Response:
    """Send an operation with the glass broken."""
    headers = caller.headers(trial.world) | ({} if reason is None else {"Break-Glass": quote(reason)})
    response = await trial.client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    trial.words.append(f"{response.headers} {response.text}")
    return response


async def read(trial: Trial, learner: str = "stranger", **more: Any) -> httpx2.Response:
    return await broken(trial, code=trial.world.learner(learner)["sector_code"], **more)


async def notices(trial: Trial, caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await trial.answer(caller, NOTICES))["data"]["me"]["notices"]
    return found


async def waiting(trial: Trial) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await trial.answer(OFFICER, QUEUE))["data"]["emergencyReadings"]["nodes"]
    return found


def error_of(response: httpx2.Response) -> tuple[int, str]:
    body: Mapping[str, Any] = response.json()
    assert "data" not in body
    return response.status_code, body["errors"][0]["extensions"]["code"]


async def test_it_opens_what_saves_a_life_and_nothing_else(trial: Trial) -> None:
    whole = (await read(trial, reason=None)).json()
    learner = (await read(trial)).json()["data"]["learner"]

    assert whole["data"]["learner"] is None
    assert {one["code"] for one in whole["extensions"]["access"]["denials"]} == {"EMERGENCY_REQUIRED"}
    stranger = trial.world.learner("stranger")
    assert (learner["fullName"], learner["phone"]) == (stranger["full_name"], stranger["phone"])
    assert {one["averageMark"] for one in learner["enrolments"]} == {None}


async def test_whom_it_concerned_is_told_at_once_with_the_reason(trial: Trial) -> None:
    answered = (await read(trial)).json()

    [told] = await notices(trial, STRANGER)
    assert (told["client"], told["purpose"], told["reason"]) == ("police", "vital-interests", REASON)
    assert (told["state"], told["words"]) == ("OPEN", None)
    assert told["requestId"] == answered["extensions"]["requestId"]
    assert await notices(trial, AN) == []


async def test_a_guardian_is_told_of_the_child(trial: Trial) -> None:
    await read(trial, "child")
    await read(trial, "ward")

    [told] = await notices(trial, AN)
    assert told["subject"] == KEYS.sealer(app(CITIZENS)).seal(NODE, ("CitizenIdentity", trial.world.person("child")))


async def test_it_is_reviewed_and_the_subject_sees_what_came_of_it(trial: Trial) -> None:
    await read(trial)

    [reading] = await waiting(trial)
    assert (reading["client"], reading["reason"], reading["subjectCount"]) == ("police", REASON, 1)
    judged = (await trial.answer(OFFICER, REVIEW, {"id": reading["id"], "justified": False}))["data"]
    [told] = await notices(trial, STRANGER)
    assert judged["reviewEmergencyReading"] == {"state": "UNJUSTIFIED", "reviewedBy": "officer"}
    assert (told["state"], told["words"]) == ("UNJUSTIFIED", "Đã kiểm tra với bệnh viện")
    assert await waiting(trial) == []


async def test_it_is_an_alarm_that_says_neither_why_nor_about_whom(trial: Trial) -> None:
    trial.words.clear()
    await read(trial)

    [alarm] = [words for words in trial.words if "glass broken" in words]
    assert "'alarm': True" in alarm
    assert not [one for one in (REASON, "tai nạn", trial.world.person("stranger")) if one in alarm]
    assert REASON not in trial.audit()


@pytest.mark.parametrize(
    "caller",
    [STRANGER, CALLER["police:residence-registration"], CALLER["school:school-management"], CALLER["nobody"]],
    ids=lambda caller: caller.name,
)
async def test_who_has_no_agreement_for_it_is_refused(trial: Trial, caller: Caller) -> None:
    assert error_of(await read(trial, caller=caller)) == (403, "EMERGENCY_NOT_GRANTED")
    assert await waiting(trial) == []


async def test_an_emergency_concerns_few(trial: Trial) -> None:
    world = trial.world
    ids = [("Learner", row["sector_code"]) for row in world.rows["learner"]]
    ids.append(("CitizenIdentity", world.person("other")))
    query = """query($ids: [ID!]!) { nodes(ids: $ids) {
        ... on Learner { fullName } ... on CitizenIdentity { fullName } } }"""
    sealed = [KEYS.sealer(agency("police")).seal(NODE, one) for one in ids]

    assert error_of(await broken(trial, query, ids=sealed)) == (403, "EMERGENCY_TOO_WIDE")
    # nothing was released, but a refusal is an answer too: those concerned are told, and it is reviewed
    assert len(await waiting(trial)) == len(await notices(trial, STRANGER)) == 1
    assert "EMERGENCY_TOO_WIDE" in trial.audit()
    assert "data" in (await broken(trial, query, ids=sealed[:8])).json()


async def test_the_limit_does_not_tell_who_is_there(trial: Trial) -> None:
    world, seal = trial.world, KEYS.sealer(agency("police")).seal
    known = [seal(NODE, ("Learner", row["sector_code"])) for row in world.rows["learner"][:2]]
    nobody = [seal(NODE, ("Learner", f"nobody {number}")) for number in range(9)]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Learner { fullName } } }"

    assert "data" in (await broken(trial, query, ids=known + nobody[:8])).json()
    assert error_of(await broken(trial, query, ids=known + nobody)) == (403, "EMERGENCY_TOO_WIDE")


async def test_an_emergency_lists_nobody(trial: Trial) -> None:
    body = (await broken(trial, "{ learners(first: 5) { nodes { fullName } totalCount } }")).json()

    assert body["data"]["learners"] == {"nodes": [], "totalCount": 0}


async def test_what_cannot_be_kept_is_not_answered(trial: Trial) -> None:
    with sqlite3.connect(trial.folder / "state.sqlite") as connection:
        connection.execute("alter table emergency_subjects rename to elsewhere")
    connection.close()

    assert error_of(await read(trial)) == (503, "STATE_UNAVAILABLE")


async def test_a_hidden_grant_delays_the_notice_and_the_entry(trial: Trial) -> None:
    for until, shown in ((TODAY + timedelta(days=30), False), (TODAY - timedelta(days=2), True)):
        await _hide(trial, until)
        operation = (await read(trial)).json()["extensions"]["requestId"]
        told = [one["requestId"] for one in await notices(trial, STRANGER)]
        used = await trial.answer(STRANGER, "{ me { dataUsage { nodes { client requestId } } } }")
        logged = [one["requestId"] for one in used["data"]["me"]["dataUsage"]["nodes"] if one["client"] == "police"]
        assert (operation in told, operation in logged) == (shown, shown)
        assert operation in [one["requestId"] for one in await waiting(trial)]


async def _hide(trial: Trial, until: date) -> None:
    engine = await migrated_engine(f"sqlite+aiosqlite:///{trial.folder}/state.sqlite")
    country = Jurisdiction(country=True)
    grant = Grant("police", POLICE.role, POLICE.purpose, country, LONG_AGO, None, emergency=True)
    await Grants(engine).save(replace(grant, hidden=HiddenUse("Law 86/2015/QH13", until)))
    await engine.dispose()


@pytest.mark.parametrize("caller", [POLICE, CALLER["ministry:statistics"], STRANGER], ids=lambda caller: caller.name)
async def test_the_queue_is_the_officers(trial: Trial, caller: Caller) -> None:
    await read(trial)
    [reading] = await waiting(trial)

    body = await trial.answer(caller, QUEUE)
    assert body["data"]["emergencyReadings"] is None
    assert {one["code"] for one in body["extensions"]["access"]["denials"]} == {"ROLE_NOT_PERMITTED"}
    assert "errors" in await trial.answer(caller, REVIEW, {"id": reading["id"], "justified": True})
    assert [one["state"] for one in await waiting(trial)] == ["OPEN"]
