"""What a consent would release is decided by the recipient's own table; who speaks for a child by the register."""

from datetime import date
from typing import Any

import pytest

from connectors.errors import SourceUnavailable
from resolvers.consent.releases import every, released
from resolvers.guardianships import RegisteredGuardians
from schema.build import build_schema
from tests.auth.policies import profile
from tests.leaks.callers import CALLER
from tests.leaks.trial import Trial
from tests.resolvers.requests import NOW, POLICIES, Noting, guardianship

pytestmark = pytest.mark.anyio

_, CATALOGUE = build_schema()
ALWAYS = {"Learner.id"}
CREDENTIAL_STATUS = {
    "Learner.credentials",
    "Credential.id",
    "Credential.status",
    "Credential.statusOn",
    "Credential.statusReason",
}


def coordinates(role: str, purpose: str, *categories: str) -> set[str]:
    table = POLICIES.table(profile(role, purpose), NOW.date())
    return {one.coordinate for one in every(released(CATALOGUE, table, frozenset(categories)))}


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        (["identity.name"], {"Learner.fullName"}),
        (["learner.record"], set()),
        # the way to credentials is their status: without it the rest leads nowhere
        (["credential"], set()),
        (["credential.status"], CREDENTIAL_STATUS),
        (
            ["credential.status", "credential.number"],
            CREDENTIAL_STATUS | {"Credential.serial", "Credential.registerNumber"},
        ),
        # policy opens none of these to an employer, whatever the person says
        (["identity.birth", "schooling.discipline", "identity.religion", "residence.period"], set()),
    ],
)
def test_what_an_employer_would_read(categories: list[str], expected: set[str]) -> None:
    assert coordinates("employer", "diploma-verification", *categories) == expected | ALWAYS


def test_behind_an_edge_only_what_is_consented_to() -> None:
    schooling = coordinates("university", "university-admission", "schooling")
    assert {"Learner.enrolments", "Enrolment.schoolYear", "Enrolment.institution", "Learner.institution"} <= schooling
    assert not schooling & {"Enrolment.averageMark", "Enrolment.conduct", "Enrolment.discipline", "Learner.fullName"}
    marks = coordinates("university", "university-admission", "schooling", "schooling.result")
    assert marks - schooling == {"Enrolment.averageMark", "Enrolment.conduct"}


def test_an_agency_that_reads_by_law_gets_nothing_more_by_consent() -> None:
    assert coordinates("examination-office", "admission-priority", "identity.name", "schooling") == set()


@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [
        (None, None, True),
        (date(2026, 11, 21), None, True),
        (date(2026, 11, 22), None, False),
        (None, date(2026, 11, 22), True),
        (None, date(2026, 11, 21), False),
    ],
)
async def test_a_guardianship_counts_on_the_day_of_reading(start: date | None, end: date | None, counts: bool) -> None:
    register = Noting("population", {"guardianship": (guardianship("mother", "child", start, end),)})
    found = await RegisteredGuardians(register).of(["child", "other"], NOW.date())

    assert found == ({"child": frozenset({"mother"})} if counts else {})


async def test_a_register_that_is_away_is_no_guardian() -> None:
    with pytest.raises(SourceUnavailable):
        await RegisteredGuardians(Noting("population", {}, away=True)).of(["child"], NOW.date())


CITIZEN = CALLER["citizen an:2"]
NOTICE = """query($terms: ConsentTermsInput!) { me {
  identity { fullName } consentNotice(terms: $terms, language: VI) { digest } } }"""
TERMS = {"recipient": "employer", "purpose": "diploma-verification", "until": "2099-12-31"}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"categories": ["credential"]}, "`categories[0]` opens nothing without `credential.status`"),
        (
            {"categories": ["credential.status", "credential.number", "identity.birth"]},
            "`categories[2]` is not one that consent opens to this recipient for this purpose",
        ),
        ({"categories": ["credential.status"], "until": "2020-01-01"}, "`until` has already passed"),
        (
            {"categories": ["credential.status"], "recipient": "nobody"},
            "`recipient` is not a client that may receive data",
        ),
    ],
)
async def test_no_text_is_shown_for_terms_that_cannot_stand_and_nothing_beside_it_is_lost(
    trial: Trial, changed: dict[str, Any], message: str
) -> None:
    body = await trial.answer(CITIZEN, NOTICE, {"terms": {**TERMS, **changed}})
    person = trial.world.row("citizen", trial.world.person("an"))
    assert person is not None

    assert body["data"] == {"me": {"identity": {"fullName": person["full_name"]}, "consentNotice": None}}
    assert [(error["path"], error["message"]) for error in body["errors"]] == [(["me", "consentNotice"], message)]


async def test_a_text_is_shown_for_terms_that_open_something(trial: Trial) -> None:
    terms = {**TERMS, "categories": ["credential", "credential.status", "credential.number"]}
    body = await trial.answer(CITIZEN, NOTICE, {"terms": terms})

    assert "errors" not in body
    assert len(body["data"]["me"]["consentNotice"]["digest"]) > 20
