"""Consents as citizens give and withdraw them, and what the very next read then has."""

from typing import Any

import pytest

from tests.leaks.callers import CALLER, Caller
from tests.leaks.trial import Trial

pytestmark = pytest.mark.anyio

AN, STRANGER, EMPLOYER = CALLER["citizen an:2"], CALLER["citizen stranger:2"], CALLER["employer:diploma-verification"]
GRANT = """mutation($input: GrantConsentInput!) {
    grantConsent(input: $input) { id recipient categories effective lacks withdrawnAt } }"""
WITHDRAW = "mutation($id: ID!) { withdrawConsent(id: $id) { effective withdrawnAt } }"
READ = "query($code: ID!) { learner(by: {sectorCode: $code}) { fullName credentials { title serial } } }"


def terms(*categories: str, **more: Any) -> dict[str, Any]:
    given = {"recipient": "employer", "purpose": "diploma-verification", "until": "2090-01-01"}
    return {"input": {**given, "categories": list(categories), **more}}


async def read(trial: Trial, learner: str) -> Any:
    body = await trial.answer(EMPLOYER, READ, {"code": trial.world.learner(learner)["sector_code"]})
    return body["data"]["learner"]


async def message(trial: Trial, caller: Caller, query: str, variables: dict[str, Any]) -> str:
    body = await trial.answer(caller, query, variables)
    return str(body["errors"][0]["message"])


async def test_what_is_consented_to_is_read_until_it_is_withdrawn(trial: Trial) -> None:
    assert await read(trial, "self") is None
    granted = await trial.answer(AN, GRANT, terms("credential.status", "credential"))
    consent = granted["data"]["grantConsent"]
    assert (consent["effective"], consent["lacks"]) == (True, [])
    titles = {row["title"] for row in trial.world.rows["credential"]}
    found = await read(trial, "self")
    assert found["fullName"] is None
    assert [one["serial"] for one in found["credentials"]] == [None, None]
    assert {one["title"] for one in found["credentials"]} < titles
    withdrawn = await trial.answer(AN, WITHDRAW, {"id": consent["id"]})
    assert withdrawn["data"]["withdrawConsent"]["effective"] is False
    assert await read(trial, "self") is None


async def test_a_consent_opens_no_record_that_only_claims_to_be_ones_own(trial: Trial) -> None:
    await trial.answer(AN, GRANT, terms("identity.name"))
    assert await read(trial, "unlinked") is None
    assert await read(trial, "mismatched") is None


async def test_child_and_guardian_both_agree_for_a_child_of_seven_or_more(trial: Trial) -> None:
    children = await trial.answer(AN, "{ me { children { child { id learners { id } } } } }")
    child = children["data"]["me"]["children"][0]["child"]["id"]
    half = await trial.answer(AN, GRANT, terms("identity.name", child=child))
    assert (half["data"]["grantConsent"]["effective"], half["data"]["grantConsent"]["lacks"]) == (False, ["SUBJECT"])
    assert await read(trial, "child") is None
    whole = await trial.answer(CALLER["citizen child:2"], GRANT, terms("identity.name"))
    assert (whole["data"]["grantConsent"]["effective"], whole["data"]["grantConsent"]["lacks"]) == (True, [])
    assert (await read(trial, "child"))["fullName"] == trial.world.learner("child")["full_name"]


async def test_nobody_consents_for_somebody_else(trial: Trial) -> None:
    own = await trial.answer(STRANGER, "{ me { identity { id } } }")
    stranger = own["data"]["me"]["identity"]["id"]
    refused = "`child` is not you or a child you are responsible for"
    assert await message(trial, AN, GRANT, terms("schooling", child=stranger)) == refused
    assert await message(trial, EMPLOYER, GRANT, terms("schooling")) == "only a citizen decides about consents"


async def test_nobody_withdraws_the_consent_of_somebody_else(trial: Trial) -> None:
    granted = await trial.answer(AN, GRANT, terms("identity.name"))
    consent = granted["data"]["grantConsent"]["id"]
    assert await message(trial, STRANGER, WITHDRAW, {"id": consent}) == "`id` is not a consent that you may withdraw"
    garbled = await message(trial, STRANGER, WITHDRAW, {"id": consent[:-2] + "xx"})
    assert garbled == "`id` is not the id of a consent given to this client"
    assert (await read(trial, "self"))["fullName"] is not None


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (terms("identity.name", recipient="nobody known"), "`recipient` is not a client that may receive data"),
        (terms("identity.name", purpose="curiosity"), "`purpose` is not a purpose of reading"),
        (terms("identity.name", "everything"), "`categories[1]` is not a data category"),
        (terms(), "`categories` must name at least one"),
        (terms("identity.name", until="2020-01-01"), "`until` has already passed"),
    ],
)
async def test_terms_that_name_nothing_known_are_refused(trial: Trial, variables: Any, expected: str) -> None:
    assert await message(trial, AN, GRANT, variables) == expected


async def test_a_citizen_sees_the_consents_about_oneself_alone(trial: Trial) -> None:
    await trial.answer(AN, GRANT, terms("identity.name"))
    own = await trial.answer(AN, "{ me { consents { recipient purpose categories effective } } }")
    assert own["data"]["me"]["consents"] == [
        {
            "recipient": "employer",
            "purpose": "diploma-verification",
            "categories": ["identity.name"],
            "effective": True,
        }
    ]
    other = await trial.answer(STRANGER, "{ me { consents { recipient effective } } }")
    assert [one["effective"] for one in other["data"]["me"]["consents"]] == [False, True, True]
