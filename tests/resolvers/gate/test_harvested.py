"""A client that reads about too many is stopped: nothing read leaves, and what was done is told of all the same."""

import sqlite3
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from auth.agreements.grants import Grants
from auth.principal import Grant
from auth.state.engine import migrated_engine
from tests import servers
from tests.leaks.callers import CALLER, Caller
from tests.leaks.canaries import LONG_AGO
from tests.leaks.trial import EXECUTORS, Trial
from tests.leaks.trial import trial as opened

pytestmark = pytest.mark.anyio

AN, OFFICE, EMPLOYER = (
    CALLER[name] for name in ("citizen an:2", "exam-office:exam-registration", "employer:diploma-verification")
)
LINKED = ("self", "child", "grown", "stranger", "two-a", "consented")
POLICE, OFFICER, STRANGER = (
    CALLER[name] for name in ("police:vital-interests", "officer:oversight", "citizen stranger:2")
)
READ = "query($ids: [String!]!) { learnersByCitizenIds(citizenIds: $ids) { fullName } }"
LOG = "{ me { dataUsage { nodes { client released denied { coordinate code } } } consentRequests { id } } }"
QUEUE = "{ emergencyReadings { nodes { client subjectCount requestId } } }"
ENTRIES = '{ auditEntries(client: "police") { nodes { requestId denied { code } } } }'
ASK = "mutation($input: RequestConsentInput!) { requestConsent(input: $input) { id } }"


async def limited(trial: Trial, caller: Caller, subjects: int, misses: int = 100) -> None:
    """Let the client ask about so many subjects a day, and so many in vain."""
    engine = await migrated_engine(f"sqlite+aiosqlite:///{trial.folder}/state.sqlite")
    covers = caller.jurisdiction(trial.world)
    limits: dict[str, Any] = {"subjects_per_day": subjects, "misses_per_day": misses, "emergency": caller.emergency}
    grant = Grant(caller.client_id, caller.role, caller.purpose, covers, LONG_AGO, None, **limits)
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


async def test_a_stop_takes_no_emergency_from_those_who_review(trial: Trial) -> None:
    await limited(trial, POLICE, 0)
    headers = {**POLICE.headers(trial.world), "Break-Glass": "The parents must be told"}
    body = {"query": READ, "variables": {"ids": [trial.world.learner("stranger")["citizen_id"]]}}
    # the first reading is one too many, and at the second the client is known to be stopped
    answers = [(await trial.client.post("/graphql", json=body, headers=headers)).json() for _ in range(2)]

    assert [codes(one) for one in answers] == [["HARVEST_STOPPED"]] * 2
    waiting = (await trial.answer(OFFICER, QUEUE))["data"]["emergencyReadings"]["nodes"]
    assert [(one["client"], one["subjectCount"]) for one in waiting] == [("police", 1), ("police", 0)]
    entries = (await trial.answer(OFFICER, ENTRIES))["data"]["auditEntries"]["nodes"]
    assert {one["requestId"] for one in waiting} <= {one["requestId"] for one in entries}
    told = (await trial.answer(STRANGER, "{ me { notices { client } } }"))["data"]["me"]["notices"]
    assert told == [{"client": "police"}]


async def test_what_was_done_is_told_of_and_the_next_request_is_stopped(trial: Trial) -> None:
    await limited(trial, EMPLOYER, 0)
    wanted = {"categories": ["identity.name", "credential.status", "credential"], "until": "2027-01-01"}
    asked = {"input": {"by": {"citizenId": trial.world.person("an")}, **wanted}}
    body = await trial.answer(EMPLOYER, ASK, asked)
    assert "errors" not in body
    assert len((await trial.answer(AN, LOG))["data"]["me"]["consentRequests"]) == 1
    assert codes(await trial.answer(EMPLOYER, ASK, asked)) == ["HARVEST_STOPPED"]


async def test_a_stopped_client_goes_on_with_all_that_is_about_nobody(trial: Trial) -> None:
    await limited(trial, OFFICE, 2)
    numbers = [trial.world.learner(name)["citizen_id"] for name in ("self", "child", "stranger")]
    assert codes(await trial.answer(OFFICE, READ, {"ids": numbers})) == ["HARVEST_STOPPED"]
    public = await trial.answer(OFFICE, "{ __typename institutions(first: 1) { nodes { code } } accessMap { access } }")
    assert "errors" not in public
    trial.statements.clear()
    refused = await trial.send(
        OFFICE, "query($id: String!) { learner(by: {citizenId: $id}) { id } }", {"id": numbers[0]}
    )
    assert (refused.status_code, codes(refused.json())) == (429, ["HARVEST_STOPPED"])
    assert int(refused.headers["Retry-After"]) > 0
    assert trial.statements == []


async def test_ten_thousand_guesses_find_nobody_and_are_told_of(trial: Trial) -> None:
    await limited(trial, OFFICE, 1_000_000)
    known = [trial.world.learner(name)["citizen_id"] for name in ("self", "child", "stranger")]
    answers = []
    for batch in range(20):
        guesses = [f"{batch:03d}{number:09d}" for number in range(497)]
        answers.append(codes(await trial.answer(OFFICE, READ, {"ids": known + guesses})))
    assert answers == [["HARVEST_STOPPED"]] * 20
    other = replace(OFFICE, purpose="admission-priority")
    await limited(trial, other, 1_000_000)
    assert codes(await trial.answer(other, READ, {"ids": known})) == ["HARVEST_STOPPED"]
    [told] = [words for words in trial.words if "harvest stopped" in words]
    assert "'alarm': True" in told


async def test_an_honest_list_of_whom_one_in_seven_is_not_linked_is_answered(trial: Trial) -> None:
    await limited(trial, OFFICE, 1_000_000, misses=1)
    known = [trial.world.learner(name)["citizen_id"] for name in trial.world.names.values() if name in LINKED]
    for _ in range(2):
        body = await trial.answer(OFFICE, READ, {"ids": [*known, "000000000000"]})
        assert codes(body) == []


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_a_citizen_who_asks_for_strangers_is_stopped_and_keeps_what_is_her_own(
    executor: str, tmp_path: Path, fresh_state: str
) -> None:
    async with opened(tmp_path, executor, strangers_per_day=3) as trial:
        own, stranger = (trial.world.learner(name)["sector_code"] for name in ("self", "stranger"))
        look = "query($code: ID!) { learner(by: {sectorCode: $code}) { id } }"
        answers = [await trial.answer(AN, look, {"code": code}) for code in (stranger, "nobody", "none", own)]
        assert [codes(body) for body in answers] == [[], [], [], []]
        for code in (stranger, "nobody at all"):
            refused = await trial.send(AN, look, {"code": code})
            assert (refused.status_code, codes(refused.json())) == (429, ["HARVEST_STOPPED"])
        body = await trial.answer(
            AN, "query($code: ID!) { me { identity { id } } learner(by: {sectorCode: $code}) { id } }", {"code": own}
        )
        assert "errors" not in body
        assert body["data"]["learner"] is not None


LIMITS = "{ limits { kind quota remaining windowSeconds } }"


async def left(trial: Trial, caller: Caller) -> dict[str, tuple[int, int]]:
    """Return the quota of each limit, and what is left of it."""
    body = await trial.answer(caller, LIMITS)
    return {limit["kind"]: (limit["quota"], limit["remaining"]) for limit in body["data"]["limits"]}


async def test_a_client_sees_what_is_left_of_each_of_its_limits(trial: Trial) -> None:
    await limited(trial, OFFICE, 50)
    numbers = [trial.world.learner(name)["citizen_id"] for name in ("self", "child", "stranger")]
    before = await left(trial, OFFICE)
    answer = await trial.send(OFFICE, READ, {"ids": [*numbers, "000000000000"]})
    assert answer.headers["RateLimit-Policy"] == '"per-minute";q=600;w=60, "persons-per-day";q=50;w=86400;qu="persons"'
    requests, persons = answer.headers["RateLimit"].split(", ")
    assert requests.startswith('"per-minute";r=598;t=')
    assert persons.startswith('"persons-per-day";r=42;t=')
    assert before == {
        "REQUESTS_PER_MINUTE": (600, 599),
        "PERSONS_PER_DAY": (50, 50),
        "PERSONS_PER_MINUTE": (1000, 1000),
        "MISSES_PER_DAY": (100, 100),
        "MISSES_PER_MONTH": (50, 50),
    }
    assert await left(trial, OFFICE) == {
        "REQUESTS_PER_MINUTE": (600, 597),
        "PERSONS_PER_DAY": (50, 42),
        "PERSONS_PER_MINUTE": (1000, 1000),  # three persons are less than a second of it
        "MISSES_PER_DAY": (100, 99),
        "MISSES_PER_MONTH": (50, 49),
    }


async def test_the_limit_of_the_day_is_shown_before_it_bites_and_when_it_does(trial: Trial) -> None:
    await limited(trial, OFFICE, 2)
    plain = await trial.send(OFFICE, "{ __typename }")
    assert '"persons-per-day";r=2;t=' in plain.headers["RateLimit"]
    numbers = [trial.world.learner(name)["citizen_id"] for name in ("self", "child", "stranger")]
    for _ in range(2):
        refused = await trial.send(OFFICE, READ, {"ids": numbers})
        assert (refused.status_code, '"persons-per-day";r=0;t=' in refused.headers["RateLimit"]) == (429, True)
    assert (await trial.send(OFFICE, "{ __typename }")).status_code == 200


async def test_citizens_and_nobody_see_their_limits_too(trial: Trial) -> None:
    assert (await left(trial, AN))["MISSES_PER_DAY"] == (1_000_000, 1_000_000)
    await trial.answer(AN, '{ learner(by: {sectorCode: "nobody"}) { id } }')
    assert (await left(trial, AN))["MISSES_PER_DAY"] == (1_000_000, 999_999)
    assert (await left(trial, CALLER["nobody"])).keys() == {"REQUESTS_PER_MINUTE"}


@pytest.mark.servers
async def test_without_redis_clients_go_on_with_what_is_about_nobody(tmp_path: Path, fresh_state: str) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(servers.redis())
        async with opened(tmp_path, "plan", redis_url=url) as trial:
            assert (await trial.send(OFFICE, "{ __typename }")).headers["RateLimit"].count(";r=") == 2
            stack.close()
            answer = await trial.send(OFFICE, "{ institutions(first: 1) { nodes { code } } }")
            assert (answer.status_code, answer.headers["RateLimit"].count(";r=")) == (200, 1)
            number = trial.world.learner("self")["citizen_id"]
            refused = await trial.send(OFFICE, READ, {"ids": [number]})
            assert (refused.status_code, codes(refused.json())) == (503, ["SHARED_STATE_UNAVAILABLE"])
            shown = await trial.answer(OFFICE, "{ limits { kind } }")
            assert codes(shown) == ["SHARED_STATE_UNAVAILABLE"]
            assert denied(trial)[-2:] == [
                [["Query", "SHARED_STATE_UNAVAILABLE", "harvest-guard"]],
                [["Query.limits", "SHARED_STATE_UNAVAILABLE", ""]],
            ]


def denied(trial: Trial) -> list[list[list[str]]]:
    """Return what each entry says was denied, the oldest first."""
    with sqlite3.connect(trial.folder / "state.sqlite") as connection:
        bodies = connection.execute("select body from audit_entries order by at").fetchall()
    connection.close()
    return [orjson.loads(body)["denied"] for (body,) in bodies]
