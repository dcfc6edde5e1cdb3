"""Global ids: opaque, another one for each client, and good for nobody else."""

import time

import pytest

from auth.errors import Refused
from resolvers.request.request import NODE
from tests.auth.recipients import agency
from tests.auth.tokens import claims, signed
from tests.leaks.callers import CALLER
from tests.leaks.trial import KEYS, Trial

pytestmark = pytest.mark.anyio

IDS = "{ learners(first: 50, orderBy: SECTOR_CODE) { nodes { id } } }"


async def _ids(trial: Trial, name: str) -> list[str]:
    body = await trial.answer(CALLER[name], IDS)
    return [node["id"] for node in body["data"]["learners"]["nodes"]]


async def test_two_clients_cannot_join_what_they_were_given(trial: Trial) -> None:
    department, school = (
        await _ids(trial, "department:school-management"),
        await _ids(trial, "school:school-management"),
    )
    assert len(department) == len(school) == 4
    assert not set(department) & set(school)


async def test_one_client_meets_the_same_id_for_each_purpose(trial: Trial) -> None:
    assert await _ids(trial, "department:school-management") == await _ids(trial, "department:grade-1-admission")


@pytest.mark.parametrize(
    "query",
    [
        "query($id: ID!) { node(id: $id) { id } }",
        "query($id: ID!) { nodes(ids: [$id]) { id } }",
        "query($id: ID!) { learner(by: {id: $id}) { id } }",
        'query($id: ID!) { _entities(representations: [{__typename: "Learner", id: $id}]) { __typename } }',
    ],
)
async def test_a_foreign_id_is_refused_like_a_garbled_one(trial: Trial, query: str) -> None:
    [own, *_], [foreign, *_] = (
        await _ids(trial, "school:school-management"),
        await _ids(trial, "exam-office:exam-registration"),
    )
    caller = CALLER["school:school-management"]
    code = trial.world.learner("self")["sector_code"]
    wrong = [foreign, own[:-3] + "AAA", own.lower(), code, "", "%00", own + "="]
    answers = [await trial.answer(caller, query, {"id": token}) for token in wrong]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["errors"][0]["message"] == "`id` is not a global id given to this client"


async def test_a_refused_id_nulls_its_own_place_alone(trial: Trial) -> None:
    caller = CALLER["school:school-management"]
    [first, second, *_] = await _ids(trial, "school:school-management")
    [foreign, *_] = await _ids(trial, "exam-office:exam-registration")
    body = await trial.answer(
        caller, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [first, "nope", second, foreign, first]}
    )

    assert body["data"]["nodes"] == [{"id": first}, None, {"id": second}, None, {"id": first}]
    assert [(error["path"], error["message"], error["extensions"]["code"]) for error in body["errors"]] == [
        (["nodes", place], "`id` is not a global id given to this client", "BAD_USER_INPUT") for place in (1, 3)
    ]


async def test_a_citizens_app_that_takes_an_agencys_name_opens_none_of_its_ids(trial: Trial) -> None:
    now = int(time.time())
    [of_agency, *_] = await _ids(trial, "school:school-management")
    content = claims(client_id="school", citizen_id=trial.world.person("an"), acr="vneid:2", iat=now, exp=now + 60)
    answer = await trial.client.post(
        "/graphql",
        json={
            "query": "query($id: ID!) { me { identity { id } } node(id: $id) { id } }",
            "variables": {"id": of_agency},
        },
        headers={"authorization": f"Bearer {signed(content)}"},
    )
    body = answer.json()

    assert body["errors"][0]["message"] == "`id` is not a global id given to this client"
    own = KEYS.sealer(agency("school"))
    with pytest.raises(Refused):  # nor is the agency given those of the app
        own.open(body["data"]["me"]["identity"]["id"], NODE)


async def test_an_id_of_another_kind_is_refused(trial: Trial) -> None:
    caller = CALLER["school:school-management"]
    institution = await trial.answer(caller, "{ institutions(first: 1) { nodes { id } } }")
    token = institution["data"]["institutions"]["nodes"][0]["id"]
    body = await trial.answer(caller, "query($id: ID!) { learner(by: {id: $id}) { id } }", {"id": token})
    assert body["errors"][0]["message"] == "`id` is not a global id of the kind that is asked for here"
