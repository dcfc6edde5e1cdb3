"""A citizen lets an employer check a diploma, having seen the text and what it opens, and takes the consent back."""

from typing import Any

import pytest

from auth.consent.receipt import verified
from auth.crypto.keys import Keys
from auth.crypto.signing import SigningKey
from tests.journeys.callers import Callers, number

pytestmark = pytest.mark.servers

NOTICE = """query ($terms: ConsentTermsInput!, $language: NoticeLanguage!) { me { consentNotice(
  terms: $terms, language: $language) { language text digest releases { coordinate values } } } }"""
GRANT = """mutation ($input: GrantConsentInput!) { grantConsent(input: $input) {
  id version effective lacks lapsesOn receipt } }"""
AMEND = "mutation ($input: AmendConsentInput!) { amendConsent(input: $input) { version effective categories until } }"
WITHDRAW = "mutation ($id: ID!) { withdrawConsent(id: $id) { effective withdrawnAt receipt } }"
CHECK = "query ($n: String!) { learner(by: { citizenId: $n }) { fullName birthDate credentials { title status } } }"
EVERYTHING = """query ($n: String!) { learner(by: { citizenId: $n }) {
  id sectorCode linkState status fullName birthDate sex ethnicity nationality citizenId disability poorHousehold phone
  email provinceCode isAtLeast(years: 18) enrolments { averageMark } identity { fullName } residencePeriods { unitCode }
  credentials { id kind title issuedOn serial registerNumber status statusOn statusReason institution { name }
    ... on Diploma { classification } } } }"""
USAGE = "{ me { dataUsage(first: 9) { nodes { client purpose case released denied { coordinate } } } } }"
ASK = "mutation ($input: RequestConsentInput!) { requestConsent(input: $input) { id purpose categories until } }"
WAITING = """query ($child: ID) { me { consentRequests(child: $child) { id recipient purpose categories until
  consequenceOfRefusing(language: EN) notice(language: EN) { text digest releases { coordinate values } } } } }"""
ACCEPT = """mutation ($id: ID!, $digest: String!) { acceptConsentRequest(id: $id, language: EN, noticeDigest: $digest) {
  id effective lacks } }"""
DECLINE = "mutation ($id: ID!) { declineConsentRequest(id: $id) }"
GIVEN = "{ myConsents(first: 50) { nodes { subject learners consent { id effective categories receipt } } } }"
TERMS: dict[str, Any] = {
    "recipient": "employer",
    "purpose": "diploma-verification",
    "categories": ["learner.record", "identity.name", "credential", "credential.status"],
    "until": "2099-12-31",
}


def notice(served: Callers, persona: str, terms: dict[str, Any], language: str = "VI") -> dict[str, Any]:
    """Return what is shown before consenting to these terms."""
    answer = served.ask(persona, NOTICE, {"terms": terms, "language": language})
    shown: dict[str, Any] = answer.data["me"]["consentNotice"]
    return shown


def agree(served: Callers, persona: str, terms: dict[str, Any], language: str = "VI") -> dict[str, Any]:
    """Return the consent, given after reading the text."""
    digest = notice(served, persona, terms, language)["digest"]
    given = {**terms, "language": language, "noticeDigest": digest}
    consent: dict[str, Any] = served.ask(persona, GRANT, {"input": given}).data["grantConsent"]
    return consent


def child_of(served: Callers, name: str) -> str:
    """Return the id by which the parent knows the child of that name."""
    children = served.ask("parent", "{ me { children { child { id fullName } } } }").data["me"]["children"]
    (child,) = [one["child"]["id"] for one in children if one["child"]["fullName"] == name]
    return str(child)


def published_key(served: Callers) -> dict[str, Any]:
    """Return the public key of the sandbox, whose secret lies beside its data."""
    return SigningKey(Keys((served.data / "sandbox-master.key").read_bytes()).signing_seed()).published()


def test_consent_opens_what_it_names_until_it_is_withdrawn(served: Callers) -> None:
    person = {"n": number("graduate")}
    assert served.ask("employer", CHECK, person).data == {"learner": None}

    given = agree(served, "graduate", TERMS)
    assert given["effective"] is True
    seen = served.ask("employer", CHECK, person, headers={"Case": "HS-2026-17"})
    assert seen.data["learner"]["fullName"] == "Nguyễn Minh Quân"
    assert len(seen.data["learner"]["credentials"]) == 4
    assert seen.data["learner"]["birthDate"] is None
    assert seen.denied()["Learner.birthDate"] == "ROLE_NOT_PERMITTED"

    usage = served.ask("graduate", USAGE).data["me"]["dataUsage"]["nodes"]
    (read,) = [one for one in usage if one["client"] == "employer" and one["case"] == "HS-2026-17"]
    assert read["purpose"] == "diploma-verification"
    assert "Learner.fullName" in read["released"]
    assert {"coordinate": "Learner.birthDate"} in read["denied"]

    ended = served.ask("graduate", WITHDRAW, {"id": given["id"]}).data["withdrawConsent"]
    assert ended["effective"] is False
    assert served.ask("employer", CHECK, person).data == {"learner": None}


def test_the_preview_is_exactly_what_the_recipient_then_reads(served: Callers) -> None:
    terms = {**TERMS, "until": "2099-10-01"}
    shown = {one["coordinate"]: one["values"] for one in notice(served, "graduate", terms)["releases"]}
    given = agree(served, "graduate", terms)
    read = served.ask("employer", EVERYTHING, {"n": number("graduate")}).data["learner"]
    usage = served.ask("graduate", USAGE).data["me"]["dataUsage"]["nodes"]
    served.ask("graduate", WITHDRAW, {"id": given["id"]})

    (first, *_) = [one for one in usage if one["client"] == "employer"]
    persons = ("Learner.", "Credential.", "Diploma.", "CitizenIdentity.")
    assert set(shown) == {one for one in first["released"] if one.startswith(persons)}
    assert shown["Learner.fullName"] == [read["fullName"]]
    assert set(shown["Credential.title"]) == {one["title"] for one in read["credentials"]}
    assert set(shown["Credential.institution"]) == {one["institution"]["name"] for one in read["credentials"]}


def test_a_receipt_is_verified_with_the_public_key_alone(served: Callers) -> None:
    terms = {**TERMS, "until": "2099-09-01", "frequency": {"reads": 5, "period": "DAY"}, "dataLifeDays": 30}
    given = agree(served, "graduate", terms, "EN")
    ended = served.ask("graduate", WITHDRAW, {"id": given["id"]}).data["withdrawConsent"]
    for compact, statuses in ((given["receipt"], 1), (ended["receipt"], 2)):
        record = verified(compact, [published_key(served)])["dpv:hasRecordOfActivity"]
        assert len(record["dpv:hasConsentStatus"]) == statuses
        assert record["dpv:hasNotice"][0]["dct:description"].startswith("I agree that employer")
        assert number("graduate") not in str(record)


def test_consent_to_another_text_is_refused(served: Callers) -> None:
    digest = notice(served, "graduate", TERMS, "EN")["digest"]
    for change in (
        {"language": "VI"},
        {"until": "2099-12-30"},
        {"categories": [*TERMS["categories"], "credential.number"]},
    ):
        given = {**TERMS, "language": "EN", "noticeDigest": digest, **change}
        answer = served.ask("graduate", GRANT, {"input": given})
        assert "`noticeDigest`" in answer.errors[0]["message"]


def test_nothing_is_given_without_the_text(served: Callers) -> None:
    answer = served.ask("graduate", GRANT, {"input": TERMS})
    assert answer.status == 400
    assert "`GrantConsentInput` lacks its field" in answer.errors[0]["message"]


def test_an_amendment_narrows_what_the_recipient_reads_next(served: Callers) -> None:
    terms = {**TERMS, "until": "2099-08-01"}
    given = agree(served, "graduate", terms)
    less = {**terms, "categories": ["identity.name"], "until": "2099-08-31"}
    digest = notice(served, "graduate", less, "EN")["digest"]
    change = {"id": given["id"], "categories": ["identity.name"], "until": "2099-08-31"}
    amended = served.ask("graduate", AMEND, {"input": {**change, "language": "EN", "noticeDigest": digest}})
    read = served.ask("employer", CHECK, {"n": number("graduate")}).data["learner"]
    history = served.ask("graduate", "{ me { consents { id history { kind version categories language } } } }")
    served.ask("graduate", WITHDRAW, {"id": given["id"]})

    expected = {"version": 2, "effective": True, "categories": ["identity.name"], "until": "2099-08-31"}
    assert amended.data["amendConsent"] == expected
    assert (read["fullName"], read["credentials"]) == ("Nguyễn Minh Quân", None)
    (events,) = [one["history"] for one in history.data["me"]["consents"] if one["id"] == given["id"]]
    assert [(one["kind"], one["version"], one["language"]) for one in events] == [
        ("GIVEN", 1, "vi"),
        ("AMENDED", 2, "en"),
    ]


def test_a_child_from_seven_and_a_guardian_must_both_agree(served: Callers) -> None:
    terms = {**TERMS, "until": "2099-06-30"}
    alone = agree(served, "child-15", terms)
    assert (alone["effective"], alone["lacks"]) == (False, ["GUARDIAN"])
    assert alone["lapsesOn"] is not None
    assert served.ask("employer", CHECK, {"n": number("child-15")}).data == {"learner": None}

    child = child_of(served, "Phạm Ngọc Diệp")
    both = agree(served, "parent", {**terms, "child": child})
    assert both["effective"] is True
    assert served.ask("employer", CHECK, {"n": number("child-15")}).data["learner"]["fullName"] == "Phạm Ngọc Diệp"
    seen = served.ask("parent", "query ($c: ID) { me { consents(child: $c) { effective } } }", {"c": child})
    assert {"effective": True} in seen.data["me"]["consents"]

    served.ask("parent", WITHDRAW, {"id": both["id"]})
    assert served.ask("employer", CHECK, {"n": number("child-15")}).data == {"learner": None}


def test_a_limited_consent_leaves_so_many_readings(served: Callers) -> None:
    terms = {**TERMS, "until": "2099-05-01", "frequency": {"reads": 2, "period": "YEAR"}}
    given = agree(served, "revoked", terms)
    read = [served.ask("employer", CHECK, {"n": number("revoked")}).data["learner"] is not None for _ in range(4)]
    served.ask("revoked", WITHDRAW, {"id": given["id"]})
    assert read == [True, True, False, False]


def test_a_client_asks_and_learns_nothing_of_who_exists(served: Callers) -> None:
    asked = {"categories": ["identity.name"], "until": "2099-04-01"}
    answers = [
        served.ask("employer", ASK, {"input": {"by": {"citizenId": citizen_id}, **asked}})
        for citizen_id in (number("twin-a"), "001299999999", "001299999999")
    ]
    shapes = [{**one.data["requestConsent"], "id": len(one.data["requestConsent"]["id"])} for one in answers]
    assert shapes[0] == shapes[1] == shapes[2]
    assert [one.body["extensions"]["access"]["denials"] for one in answers] == [[], [], []]
    assert served.ask("employer", CHECK, {"n": number("twin-a")}).data == {"learner": None}


def test_the_citizen_sees_what_is_asked_and_refuses_or_agrees(served: Callers) -> None:
    person = {"citizenId": number("revoked")}
    for until in ("2099-03-01", "2099-03-02"):
        asked = {"by": person, "categories": ["identity.name", "credential", "credential.status"], "until": until}
        served.ask("employer", ASK, {"input": asked})
    later, earlier = served.ask("revoked", WAITING).data["me"]["consentRequests"]
    assert (later["recipient"], later["purpose"]) == ("employer", "diploma-verification")
    assert later["consequenceOfRefusing"].startswith("Refusing does no harm. Hand in a certified copy")
    assert "Learner.fullName" in [one["coordinate"] for one in later["notice"]["releases"]]

    assert served.ask("revoked", DECLINE, {"id": earlier["id"]}).data == {"declineConsentRequest": True}
    assert served.ask("employer", CHECK, {"n": number("revoked")}).data == {"learner": None}
    accepted = served.ask("revoked", ACCEPT, {"id": later["id"], "digest": later["notice"]["digest"]})
    assert accepted.data["acceptConsentRequest"]["effective"] is True
    assert served.ask("employer", CHECK, {"n": number("revoked")}).data["learner"]["fullName"]
    assert served.ask("revoked", WAITING).data["me"]["consentRequests"] == []
    served.ask("revoked", WITHDRAW, {"id": accepted.data["acceptConsentRequest"]["id"]})


def test_a_request_about_a_child_waits_for_both(served: Callers) -> None:
    asked = {"by": {"citizenId": number("child-15")}, "categories": ["identity.name"], "until": "2099-02-01"}
    served.ask("university", ASK, {"input": asked})
    child = child_of(served, "Phạm Ngọc Diệp")
    for persona, given, lacking in (("parent", child, ["SUBJECT"]), ("child-15", None, [])):
        (waiting,) = served.ask(persona, WAITING, {"child": given}).data["me"]["consentRequests"]
        agreed = served.ask(persona, ACCEPT, {"id": waiting["id"], "digest": waiting["notice"]["digest"]})
        assert agreed.data["acceptConsentRequest"]["lacks"] == lacking
    assert served.ask("child-15", WAITING).data["me"]["consentRequests"] == []
    served.ask("child-15", WITHDRAW, {"id": agreed.data["acceptConsentRequest"]["id"]})


def test_a_request_of_another_is_not_decided(served: Callers) -> None:
    asked = {"by": {"citizenId": number("twin-a")}, "categories": ["identity.name"], "until": "2099-01-15"}
    served.ask("university", ASK, {"input": asked})
    waiting = served.ask("twin-a", WAITING).data["me"]["consentRequests"][0]
    answer = served.ask("twin-b", DECLINE, {"id": waiting["id"]})
    assert answer.errors[0]["message"] == "`id` is not a request that you may decide"


def test_a_client_sees_its_own_consents_by_its_own_ids(served: Callers) -> None:
    terms = {**TERMS, "until": "2099-01-01"}
    given = agree(served, "graduate", terms)
    employer = served.ask("employer", GIVEN).data["myConsents"]["nodes"]
    university = served.ask("university", GIVEN).data["myConsents"]["nodes"]
    (mine,) = [one for one in employer if one["consent"]["effective"]]
    again = "query ($id: ID!) { learner(by: { id: $id }) { fullName } }"
    read = served.ask("employer", again, {"id": mine["learners"][0]})
    asked = {
        "by": {"id": mine["learners"][0]},
        "categories": ["credential.number", "credential.status"],
        "until": "2099-01-02",
    }
    served.ask("employer", ASK, {"input": asked})
    waiting = served.ask("graduate", WAITING).data["me"]["consentRequests"]
    served.ask("graduate", WITHDRAW, {"id": given["id"]})
    after = served.ask("employer", GIVEN).data["myConsents"]["nodes"]

    assert read.data["learner"] == {"fullName": "Nguyễn Minh Quân"}
    assert [one["categories"] for one in waiting] == [["credential.number", "credential.status"]]
    assert not {one["consent"]["id"] for one in employer} & {one["consent"]["id"] for one in university}
    assert verified(mine["consent"]["receipt"], [published_key(served)])["dpv:hasRecordOfActivity"]["lienthong:counts"]
    (ended,) = [one for one in after if one["consent"]["id"] == mine["consent"]["id"]]
    assert (ended["consent"]["effective"], ended["learners"]) == (False, [])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"recipient": "nobody"}, "`recipient`"),
        ({"purpose": "curiosity"}, "`purpose`"),
        ({"purpose": "university-admission"}, "`purpose` is not one that this recipient may ask for"),
        ({"categories": ["identity.soul"]}, "`categories[0]`"),
        ({"categories": ["identity.name", "identity.religion"]}, "`categories[1]` is not one that consent opens"),
        ({"categories": []}, "`categories`"),
        ({"categories": ["credential"] * 51}, "at `categories` must have at most 50 items"),
        ({"until": "2020-01-01"}, "`until`"),
        ({"child": "garbled"}, "`id`"),
        ({"frequency": {"reads": 0, "period": "DAY"}}, "`frequency.reads`"),
        ({"dataLifeDays": 0}, "`dataLifeDays`"),
    ],
)
def test_terms_that_name_nothing_are_refused(served: Callers, change: dict[str, object], named: str) -> None:
    terms = {**TERMS, **change}
    shown = served.ask("graduate", NOTICE, {"terms": terms, "language": "VI"})
    digest = "" if shown.errors else shown.data["me"]["consentNotice"]["digest"]
    answer = served.ask("graduate", GRANT, {"input": {**terms, "language": "VI", "noticeDigest": digest}})
    assert named in answer.errors[0]["message"]
    assert answer.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("persona", "operation", "variables"),
    [
        ("employer", GRANT, {"input": {**TERMS, "language": "VI", "noticeDigest": ""}}),
        ("employer", DECLINE, {"id": "x"}),
        ("graduate", ASK, {"input": {"by": {"citizenId": "001299999999"}, "categories": ["x"], "until": "2099-01-01"}}),
        ("graduate", GIVEN, {}),
    ],
)
def test_nobody_acts_for_the_other_side(
    served: Callers, persona: str, operation: str, variables: dict[str, object]
) -> None:
    assert served.ask(persona, operation, variables).errors[0]["extensions"]["code"] == "UNAUTHENTICATED"
