"""Access by a dossier: it opens with it, for its subject and what its procedure needs, and closes with it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from auth.dossiers.store import Dossiers
from auth.dossiers.terms import Opener, Opening
from auth.state.engine import migrated_engine
from resolvers.request.request import NODE
from tests.auth.recipients import app
from tests.leaks.callers import CALLER, CITIZENS, Caller
from tests.leaks.trial import KEYS, Trial

pytestmark = pytest.mark.anyio

STRANGER, AN, CHILD = (CALLER[f"citizen {name}:2"] for name in ("stranger", "an", "child"))
DEPARTMENT = CALLER["department:diploma-correction"]
SCHOOL, EXAMS = CALLER["school:school-management"], CALLER["exam-office:admission-priority"]
DOSSIER = "{ id number agency state subject openedBy procedure { code } }"
OPEN = f"""mutation($procedure: String!, $agency: String!, $child: ID) {{
    openDossier(procedure: $procedure, agency: $agency, child: $child) {DOSSIER} }}"""
RECEIVE = f"""mutation($procedure: String!, $number: String!, $person: String!) {{
    receiveDossier(procedure: $procedure, number: $number, personNumber: $person) {DOSSIER} }}"""
CLOSE = "mutation($number: String!) { closeDossier(number: $number, outcome: COMPLETED) { state closedAt } }"
WITHDRAW = "mutation($id: ID!) { withdrawDossier(id: $id) { state } }"
OWN = f"{{ me {{ dossiers {DOSSIER} }} }}"
MINE = f"{{ myDossiers {{ nodes {DOSSIER} pageInfo {{ hasNextPage }} }} }}"
READ = """query($code: ID!) { learner(by: {sectorCode: $code}) {
    fullName birthDate status credentials { serial } identity { fullName } } }"""


async def opened(trial: Trial, citizen: Caller = STRANGER, procedure: str = "diploma-reissue", **more: Any) -> Any:
    given = {"procedure": procedure, "agency": "department", **more}
    return (await trial.answer(citizen, OPEN, given))["data"]["openDossier"]


async def read(trial: Trial, learner: str, case: str | None, caller: Caller = DEPARTMENT) -> dict[str, Any]:
    code = trial.world.learner(learner)["sector_code"]
    return await trial.answer(replace(caller, case=case or ""), READ, {"code": code})


def codes(body: Mapping[str, Any]) -> set[str]:
    return {one["code"] for one in body["extensions"]["access"]["denials"]}


def refusal(body: Mapping[str, Any]) -> tuple[str, str]:
    (error,) = body["errors"]
    return error["extensions"]["code"], error["message"]


async def test_access_opens_with_the_dossier_and_closes_with_the_very_next_request(trial: Trial) -> None:
    before = await read(trial, "stranger", None)
    dossier = await opened(trial)
    during = await read(trial, "stranger", dossier["number"])
    closed = await trial.answer(DEPARTMENT, CLOSE, {"number": dossier["number"]})
    after = await read(trial, "stranger", dossier["number"])

    assert before["data"] == after["data"] == {"learner": None}
    assert codes(before) == codes(after) == {"CASE_REQUIRED"}
    assert during["data"]["learner"]["identity"] is not None
    assert len(during["data"]["learner"]["credentials"]) == 2
    assert closed["data"]["closeDossier"]["state"] == "COMPLETED"


async def test_only_what_the_procedure_needs_is_open_and_of_its_subject_alone(trial: Trial) -> None:
    number = (await opened(trial))["number"]

    learner = (await read(trial, "stranger", number))["data"]["learner"]
    others = [(await read(trial, one, number))["data"] for one in ("self", "child", "two-b", "lost")]

    assert learner["fullName"] == trial.world.learner("stranger")["full_name"]
    assert (learner["birthDate"], learner["status"]) == (None, None)
    assert others == [{"learner": None}] * 4


async def test_a_number_that_opens_nothing_does_not_tell_why(trial: Trial) -> None:
    other_purpose = await opened(trial, procedure="graduation-recognition")
    closed = await opened(trial)
    await trial.answer(STRANGER, WITHDRAW, {"id": closed["id"]})
    of_another = await opened(trial, procedure="admission-priority", agency="exam-office")
    lapsed = await _lapsed(trial)

    none = await read(trial, "stranger", None)
    for number in ("H26-404", closed["number"], other_purpose["number"], of_another["number"], lapsed):
        assert await read(trial, "stranger", number) == none


async def _lapsed(trial: Trial) -> str:
    """Open a dossier whose last day was yesterday, and return its number."""
    now = datetime.now(UTC)
    engine = await migrated_engine(f"sqlite+aiosqlite:///{trial.folder}/state.sqlite")
    subject = trial.world.person("stranger")
    known = KEYS.kept_subjects("department").seal(NODE, ("CitizenIdentity", subject))
    yesterday: date = now.date() - timedelta(days=1)
    opening = Opening("department", "diploma-reissue", "LAPSED-1", Opener.AGENCY, yesterday, yesterday, known)
    await Dossiers(engine, KEYS).open(opening, subject, now, now.date())
    await engine.dispose()
    shown = (await trial.answer(STRANGER, OWN))["data"]["me"]["dossiers"]
    assert {"LAPSED-1": "LAPSED"}.items() <= {one["number"]: one["state"] for one in shown}.items()
    return opening.number


async def test_a_guardian_opens_a_childs_dossier_and_nobody_elses(trial: Trial) -> None:
    child, ward, stranger = (_known(trial, name) for name in ("child", "ward", "stranger"))
    dossier = await opened(trial, AN, child=child)

    assert dossier["openedBy"] == "GUARDIAN"
    assert dossier["subject"] == child
    assert (await read(trial, "child", dossier["number"]))["data"]["learner"] is not None
    assert (await read(trial, "self", dossier["number"]))["data"]["learner"] is None
    # the child sees it as well, and may withdraw it
    (own,) = (await trial.answer(CHILD, OWN))["data"]["me"]["dossiers"]
    assert own["number"] == dossier["number"]
    assert (await trial.answer(CHILD, WITHDRAW, {"id": own["id"]}))["data"]["withdrawDossier"]["state"] == "WITHDRAWN"
    for other in (ward, stranger, _known(trial, "an")):
        body = await trial.answer(AN, OPEN, {"procedure": "diploma-reissue", "agency": "department", "child": other})
        assert refusal(body)[1] == "`child` is not a child you are responsible for"


def _known(trial: Trial, name: str) -> str:
    return KEYS.sealer(app(CITIZENS)).seal(NODE, ("CitizenIdentity", trial.world.person(name)))


async def test_a_dossier_on_paper_is_seen_by_its_subject_at_once(trial: Trial) -> None:
    given = {"procedure": "diploma-reissue", "number": "H26.1-261121-0001", "person": trial.world.person("stranger")}
    received = (await trial.answer(DEPARTMENT, RECEIVE, given))["data"]["receiveDossier"]

    shown = (await trial.answer(STRANGER, OWN))["data"]["me"]["dossiers"]
    used = (await trial.answer(STRANGER, "{ me { dataUsage { nodes { client released } } } }"))["data"]["me"]
    assert ("H26.1-261121-0001", "AGENCY") in {(one["number"], one["openedBy"]) for one in shown}
    assert {"client": "department", "released": ["Mutation.receiveDossier"]} in used["dataUsage"]["nodes"]
    assert (await read(trial, "stranger", received["number"]))["data"]["learner"] is not None


async def test_receiving_for_a_number_of_nobody_looks_the_same(trial: Trial) -> None:
    body = await trial.answer(
        DEPARTMENT, RECEIVE, {"procedure": "diploma-reissue", "number": "H26-2", "person": "001099999999"}
    )

    assert body["data"]["receiveDossier"]["state"] == "OPEN"


@pytest.mark.parametrize(
    ("caller", "query", "given", "code"),
    [
        (SCHOOL, RECEIVE, {"procedure": "diploma-reissue", "number": "1", "person": "001099999999"}, "FORBIDDEN"),
        (EXAMS, RECEIVE, {"procedure": "admission-priority", "number": "1", "person": "001099999999"}, "FORBIDDEN"),
        (STRANGER, RECEIVE, {"procedure": "diploma-reissue", "number": "1", "person": "001099999999"}, "FORBIDDEN"),
        (DEPARTMENT, RECEIVE, {"procedure": "grade-1-admission", "number": "1", "person": "001099999999"}, ""),
        (DEPARTMENT, RECEIVE, {"procedure": "diploma-reissue", "number": "001099999999", "person": "1"}, ""),
        (DEPARTMENT, RECEIVE, {"procedure": "no such", "number": "1", "person": "001099999999"}, ""),
        (SCHOOL, CLOSE, {"number": "H26-1"}, "FORBIDDEN"),
        (STRANGER, CLOSE, {"number": "H26-1"}, "FORBIDDEN"),
        (DEPARTMENT, CLOSE, {"number": "H26-1"}, ""),
        (DEPARTMENT, OPEN, {"procedure": "diploma-reissue", "agency": "department"}, "UNAUTHENTICATED"),
        (STRANGER, OPEN, {"procedure": "diploma-reissue", "agency": "exam-office"}, ""),
        (STRANGER, OPEN, {"procedure": "diploma-reissue", "agency": "nobody"}, ""),
        (STRANGER, OPEN, {"procedure": "no such", "agency": "department"}, ""),
        (CALLER["citizen an:0"], OPEN, {"procedure": "diploma-reissue", "agency": "department"}, "FORBIDDEN"),
        (STRANGER, MINE, {}, "UNAUTHENTICATED"),
    ],
)
async def test_who_may_not_is_refused(
    trial: Trial, caller: Caller, query: str, given: Mapping[str, str], code: str
) -> None:
    assert refusal(await trial.answer(caller, query, given))[0] == (code or "BAD_USER_INPUT")


async def test_an_agency_lists_its_own_for_the_purpose_and_each_listing_is_in_the_log(trial: Trial) -> None:
    number = (await opened(trial))["number"]

    mine = (await trial.answer(DEPARTMENT, MINE))["data"]["myDossiers"]
    others = (await trial.answer(EXAMS, MINE))["data"]["myDossiers"]
    used = (await trial.answer(STRANGER, "{ me { dataUsage { nodes { released } } } }"))["data"]["me"]["dataUsage"]

    assert number in [one["number"] for one in mine["nodes"]]
    assert all(trial.opened(DEPARTMENT, one["subject"]) == trial.world.person("stranger") for one in mine["nodes"])
    assert others["nodes"] == []
    assert {"released": ["Query.myDossiers"]} in used["nodes"]
    body = await trial.answer(SCHOOL, MINE)
    assert (body["data"]["myDossiers"], codes(body)) == (None, {"ROLE_NOT_PERMITTED"})


async def test_without_an_open_dossier_what_only_one_opens_is_not_even_fetched(trial: Trial) -> None:
    trial.statements.clear()
    await read(trial, "stranger", "H26-404")

    assert [one for one in trial.statements if "learners" in one] == []
