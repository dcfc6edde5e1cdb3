"""Agencies get what purpose, role and jurisdiction release, and denials that say why."""

import pytest

from sandbox.personas import PERSONAS, SCHOOL_CODE
from tests.journeys.callers import Answer, Callers, number

pytestmark = pytest.mark.servers

BATCH = """query ($n: [String!]!) { learnersByCitizenIds(citizenIds: $n) {
  fullName citizenId residencePeriods { unitCode fromDate } } }"""


def test_the_examination_office_looks_up_a_batch_in_order(served: Callers) -> None:
    numbers = [number("child-15"), "001299999999", number("graduate"), number("mismatched")]
    answer = served.ask("exam-office", BATCH, {"n": numbers})
    found = answer.data["learnersByCitizenIds"]
    assert [one and one["citizenId"] for one in found] == [numbers[0], None, numbers[2], None]
    assert all(one is None or one["residencePeriods"] for one in found)


def test_five_hundred_numbers_are_taken_and_one_more_is_refused(served: Callers) -> None:
    unknown = [f"0012990{place:05d}" for place in range(60)]
    numbers = [*unknown, *[number("graduate")] * 440]
    answered = served.ask("exam-office", BATCH, {"n": numbers}).data["learnersByCitizenIds"]
    assert [learner is None for learner in answered] == [True] * 60 + [False] * 440
    refused = served.ask("exam-office", BATCH, {"n": [*numbers, *unknown[:1]]})
    assert refused.errors[0]["message"] == "variable `$n` must have at most 500 items, not 501"


def test_the_department_lists_its_province_only_and_no_numbers(served: Callers) -> None:
    query = "{ learners(first: 50) { totalCount nodes { provinceCode citizenId fullName } } }"
    answer = served.ask("dept-hanoi", query)
    nodes = answer.data["learners"]["nodes"]
    assert {one["provinceCode"] for one in nodes} == {"01"}
    assert {one["citizenId"] for one in nodes} == {None}
    assert answer.denied() == {"Learner.citizenId": "ROLE_NOT_PERMITTED"}
    (denial,) = answer.body["extensions"]["access"]["denials"]
    assert denial["count"] == len(nodes)
    assert denial["citation"]
    assert denial["obtain"]


def test_pages_follow_one_another_without_gap(served: Callers) -> None:
    query = """query ($after: String) { learners(first: 40, after: $after, orderBy: FULL_NAME) {
      totalCount pageInfo { hasNextPage endCursor } nodes { sectorCode } } }"""
    codes: list[str] = []
    after = None
    while True:
        page = served.ask("dept-hanoi", query, {"after": after}).data["learners"]
        codes += [one["sectorCode"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(codes) == len(set(codes)) == page["totalCount"]


def test_the_school_sees_its_own_learners(served: Callers) -> None:
    query = "query ($c: ID!) { institution(code: $c) { learners { totalCount nodes { institution { code } } } } }"
    learners = served.ask("school", query, {"c": SCHOOL_CODE}).data["institution"]["learners"]
    assert learners["totalCount"] >= 2
    assert {one["institution"]["code"] for one in learners["nodes"]} == {SCHOOL_CODE}


def test_an_answer_is_given_without_its_inputs(served: Callers) -> None:
    query = """query ($c: ID!) { learner(by: { sectorCode: $c }) {
      heldPermanentResidence(in: "01", monthsAtLeast: 24) residencePeriods { unitCode } } }"""
    code = PERSONAS["graduate"].sector_codes[0]
    answer = served.ask("dept-hanoi", query, {"c": code}, "graduation-recognition")
    assert answer.data["learner"] == {"heldPermanentResidence": True, "residencePeriods": None}
    assert "Learner.residencePeriods" in answer.denied()


def test_global_ids_are_the_clients_own(served: Callers) -> None:
    query = "query ($c: ID!) { learner(by: { sectorCode: $c }) { id } }"
    code = {"c": PERSONAS["child-15"].sector_codes[0]}
    department, school = (served.ask(one, query, code).data["learner"]["id"] for one in ("dept-hanoi", "school"))
    assert department != school
    again = "query ($id: ID!) { node(id: $id) { ... on Learner { fullName } } }"
    assert served.ask("school", again, {"id": school}).data["node"] == {"fullName": "Phạm Ngọc Diệp"}
    foreign = served.ask("school", again, {"id": department})
    garbled = served.ask("school", again, {"id": "garbled"})
    assert foreign.errors[0]["message"] == garbled.errors[0]["message"]
    assert foreign.data == {"node": None}


def test_the_ministry_counts_and_knows_nobody(served: Callers) -> None:
    answer = served.ask("ministry", "{ learnerCounts(by: STATUS) { group learners } learners { nodes { id } } }")
    counted = {one["group"]: one["learners"] for one in answer.data["learnerCounts"]}
    assert counted["STUDYING"] > 100
    assert answer.data["learners"]["nodes"] == []


def test_a_gateway_gets_each_entity_alone(served: Callers) -> None:
    query = """query ($r: [_Any!]!) { _entities(representations: $r) {
      ... on Institution { name } ... on Learner { fullName } } }"""
    good = {"__typename": "Institution", "code": SCHOOL_CODE}
    answer = served.ask("school", query, {"r": [good, {"__typename": "Nope"}, good]})
    name = {"name": "Trường Phổ thông liên cấp Liên Thông"}
    assert answer.data["_entities"] == [name, None, name]
    assert [error["path"] for error in answer.errors] == [["_entities", 1]]


def test_a_number_that_tells_of_one_person_is_in_that_persons_log(served: Callers) -> None:
    query = '{ learners(filter: { nameStartsWith: "Phạm Ngọc Diệp" }) { totalCount } }'
    assert served.ask("dept-hanoi", query, headers={"Case": "HS-2026-99"}).data == {"learners": {"totalCount": 1}}
    log = served.ask("child-15", "{ me { dataUsage(first: 20) { nodes { client case released } } } }")
    told = {"client": "dept-hanoi", "case": "HS-2026-99", "released": ["Query.learners"]}
    assert told in log.data["me"]["dataUsage"]["nodes"]


def test_months_to_come_do_not_count(served: Callers) -> None:
    query = """{ me { learners {
      heldPermanentResidence(in: "01", monthsAtLeast: 400, during: { to: "9999-12-31" }) } } }"""
    assert served.ask("graduate", query).data == {"me": {"learners": [{"heldPermanentResidence": False}]}}


def test_an_agency_asks_what_its_purpose_needs_and_so_many_things(served: Callers) -> None:
    """One that knows whom it asks about learns whether it is right, and not the date by trying."""
    code = {"c": PERSONAS["twin-a"].sector_codes[0]}
    identity = PERSONAS["twin-a"].identity
    assert identity is not None
    guess = 'identityMatch(name: "%s", birthDate: "%s")'
    query = "query ($c: ID!) { learner(by: { sectorCode: $c }) { %s } }"

    def asked(*guesses: str) -> Answer:
        aliases = " ".join(f"g{n}: {guess % (identity.full_name, born)}" for n, born in enumerate(guesses))
        return served.ask("exam-office", query % aliases, code, "exam-registration")

    wrong, right = "1999-01-01", identity.birth_date.isoformat()
    assert asked(wrong, right).data["learner"] == {"g0": "NO_MATCH", "g1": "MATCH"}
    tried = asked("1999-01-02", right)
    assert tried.data["learner"] == {"g0": None, "g1": "MATCH"}
    assert tried.denied() == {"Learner.identityMatch": "ARGUMENTS_EXHAUSTED"}
    asked("1999-01-03")
    entries = "{ me { dataUsage(first: 1) { nodes { client released denied { coordinate code } } } } }"
    log = served.ask("twin-a", entries)
    denied = [{"coordinate": "Learner.identityMatch", "code": "ARGUMENTS_EXHAUSTED"}]
    told = {"client": "exam-office", "released": [], "denied": denied}
    assert log.data["me"]["dataUsage"]["nodes"] == [told]
