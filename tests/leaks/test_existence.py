"""Somebody whom the caller may not know of is answered byte for byte like somebody who does not exist."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from resolvers.request.request import NODE
from tests.leaks.callers import CALLER, CALLERS, Caller
from tests.leaks.trial import Trial, met
from tests.leaks.world import Row

pytestmark = pytest.mark.anyio

NOT_A_CODE, NOT_A_NUMBER = "Zq99999qZ", "001315999999"
REQUEST_ID = re.compile(rb'"requestId":"[^"]*"')
EVERYBODY = pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
FOUND = "{ id fullName citizenId enrolments { id } identity { fullName } institution { code } }"


async def _bytes(
    trial: Trial, caller: Caller, query: str, variables: Mapping[str, Any]
) -> tuple[bytes, dict[str, str]]:
    response = await trial.send(caller, query, variables)
    assert b"RATE_LIMITED" not in response.content
    changing = ("ratelimit", "x-request-id")
    headers = {name: value for name, value in response.headers.items() if name.lower() not in changing}
    return REQUEST_ID.sub(b"", response.content), headers


def _invisible(trial: Trial, caller: Caller) -> Iterable[Row]:
    oracle = trial.oracle(caller)
    return [row for row in trial.world.rows["learner"] if not oracle.sees("Learner", row)]


@EVERYBODY
async def test_a_learner(trial: Trial, caller: Caller) -> None:
    def named(code: str) -> dict[str, Any]:
        token = trial.sealer(caller).seal(NODE, ("Learner", code))
        return {"code": code, "id": token, "of": [{"__typename": "Learner", "id": token}]}

    query = f"""query($code: ID!, $id: ID!, $of: [_Any!]!) {{
        byCode: learner(by: {{sectorCode: $code}}) {FOUND} byId: learner(by: {{id: $id}}) {FOUND}
        node(id: $id) {{ id }} nodes(ids: [$id]) {{ ... on Learner {FOUND} }}
        _entities(representations: $of) {{ ... on Learner {FOUND} }} }}"""
    unknown = await _bytes(trial, caller, query, named(NOT_A_CODE))
    for row in _invisible(trial, caller):
        assert await _bytes(trial, caller, query, named(row["sector_code"])) == unknown


@EVERYBODY
async def test_a_citizen_number(trial: Trial, caller: Caller) -> None:
    query = f"""query($number: String!) {{
        learner(by: {{citizenId: $number}}) {FOUND} learnersByCitizenIds(citizenIds: [$number]) {FOUND}
        learnerRecordsByCitizenIds(citizenIds: [$number]) {FOUND} }}"""
    known = [row for row in trial.world.rows["learner"] if row["link_state"] == "VERIFIED"]
    visible = {row["citizen_id"] for row in known if trial.oracle(caller).sees("Learner", row)}
    unknown = await _bytes(trial, caller, query, {"number": NOT_A_NUMBER})
    for row in trial.world.rows["learner"]:
        if row["citizen_id"] not in visible:
            assert await _bytes(trial, caller, query, {"number": row["citizen_id"]}) == unknown
    assert met(trial, caller) == []


@EVERYBODY
async def test_a_citizen_and_what_belongs_to_one(trial: Trial, caller: Caller) -> None:
    oracle = trial.oracle(caller)
    query = "query($id: ID!) { node(id: $id) { __typename id ... on CitizenIdentity { fullName learners { id } } } }"
    for kind, key in (
        ("CitizenIdentity", "person_key"),
        ("Credential", "id"),
        ("Enrolment", "id"),
        ("Guardianship", "id"),
    ):
        record = trial.catalogue.record_types[kind].record
        unknown = await _bytes(trial, caller, query, {"id": trial.sealer(caller).seal(NODE, (kind, NOT_A_CODE))})
        for row in trial.world.rows[record][::5]:
            if not oracle.sees(kind, row):
                token = trial.sealer(caller).seal(NODE, (kind, row[key]))
                assert await _bytes(trial, caller, query, {"id": token}) == unknown, kind


@EVERYBODY
async def test_a_code_in_another_spelling(trial: Trial, caller: Caller) -> None:
    query = f"query($code: ID!) {{ learner(by: {{sectorCode: $code}}) {FOUND} }}"
    unknown = await _bytes(trial, caller, query, {"code": NOT_A_CODE})
    for name in ("self", "stranger"):
        code = trial.world.learner(name)["sector_code"]
        for spelled in (f"{code} ", f" {code}", code.upper(), code.replace("q", "\uff51")):
            assert await _bytes(trial, caller, query, {"code": spelled}) == unknown, spelled


async def test_one_among_many(trial: Trial) -> None:
    caller = CALLER["department:graduation-recognition"]
    query = f"query($numbers: [String!]!) {{ learnersByCitizenIds(citizenIds: $numbers) {FOUND} }}"
    known, unseen = trial.world.learner("self")["citizen_id"], trial.world.learner("stranger")["citizen_id"]
    answers = [
        await _bytes(trial, caller, query, {"numbers": [known, other, known]}) for other in (unseen, NOT_A_NUMBER)
    ]
    assert answers[0] == answers[1]
