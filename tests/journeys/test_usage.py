"""The log: a citizen's own, a child's for the guardian, the Data Tracker's way to it, and what an officer sees."""

from typing import Any

import httpx2
import pytest

from tests.journeys.callers import Callers, number

pytestmark = pytest.mark.servers

CHILDS = """{ me { children { child { fullName } dataUsage(first: 8) { nodes {
    client purpose released fields { coordinate rules { id } } denied { coordinate reason } proofAfter } } } } }"""
READ = "query($n: String!) { learner(by: {citizenId: $n}) { fullName birthDate citizenId } }"
OVERSIGHT = """{ auditEntries(client: "school", first: 50) { nodes { agreement released subjects } }
    minimisationReport(client: "school") { purpose operations } alarms { kind client } }"""


def logs(served: Callers, persona: str) -> dict[str, list[dict[str, Any]]]:
    """Return the logs of the persona's children by their names."""
    answer = served.ask(persona, CHILDS)
    assert answer.errors == [], answer.errors
    return {one["child"]["fullName"]: one["dataUsage"]["nodes"] for one in answer.data["me"]["children"]}


def find_usage(served: Callers, persona: str, query: str = "") -> "httpx2.Response":
    headers = {"Authorization": f"Bearer {served.token(persona)}", "Accept-Language": "vi"}
    return httpx2.get(f"{served.url}/v3/findUsage{query}", headers=headers, timeout=20)


def test_a_guardian_sees_who_read_of_the_child_and_is_seen_doing_so(served: Callers) -> None:
    assert served.ask("school", READ, {"n": number("child-15")}).data["learner"]["fullName"] == "Phạm Ngọc Diệp"
    [entry] = [one for one in logs(served, "parent")["Phạm Ngọc Diệp"] if one["client"] == "school"][:1]
    assert {"coordinate": "Learner.fullName", "rules": [{"id": "school-school-management"}]} in entry["fields"]
    assert [one["coordinate"] for one in entry["denied"]] == ["Learner.citizenId"]
    assert entry["proofAfter"] is not None

    own = served.ask("child-15", "{ me { dataUsage(first: 9) { nodes { client released } } } }")
    assert {"client": "vneid-app", "released": ["Guardianship.dataUsage"]} in [
        {**one, "released": [field for field in one["released"] if field == "Guardianship.dataUsage"]}
        for one in own.data["me"]["dataUsage"]["nodes"]
    ]


def test_nobody_else_has_the_childs_log(served: Callers) -> None:
    assert logs(served, "graduate") == {}
    assert set(logs(served, "parent")) == {"Phạm Gia Bảo", "Phạm Ngọc Diệp"}


def test_the_data_tracker_is_given_the_same_log(served: Callers) -> None:
    served.ask("school", READ, {"n": number("child-15")})
    response = find_usage(served, "child-15", "?limit=50")
    assert response.status_code == 200
    schools = [one for one in response.json()["dataResponses"] if one["initiatorOrg"]["name"] == "school"]
    assert schools[0]["purpose"] == "Quản lý trường học"
    assert number("child-15") not in response.text
    assert find_usage(served, "school").status_code in (400, 403)
    assert find_usage(served, "child-15", f"?userCode={number('child-15')}").status_code == 400


def test_an_officer_oversees_without_learning_who_it_was(served: Callers) -> None:
    served.ask("school", READ, {"n": number("child-15")})
    answer = served.ask("officer", OVERSIGHT)
    assert answer.errors == []
    assert "Learner.fullName" in answer.data["auditEntries"]["nodes"][0]["released"]
    assert answer.data["minimisationReport"][0]["purpose"] == "school-management"
    assert number("child-15") not in answer.text
    denied = served.ask("dept-hanoi", OVERSIGHT)
    assert set(denied.data.values()) == {None}
