"""Citizens see their own record and their children's, and nobody else's."""

import pytest

from sandbox.personas import PERSONAS
from tests.journeys.callers import Callers, number

pytestmark = pytest.mark.servers

RECORD = """{ me {
  identity { fullName citizenId ethnicity isAtLeast(years: 18) permanentUnit { fullName } provenance { register } }
  learners { fullName linkState enrolments { schoolYear institution { name } } credentials { __typename title status } }
} }"""


def test_a_graduate_sees_the_whole_record(served: Callers) -> None:
    answer = served.ask("graduate", RECORD)
    identity, (learner,) = answer.data["me"]["identity"], answer.data["me"]["learners"]
    assert identity == {
        "fullName": "Nguyễn Minh Quân",
        "citizenId": number("graduate"),
        "ethnicity": "Kinh",
        "isAtLeast": True,
        "permanentUnit": {"fullName": "Phường Giảng Võ"},
        "provenance": {"register": "population"},
    }
    assert {one["__typename"] for one in learner["credentials"]} == {"Diploma", "Certificate"}
    assert answer.denied() == {}


def test_a_parent_sees_the_children_by_guardianship(served: Callers) -> None:
    answer = served.ask("parent", "{ me { learners { id } children { child { fullName learners { fullName } } } } }")
    children = {one["child"]["fullName"]: one["child"]["learners"] for one in answer.data["me"]["children"]}
    assert answer.data["me"]["learners"] == []
    assert children == {
        "Phạm Gia Bảo": [{"fullName": "Phạm Gia Bảo"}],
        "Phạm Ngọc Diệp": [{"fullName": "Phạm Ngọc Diệp"}],
    }


@pytest.mark.parametrize("other", ["graduate", "twin-a", "parent"])
def test_a_stranger_is_answered_like_nobody(served: Callers, other: str) -> None:
    query = "query ($n: String!) { learner(by: { citizenId: $n }) { fullName } }"
    known = served.ask("independent", query, {"n": number(other)})
    unknown = served.ask("independent", query, {"n": "001299999999"})
    for answer in (known, unknown):
        assert answer.data == {"learner": None}
        assert answer.denied() == {"Query.learner": "NOT_THE_SUBJECT"}


def test_two_records_of_one_citizen_are_both_shown(served: Callers) -> None:
    answer = served.ask("two-records", "{ me { learners { sectorCode } } }")
    assert {one["sectorCode"] for one in answer.data["me"]["learners"]} == set(PERSONAS["two-records"].sector_codes)


@pytest.mark.parametrize("persona", ["unlinked", "mismatched"])
def test_a_record_whose_link_is_not_verified_is_nobodys(served: Callers, persona: str) -> None:
    code = PERSONAS[persona].sector_codes[0]
    query = "query ($c: ID!) { me { learners { id } } learner(by: { sectorCode: $c }) { fullName } }"
    answer = served.ask(persona, query, {"c": code})
    assert answer.data == {"me": {"learners": []}, "learner": None}


def test_a_revoked_diploma_says_so(served: Callers) -> None:
    answer = served.ask("revoked", "{ me { learners { credentials(kind: BACHELOR) { status statusReason } } } }")
    (credential,) = answer.data["me"]["learners"][0]["credentials"]
    assert credential["status"] == "REVOKED"
    assert credential["statusReason"]


def test_residence_in_a_split_commune_is_never_guessed(served: Callers) -> None:
    query = """query ($in: String!) { me { learners {
      residencePeriods(kind: PERMANENT) { unitCode recordedUnit { candidates(on: "2026-01-01") { code } } }
      heldPermanentResidence(in: $in, monthsAtLeast: 12)
      hanoi: heldPermanentResidence(in: "01", monthsAtLeast: 12)
    } } }"""
    (learner,) = served.ask("split-commune", query, {"in": "00004"}).data["me"]["learners"]
    (split,) = [one for one in learner["residencePeriods"] if len(one["recordedUnit"]["candidates"]) > 1]
    candidate = split["recordedUnit"]["candidates"][0]["code"]
    (asked,) = served.ask("split-commune", query, {"in": candidate}).data["me"]["learners"]
    assert asked["heldPermanentResidence"] is None
    assert asked["hanoi"] is True


def test_a_code_is_not_a_place(served: Callers) -> None:
    query = """{ before: administrativeUnit(code: "24", asOf: "2025-06-30") { name }
                 after: administrativeUnit(code: "24", asOf: "2025-07-01") { name } }"""
    assert served.ask(None, query).data == {"before": {"name": "Bắc Giang"}, "after": {"name": "Bắc Ninh"}}
