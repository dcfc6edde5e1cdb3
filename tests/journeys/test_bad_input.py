"""Bad input gets a clear error that names what was wrong, echoes no personal value, and is never a 500."""

import httpx2
import pytest

from tests.journeys.callers import Callers

pytestmark = pytest.mark.servers

SECRET = "079203001234"
LEARNER = "query ($by: LearnerBy!) { learner(by: $by) { id } }"


@pytest.mark.parametrize(
    ("query", "variables", "named"),
    [
        (LEARNER, {"by": {"citizenId": SECRET + "5"}}, "`citizenId`"),
        (LEARNER, {"by": {"citizenId": "abc"}}, "`citizenId`"),
        (LEARNER, {"by": {"id": SECRET}}, "`id`"),
        (LEARNER, {"by": {"sectorCode": "a\x00b"}}, "NUL"),
        (LEARNER, {"by": {"sectorCode": "1", "citizenId": SECRET}}, "by"),
        (LEARNER, {"by": {}}, "by"),
        ("query ($f: Int!) { learners(first: $f) { totalCount } }", {"f": SECRET}, "f"),
        ("{ learners(first: 0) { totalCount } }", {}, "`first`"),
        ("{ learners(first: 501) { totalCount } }", {}, "`first`"),
        ('{ learners(after: "079203001234") { totalCount } }', {}, "`after`"),
        ('{ administrativeUnit(code: "079203001234") { name } }', {}, "`code`"),
        ('{ administrativeUnit(code: "24", asOf: "079203001234") { name } }', {}, "asOf"),
        ('{ learner(by: { sectorCode: "1" }) { isAtLeast(years: 999) } }', {}, "years"),
        ("{ learner(by: { citizenId: 079203001234 }) { id } }", {}, ""),
        ("{ learner(by: {", {}, "syntax"),
    ],
)
def test_what_was_wrong_is_named_and_not_echoed(
    served: Callers, query: str, variables: dict[str, object], named: str
) -> None:
    answer = served.ask("exam-office", query, variables)
    if answer.errors:
        assert named in answer.errors[0]["message"]
    else:
        assert answer.data == {"learner": None}  # nothing to compute on: the argument was never looked at
    assert SECRET not in answer.text
    assert answer.status in (200, 400)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": "Bearer garbled"}, 401, "UNAUTHENTICATED"),
        ({"Authorization": "Basic eDp5"}, 401, "UNAUTHENTICATED"),
        ({"Purpose": "curiosity"}, 403, "PURPOSE_NOT_GRANTED"),
        ({"Case": f"HS {SECRET}"}, 400, "BAD_USER_INPUT"),
        ({"Case": SECRET}, 400, "BAD_USER_INPUT"),
    ],
)
def test_headers_that_cannot_be_believed_are_refused(
    served: Callers, headers: dict[str, str], status: int, code: str
) -> None:
    answer = served.ask(None, "{ __typename }", headers=headers)
    assert (answer.status, answer.errors[0]["extensions"]["code"]) == (status, code)
    assert SECRET not in answer.text


def test_an_agency_without_a_purpose_is_told_so(served: Callers) -> None:
    token = served.token("police")
    response = httpx2.post(
        f"{served.url}/graphql", json={"query": "{ __typename }"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert response.json()["errors"][0]["extensions"]["code"] == "PURPOSE_MISSING"


@pytest.mark.parametrize("body", [b"{", b"5", b"", b'{"query":"\xff"}', b'{"query":["a"]}', b"[" * 100_000])
def test_malformed_bodies_are_a_400_of_graphql_shape(served: Callers, body: bytes) -> None:
    response = httpx2.post(f"{served.url}/graphql", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"]
