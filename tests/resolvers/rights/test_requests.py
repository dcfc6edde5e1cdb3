"""Who may make which request about whose record, where it goes, what is disclosed by it, and who answers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from auth.errors import Refused
from auth.principal import Jurisdiction
from auth.rights.requests import Rights
from auth.rights.terms import Claim, FreeText, Right, StoredRightsRequest
from auth.state.engine import migrated_engine
from connectors.errors import SourceUnavailable
from resolvers.request.request import Request
from resolvers.rights.queue import answer, queue
from resolvers.rights.requests import RightsRequestValue, correct, requests_of_caller, submit, withdraw
from schema.build import build_schema
from tests.resolvers.contexts import KEYS, request_of
from tests.resolvers.requests import ADULT, CHILD, NOW, ROWS, Asked, citizen, citizen_asking, learner

pytestmark = pytest.mark.anyio

_, CATALOGUE = build_schema()
HANDLING = "rights-handling"
HANOI, COUNTRY = Jurisdiction(provinces=frozenset({"01"})), Jurisdiction(country=True)
CREDENTIALS = tuple(
    {"id": f"diploma of {code}", "learner_code": code, "form": "DIPLOMA", "status": "ISSUED"}
    for code in ("own", "childs", "strangers", "unlinked")
)
DIFFERING = (
    learner("own", "me", full_name="Nguyễn Ân", sex="FEMALE", ethnicity="Tày"),
    learner("other", "me", "24", full_name="Nguyễn An", sex="FEMALE"),
    learner("childs", "child", "24", "T2", birth_date=CHILD, full_name="Lê Bảo"),
    learner("unlinked", "me", link_state="UNLINKED", full_name="Nguyễn Âm"),
    learner("strangers", "stranger", full_name="Trần Bình"),
)
POPULATION = (
    citizen("me") | {"full_name": "Nguyễn An", "sex": "MALE", "birth_date": ADULT, "ethnicity": "Kinh"},
    citizen("child", CHILD) | {"full_name": "Lê Bao"},
    citizen("stranger"),
)
REGISTERS = {**ROWS, "credential": CREDENTIALS}
DISPUTED = {**REGISTERS, "learner": DIFFERING, "citizen": POPULATION}


@pytest.fixture
async def rights(fresh_state: str) -> AsyncIterator[Rights]:
    engine = await migrated_engine(fresh_state)
    yield Rights(engine, KEYS)
    await engine.dispose()


def _citizen(rights: Rights, rows: dict[str, Any] = REGISTERS, **more: Any) -> Request:
    return request_of(citizen_asking(rows=rows, **more), CATALOGUE, rights)


def _agency(rights: Rights, role: str, jurisdiction: Jurisdiction, purpose: str = HANDLING) -> Request:
    return request_of(Asked(role, purpose, jurisdiction=jurisdiction, rows=REGISTERS), CATALOGUE, rights)


@pytest.mark.parametrize(
    ("kind", "key", "person", "register", "province"),
    [
        ("Learner", "own", "me", "education", "01"),
        ("Learner", "childs", "child", "education", "24"),
        ("Credential", "diploma of own", "me", "credentials", "01"),
        ("Credential", "diploma of childs", "child", "credentials", "24"),
        ("CitizenIdentity", "me", "me", "population", None),
        ("CitizenIdentity", "child", "child", "population", None),
        ("Learner", "strangers", None, "", None),
        ("Learner", "unlinked", None, "", None),
        ("Learner", "mismatched", None, "", None),
        ("Learner", "no such", None, "", None),
        ("Credential", "diploma of strangers", None, "", None),
        ("Credential", "diploma of unlinked", None, "", None),
        ("CitizenIdentity", "stranger", None, "", None),
    ],
)
async def test_a_request_is_about_ones_own_record_or_a_childs_and_goes_to_its_register(
    rights: Rights, kind: str, key: str, person: str | None, register: str, province: str | None
) -> None:
    request = _citizen(rights)
    record = request.global_id(kind, key)

    if person is None:
        with pytest.raises(Refused, match="`record` is not a record of you or of a child"):
            await submit(request, Right.ACCESS, record, None)
        return
    made = await submit(request, Right.ACCESS, record, "Cho tôi xem")

    (kept,) = await rights.of_subjects([person])
    assert kept.claim == Claim(Right.ACCESS, register, FreeText(person, (kind, key), "Cho tôi xem"), None, province)
    assert (made.record, made.register, made.text) == (record, register, "Cho tôi xem")
    assert (made.history[0].state, made.history[0].at) == ("SUBMITTED", NOW)


async def test_an_account_without_assurance_exercises_no_right(rights: Rights) -> None:
    request = _citizen(rights, assurance=0)

    with pytest.raises(Refused):
        await submit(request, Right.ACCESS, request.global_id("Learner", "own"), None)
    assert await requests_of_caller(request) is None
    with pytest.raises(Refused) as refused:
        await withdraw(request, request.sealer.seal("rights request", 1))
    assert refused.value.code == "FORBIDDEN"


@pytest.mark.parametrize("away", ["education", "population"])
async def test_a_register_that_is_away_leaves_no_request(rights: Rights, away: str) -> None:
    request = _citizen(rights, away=frozenset({away}))
    kind, key = ("Learner", "childs") if away == "education" else ("CitizenIdentity", "child")

    with pytest.raises(SourceUnavailable):
        await submit(request, Right.ACCESS, request.global_id(kind, key), None)
    assert await rights.of_subjects(["me", "child"]) == []


@pytest.mark.parametrize(
    ("field", "kind", "key", "proposed", "expected"),
    [
        ("Learner.fullName", "Learner", "own", " Nguyễn  An", "Nguyễn An"),
        ("Learner.fullName", "Learner", "own", "Nguye\u0302\u0303n An", "Nguyễn An"),
        ("Learner.sex", "Learner", "own", "MALE", "MALE"),
        ("Learner.fullName", "Learner", "childs", "Lê Bao", "Lê Bao"),
        ("CitizenIdentity.fullName", "CitizenIdentity", "me", "Nguyễn Ân", "Nguyễn Ân"),
        ("CitizenIdentity.fullName", "CitizenIdentity", "child", "Lê Bảo", "Lê Bảo"),
        ("Learner.ethnicity", "Learner", "own", "Kinh", "Kinh"),
        ("Learner.sex", "Learner", "own", "male", "`proposedValue` must be one of MALE, FEMALE"),
        ("Learner.fullName", "Learner", "own", "", "`proposedValue` must be a text of 1 to 200"),
        ("Learner.fullName", "Learner", "own", "x" * 201, "`proposedValue` must be a text of 1 to 200"),
        ("Learner.fullName", "Learner", "own", "nguyễn ân", "`proposedValue` is what the register has already"),
        ("Learner.fullName", "Learner", "other", "Nguyễn Ân", "`coordinate` is not a field on which"),
        ("Learner.birthDate", "Learner", "own", "1990-05-02", "`coordinate` is not a field on which"),
        ("Learner.nationality", "Learner", "own", "LA", "`coordinate` is not a field on which"),
        ("Learner.phone", "Learner", "own", "0100", "`coordinate` must be a field of"),
        ("Learner.identity", "Learner", "own", "x", "`coordinate` must be a field of"),
        ("Institution.name", "Learner", "own", "x", "`coordinate` must be a field of"),
        ("fullName", "Learner", "own", "x", "`coordinate` must be a field of"),
        ("CitizenIdentity.fullName", "Learner", "own", "x", "`coordinate` is not a field of the type"),
        ("Learner.fullName", "Credential", "diploma of own", "x", "`coordinate` is not a field of the type"),
        ("Learner.fullName", "Learner", "strangers", "x", "`record` is not a record of you"),
        ("Learner.fullName", "Learner", "unlinked", "x", "`record` is not a record of you"),
    ],
)
async def test_a_correction_is_asked_for_where_registers_disagree(
    rights: Rights, field: str, kind: str, key: str, proposed: str, expected: str
) -> None:
    request = _citizen(rights, DISPUTED)
    record = request.global_id(kind, key)

    if expected.startswith("`"):
        with pytest.raises(Refused, match=expected):
            await correct(request, field, record, proposed, None)
        assert await rights.of_subjects(["me", "child"]) == []
        return
    made = await correct(request, field, record, proposed, None)
    assert (made.kind, made.coordinate, made.proposed_value) == ("CORRECTION", field, expected)


async def test_a_field_that_the_account_may_not_read_cannot_be_disputed(rights: Rights) -> None:
    request = _citizen(rights, DISPUTED, assurance=1)

    with pytest.raises(Refused, match="`coordinate` is not a field on which"):
        await correct(request, "Learner.ethnicity", request.global_id("Learner", "own"), "Kinh", None)


async def test_a_guardian_sees_and_withdraws_the_childs_requests_while_being_the_guardian(rights: Rights) -> None:
    made = await _made(rights, "child", ("Learner", "childs"))
    parent, former = _citizen(rights), _citizen(rights, {**REGISTERS, "guardianship": ()})
    id = parent.sealer.seal("rights request", made.id)

    assert await _texts(parent) == ["about child"]
    assert await _texts(former) == []
    with pytest.raises(Refused, match="`id` is not one of yours"):
        await withdraw(former, id)
    assert (await withdraw(parent, id)).state == "WITHDRAWN"


async def _made(
    rights: Rights, person: str, record: tuple[str, str], register: str = "education", province: str | None = "01"
) -> StoredRightsRequest:
    words = FreeText(person, record, f"about {person}")
    return await rights.submit(Claim(Right.OBJECTION, register, words, None, province), person, "vneid-app", NOW)


async def _texts(request: Request) -> list[str | None]:
    return [one.text for one in await requests_of_caller(request) or ()]


@pytest.mark.parametrize(
    ("role", "purpose", "jurisdiction", "queued", "denied"),
    [
        ("provincial-department", HANDLING, HANOI, {"education 01", "credentials 01"}, None),
        ("provincial-department", HANDLING, COUNTRY, {"education 01", "credentials 01", "education 24"}, None),
        ("population-service", HANDLING, COUNTRY, {"population None"}, None),
        ("population-service", HANDLING, HANOI, set(), None),
        ("provincial-department", HANDLING, Jurisdiction(), None, "OUTSIDE_JURISDICTION"),
        ("provincial-department", "school-management", HANOI, None, "PURPOSE_NOT_PERMITTED"),
        ("population-service", "residence-registration", COUNTRY, None, "PURPOSE_NOT_PERMITTED"),
        ("school", "school-management", HANOI, None, "ROLE_NOT_PERMITTED"),
        ("ministry", "statistics", COUNTRY, None, "ROLE_NOT_PERMITTED"),
        ("university", "university-admission", COUNTRY, None, "ROLE_NOT_PERMITTED"),
    ],
)
async def test_each_client_has_the_queue_that_policy_and_its_jurisdiction_give_it(
    rights: Rights, role: str, purpose: str, jurisdiction: Jurisdiction, queued: set[str] | None, denied: str | None
) -> None:
    for register, province in (("education", "01"), ("education", "24"), ("credentials", "01"), ("population", None)):
        await _made(rights, f"{register} {province}", ("Learner", "own"), register, province)
    request = _agency(rights, role, jurisdiction, purpose)

    page = await queue(request, None, None)
    found = None if page is None else {f"{one.text}".removeprefix("about ") for one in page.nodes}
    assert found == queued
    codes = {denial.code for _, denial in request.disclosure.denials}
    assert codes == ({denied} if denied else set())


async def test_an_answer_is_for_who_is_responsible(rights: Rights) -> None:
    made = await _made(rights, "me", ("Learner", "own"))
    hanoi, elsewhere, police, school = (
        _agency(rights, "provincial-department", HANOI),
        _agency(rights, "provincial-department", Jurisdiction(provinces=frozenset({"24"}))),
        _agency(rights, "population-service", COUNTRY),
        _agency(rights, "school", HANOI, "school-management"),
    )

    async def answered(request: Request) -> RightsRequestValue:
        id = request.sealer.seal("rights request", made.id)
        return await answer(request, id, "ACKNOWLEDGED", None, None)

    for other, message in ((elsewhere, "`id` is not one of yours"), (police, "`id` is not"), (school, "no register")):
        with pytest.raises(Refused, match=message):
            await answered(other)
    with pytest.raises(Refused, match="`id` is not one of yours"):
        await answer(police, hanoi.sealer.seal("rights request", made.id), "ACKNOWLEDGED", None, None)
    assert (await answered(hanoi)).state == "ACKNOWLEDGED"
