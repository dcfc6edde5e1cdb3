"""A citizen lets an employer check a diploma, sees that it did, and takes the consent back."""

import pytest

from tests.journeys.callers import Callers, number

pytestmark = pytest.mark.servers

GRANT = "mutation ($input: GrantConsentInput!) { grantConsent(input: $input) { id effective lacks } }"
WITHDRAW = "mutation ($id: ID!) { withdrawConsent(id: $id) { effective withdrawnAt } }"
CHECK = "query ($n: String!) { learner(by: { citizenId: $n }) { fullName birthDate credentials { title status } } }"
TERMS = {
    "recipient": "employer",
    "purpose": "diploma-verification",
    "categories": ["learner.record", "identity.name", "credential", "credential.status"],
    "until": "2099-12-31",
}


def test_consent_opens_what_it_names_until_it_is_withdrawn(served: Callers) -> None:
    person = {"n": number("graduate")}
    assert served.ask("employer", CHECK, person).data == {"learner": None}

    given = served.ask("graduate", GRANT, {"input": TERMS}).data["grantConsent"]
    assert given["effective"] is True
    seen = served.ask("employer", CHECK, person, headers={"Case": "HS-2026-17"})
    assert seen.data["learner"]["fullName"] == "Nguyễn Minh Quân"
    assert len(seen.data["learner"]["credentials"]) == 4
    assert seen.data["learner"]["birthDate"] is None
    assert seen.denied()["Learner.birthDate"] == "ROLE_NOT_PERMITTED"

    usage = served.ask("graduate", "{ me { dataUsage(first: 5) { nodes { client purpose case released denied { coordinate } } } } }")  # fmt: skip # noqa: E501
    (read,) = [one for one in usage.data["me"]["dataUsage"]["nodes"] if one["client"] == "employer"]
    assert (read["purpose"], read["case"]) == ("diploma-verification", "HS-2026-17")
    assert "Learner.fullName" in read["released"]
    assert {"coordinate": "Learner.birthDate"} in read["denied"]

    ended = served.ask("graduate", WITHDRAW, {"id": given["id"]}).data["withdrawConsent"]
    assert ended["effective"] is False
    assert served.ask("employer", CHECK, person).data == {"learner": None}


def test_a_child_from_seven_and_a_guardian_must_both_agree(served: Callers) -> None:
    terms = {**TERMS, "until": "2099-06-30"}
    alone = served.ask("child-15", GRANT, {"input": terms}).data["grantConsent"]
    assert (alone["effective"], alone["lacks"]) == (False, ["GUARDIAN"])
    assert served.ask("employer", CHECK, {"n": number("child-15")}).data == {"learner": None}

    children = served.ask("parent", "{ me { children { child { id fullName } } } }").data["me"]["children"]
    (child,) = [one["child"]["id"] for one in children if one["child"]["fullName"] == "Phạm Ngọc Diệp"]
    both = served.ask("parent", GRANT, {"input": {**terms, "child": child}}).data["grantConsent"]
    assert both["effective"] is True
    assert served.ask("employer", CHECK, {"n": number("child-15")}).data["learner"]["fullName"] == "Phạm Ngọc Diệp"

    served.ask("parent", WITHDRAW, {"id": both["id"]})
    assert served.ask("employer", CHECK, {"n": number("child-15")}).data == {"learner": None}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"recipient": "nobody"}, "`recipient`"),
        ({"purpose": "curiosity"}, "`purpose`"),
        ({"categories": ["identity.soul"]}, "`categories[0]`"),
        ({"categories": []}, "`categories`"),
        ({"until": "2020-01-01"}, "`until`"),
        ({"child": "garbled"}, "`id`"),
    ],
)
def test_terms_that_name_nothing_are_refused(served: Callers, change: dict[str, object], named: str) -> None:
    answer = served.ask("graduate", GRANT, {"input": {**TERMS, **change}})
    assert named in answer.errors[0]["message"]
    assert answer.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_an_agency_cannot_consent(served: Callers) -> None:
    assert served.ask("employer", GRANT, {"input": TERMS}).errors[0]["extensions"]["code"] == "UNAUTHENTICATED"
