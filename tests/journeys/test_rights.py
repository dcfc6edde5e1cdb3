"""Citizens see where registers contradict each other, ask for corrections, and follow their requests."""

from typing import Any

import pytest

from tests.journeys.callers import Answer, Callers

pytestmark = pytest.mark.servers

CONFLICTS = """{ me { learners { id sectorCode conflicts {
  fullName { ...One } birthDate { ...One } sex { ...One } ethnicity { ...One } nationality { ...One }
} } } } fragment One on Conflict { coordinate registers { register asOf } }"""
RECORDS = "{ me { identity { id } learners { id sectorCode credentials { id } } } }"
CHILDREN = "{ me { children { child { id fullName learners { id } } } } }"
FIELDS = """id kind register coordinate text proposedValue state acknowledgeBy completeBy overdue
  history { state client ground { name citation } }"""
SUBMIT = f"mutation ($input: RightsRequestInput!) {{ submitRightsRequest(input: $input) {{ {FIELDS} record }} }}"
CORRECT = f"mutation ($input: CorrectionInput!) {{ correctionRequest(input: $input) {{ {FIELDS} }} }}"
WITHDRAW = "mutation ($id: ID!) { withdrawRightsRequest(id: $id) { state overdue history { state } } }"
OWN = f"{{ me {{ rightsRequests {{ {FIELDS} }} }} }}"
QUEUE = f"""query ($first: Int, $after: String) {{ rightsQueue(first: $first, after: $after) {{
  nodes {{ {FIELDS} record }} pageInfo {{ hasNextPage endCursor }} }} }}"""
ANSWER = f"""mutation ($id: ID!, $decision: RightsDecision!, $reason: String, $third: Boolean) {{
  answerRightsRequest(id: $id, decision: $decision, reason: $reason, thirdParties: $third) {{ {FIELDS} }} }}"""
HANDLING = "rights-handling"
WRITTEN = "Tên trong học bạ thừa dấu sắc"


def _learner(served: Callers, persona: str, place: int = 0) -> Any:
    return served.ask(persona, RECORDS).data["me"]["learners"][place]


def _queue(served: Callers, persona: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = served.ask(persona, QUEUE, {"first": 2, "after": after}, HANDLING).data["rightsQueue"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def _queued(served: Callers, persona: str, text: str) -> dict[str, Any]:
    (one,) = [one for one in _queue(served, persona) if one["text"] == text]
    return one


def _answered(served: Callers, persona: str, id: str, decision: str, **more: Any) -> Answer:
    return served.ask(persona, ANSWER, {"id": id, "decision": decision, **more}, HANDLING)


@pytest.mark.parametrize(
    ("persona", "expected"),
    [
        ("twin-b", [{"fullName"}]),
        ("two-records", [{"birthDate"}, set()]),
        ("code-24", [{"ethnicity"}]),
        ("graduate", [set()]),
    ],
)
def test_a_citizen_sees_on_which_fields_the_registers_differ(
    served: Callers, persona: str, expected: list[set[str]]
) -> None:
    answer = served.ask(persona, CONFLICTS)
    learners = sorted(answer.data["me"]["learners"], key=lambda one: one["sectorCode"])
    assert [{name for name, one in learner["conflicts"].items() if one} for learner in learners] == expected
    for learner in learners:
        for name, one in learner["conflicts"].items():
            if one is not None:
                assert one["coordinate"] == f"Learner.{name}"
                assert [side["register"] for side in one["registers"]] == ["education", "population"]
    assert answer.denied() == {}


def test_an_agency_is_told_of_conflicts_within_what_it_may_read(served: Callers) -> None:
    query = "query ($code: ID!) { learner(by: {sectorCode: $code}) { conflicts { fullName { coordinate } nationality { coordinate } } } }"  # noqa: E501
    seen = served.ask("dept-hanoi", query, {"code": "0199000012"})
    assert seen.data["learner"]["conflicts"] == {"fullName": {"coordinate": "Learner.fullName"}, "nationality": None}
    assert seen.denied() == {"LearnerConflicts.nationality": "ROLE_NOT_PERMITTED"}
    assert "Khanh" not in seen.text

    assert served.ask("dept-hanoi", query, {"code": "2499000014"}).data == {"learner": None}


def test_a_correction_is_asked_for_queued_answered_and_followed(served: Callers) -> None:
    learner = _learner(served, "twin-b")["id"]
    given = {
        "coordinate": "Learner.fullName",
        "record": learner,
        "proposedValue": "Trần  Minh Khanh",
        "text": WRITTEN,
    }
    made = served.ask("twin-b", CORRECT, {"input": given}).data["correctionRequest"]
    assert (made["kind"], made["register"], made["state"]) == ("CORRECTION", "education", "SUBMITTED")
    assert (made["proposedValue"], made["text"], made["overdue"]) == ("Trần Minh Khanh", WRITTEN, False)

    queued = _queued(served, "dept-hanoi", WRITTEN)
    assert queued["proposedValue"] == "Trần Minh Khanh"
    assert queued["id"] != made["id"]  # an id is one client's
    assert queued["record"] != learner
    seen = served.ask(
        "dept-hanoi", "query ($id: ID!) { learner(by: {id: $id}) { sectorCode } }", {"id": queued["record"]}
    )
    assert seen.data == {"learner": {"sectorCode": "0199000012"}}

    for decision in ("ACKNOWLEDGED", "ACCEPTED", "COMPLETED"):
        answered = _answered(served, "dept-hanoi", queued["id"], decision).data["answerRightsRequest"]
    assert answered["state"] == "COMPLETED"
    assert WRITTEN not in [one["text"] for one in _queue(served, "dept-hanoi")]

    own = served.ask("twin-b", OWN).data["me"]["rightsRequests"][0]
    assert [(step["state"], step["client"]) for step in own["history"]] == [
        ("SUBMITTED", "vneid-app"),
        ("ACKNOWLEDGED", "dept-hanoi"),
        ("ACCEPTED", "dept-hanoi"),
        ("COMPLETED", "dept-hanoi"),
    ]
    usage = served.ask("twin-b", "{ me { dataUsage(first: 20) { nodes { client purpose released } } } }")
    read = [one for one in usage.data["me"]["dataUsage"]["nodes"] if one["client"] == "dept-hanoi"]
    assert {(one["purpose"], *one["released"]) for one in read} >= {
        (HANDLING, "Query.rightsQueue"),
        (HANDLING, "Mutation.answerRightsRequest"),
    }


def test_a_refusal_names_its_legal_ground_and_reaches_the_citizen(served: Callers) -> None:
    given = {"kind": "DELETION", "record": _learner(served, "graduate")["id"], "text": "Xin xóa hồ sơ"}
    served.ask("graduate", SUBMIT, {"input": given})
    queued = _queued(served, "dept-hanoi", "Xin xóa hồ sơ")

    assert "`reason`" in _answered(served, "dept-hanoi", queued["id"], "REFUSED").errors[0]["message"]
    refused = _answered(served, "dept-hanoi", queued["id"], "REFUSED", reason="kept-by-law").data
    assert refused["answerRightsRequest"]["state"] == "REFUSED"
    (own,) = [one for one in served.ask("graduate", OWN).data["me"]["rightsRequests"] if one["kind"] == "DELETION"]
    assert own["history"][-1]["ground"]["name"] == "kept-by-law"
    assert own["history"][-1]["ground"]["citation"].startswith("Law 91/2025/QH15")


@pytest.mark.parametrize(
    ("record", "register", "responsible", "others"),
    [
        ("learner", "education", "dept-hanoi", ["police"]),
        ("credential", "credentials", "dept-hanoi", ["police"]),
        ("identity", "population", "police", ["dept-hanoi"]),
    ],
)
def test_a_request_reaches_who_is_responsible_for_the_register_and_nobody_else(
    served: Callers, record: str, register: str, responsible: str, others: list[str]
) -> None:
    me = served.ask("revoked", RECORDS).data["me"]
    learner = me["learners"][0]
    ids = {"learner": learner["id"], "credential": learner["credentials"][0]["id"], "identity": me["identity"]["id"]}
    text = f"Phản đối xử lý: {register}"
    made = served.ask("revoked", SUBMIT, {"input": {"kind": "OBJECTION", "record": ids[record], "text": text}})
    assert made.data["submitRightsRequest"]["register"] == register

    queued = _queued(served, responsible, text)
    for other in others:
        assert text not in [one["text"] for one in _queue(served, other)]
        refused = _answered(served, other, queued["id"], "ACCEPTED")
        assert refused.errors[0]["message"] == "`id` is not one of yours"
    later = _answered(served, responsible, queued["id"], "ACKNOWLEDGED", third=True).data["answerRightsRequest"]
    assert later["completeBy"] > queued["completeBy"]


def test_a_department_of_another_province_has_not_this_provinces_requests(served: Callers) -> None:
    learner = _learner(served, "code-24")["id"]
    served.ask("code-24", SUBMIT, {"input": {"kind": "ACCESS", "record": learner, "text": "ở Bắc Ninh"}})
    assert "ở Bắc Ninh" not in [one["text"] for one in _queue(served, "dept-hanoi")]


def test_a_guardian_asks_for_a_child_who_sees_it_and_may_withdraw(served: Callers) -> None:
    children = served.ask("parent", CHILDREN).data["me"]["children"]
    (learner,) = [one["child"]["learners"][0]["id"] for one in children if one["child"]["fullName"] == "Phạm Ngọc Diệp"]
    made = served.ask("parent", SUBMIT, {"input": {"kind": "RESTRICTION", "record": learner}})
    id = made.data["submitRightsRequest"]["id"]

    assert [one["id"] for one in served.ask("child-15", OWN).data["me"]["rightsRequests"]] == [id]
    assert id in [one["id"] for one in served.ask("parent", OWN).data["me"]["rightsRequests"]]
    assert id not in [one["id"] for one in served.ask("child-7", OWN).data["me"]["rightsRequests"]]
    assert served.ask("graduate", WITHDRAW, {"id": id}).errors[0]["message"] == "`id` is not one of yours"
    withdrawn = served.ask("child-15", WITHDRAW, {"id": id}).data["withdrawRightsRequest"]
    assert [step["state"] for step in withdrawn["history"]] == ["SUBMITTED", "WITHDRAWN"]
    again = served.ask("parent", WITHDRAW, {"id": id})
    assert again.errors[0]["message"] == "`id` is a request that is closed already"


SECRET = "001203000001"


@pytest.mark.parametrize(
    ("persona", "document", "change", "named"),
    [
        ("graduate", SUBMIT, {"record": SECRET}, "`record`"),
        ("graduate", SUBMIT, {"record": "of twin-b"}, "`record`"),
        ("graduate", SUBMIT, {"text": ""}, "`text`"),
        ("graduate", SUBMIT, {"text": SECRET * 200}, "`text`"),
        ("twin-b", CORRECT, {"record": "of graduate"}, "`record`"),
        ("twin-b", CORRECT, {"coordinate": "Learner.birthDate"}, "`coordinate`"),
        ("twin-b", CORRECT, {"coordinate": f"Learner.{SECRET}"}, "`coordinate`"),
        ("twin-b", CORRECT, {"coordinate": "Learner.phone"}, "`coordinate`"),
        ("twin-b", CORRECT, {"coordinate": "CitizenIdentity.fullName"}, "`coordinate`"),
        ("twin-b", CORRECT, {"proposedValue": " "}, "`proposedValue`"),
        ("twin-b", CORRECT, {"proposedValue": "trần minh KHÁNH"}, "`proposedValue`"),
        ("twin-b", CORRECT, {"proposedValue": SECRET * 20}, "`proposedValue`"),
        ("two-records", CORRECT, {"coordinate": "Learner.birthDate", "proposedValue": SECRET}, "`proposedValue`"),
        ("employer", SUBMIT, {}, "only a citizen"),
        (None, SUBMIT, {}, "only a citizen"),
    ],
)
def test_what_cannot_be_asked_is_named_and_not_echoed(
    served: Callers, persona: str | None, document: str, change: dict[str, str], named: str
) -> None:
    own = persona if persona in ("graduate", "twin-b", "two-records") else "graduate"
    given = {"record": _learner(served, own)["id"]}
    given |= {"kind": "ACCESS"} if document == SUBMIT else {"coordinate": "Learner.fullName", "proposedValue": "Ai đó"}
    given |= change
    if given["record"].startswith("of "):
        given["record"] = _learner(served, given["record"].removeprefix("of "))["id"]
    answer = served.ask(persona, document, {"input": given})
    assert named in answer.errors[0]["message"]
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("persona", "purpose", "code"),
    [
        ("dept-hanoi", "school-management", "PURPOSE_NOT_PERMITTED"),
        ("employer", "diploma-verification", "ROLE_NOT_PERMITTED"),
        ("graduate", None, "NOT_THE_SUBJECT"),
        (None, None, "AUTHENTICATION_REQUIRED"),
    ],
)
def test_the_queue_is_closed_to_everybody_else_with_a_reason(
    served: Callers, persona: str | None, purpose: str | None, code: str
) -> None:
    answer = served.ask(persona, QUEUE, {}, purpose)
    assert answer.data == {"rightsQueue": None}
    assert answer.denied() == {"Query.rightsQueue": code}
    refused = served.ask(persona, ANSWER, {"id": "x", "decision": "ACCEPTED"}, purpose)
    assert refused.errors[0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("given", "named"), [({"first": 0}, "`first`"), ({"first": 101}, "`first`"), ({"after": "x"}, "`after`")]
)
def test_a_page_that_cannot_be_is_named(served: Callers, given: dict[str, Any], named: str) -> None:
    assert named in served.ask("dept-hanoi", QUEUE, given, HANDLING).errors[0]["message"]


def test_nothing_that_was_written_is_in_the_log(served: Callers) -> None:
    log = (served.data / "log").read_text()
    assert not any(secret in log for secret in (WRITTEN, "Minh Khanh", SECRET))
