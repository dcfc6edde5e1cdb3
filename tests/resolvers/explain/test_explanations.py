"""Explanations and the access map: they say what is so, and read nobody's data."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from engine.declarations import Handwritten
from resolvers.explain.explanations import OWN_CALLS
from sandbox.registers import REGISTER_BY_TABLE
from tests.leaks.callers import CALLER, CALLERS, Caller
from tests.leaks.trial import Trial
from tests.leaks.trial import trial as opened

pytestmark = pytest.mark.anyio

EXPLAIN = """query ($document: String!, $variables: JSON, $name: String) {
  explain(document: $document, variables: $variables, operationName: $name) {
    errors { message code } cost calls { register reads proofs } unforeseen
    fields { coordinate category access ways { facts unless rule basis citation obtain { vi en } }
      missing { code rule citation obtain { vi en } } }
  }
}"""
MAP = "{ accessMap { coordinate category access ways { facts unless rule } missing { code rule } } }"
EMPLOYER = CALLER["employer:diploma-verification"]
UNIVERSITY = CALLER["university:university-admission"]
CITIZEN, BELOW = CALLER["citizen an:2"], CALLER["citizen an:1"]
DEPARTMENT = CALLER["department:school-management"]
WITHIN_LISTS = {"Query.learners", "Institution.learners"}


@pytest.fixture(scope="module")
async def trial(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trial]:
    async with opened(tmp_path_factory.mktemp("explained")) as one:
        yield one


async def explained(trial: Trial, caller: Caller, document: str, **given: Any) -> dict[str, Any]:
    body = await trial.answer(caller, EXPLAIN, {"document": document, **given})
    assert "errors" not in body
    found: dict[str, Any] = body["data"]["explain"]
    return found


async def mapped(trial: Trial, caller: Caller) -> dict[str, dict[str, Any]]:
    body = await trial.answer(caller, MAP)
    return {one["coordinate"]: one for one in body["data"]["accessMap"]}


def operation_of(coordinates: dict[str, Any]) -> dict[str, str]:
    return {one["coordinate"]: one["access"] for one in coordinates["fields"]}


async def test_what_the_agreement_does_not_list_is_said_before_and_after_asking(trial: Trial) -> None:
    narrow, document = CALLER["narrow:school-management"], '{ learner(by: {sectorCode: "x"}) { fullName birthDate } }'
    told = {one["coordinate"]: one for one in (await explained(trial, narrow, document))["fields"]}
    for one in (told["Learner.birthDate"], (await mapped(trial, narrow))["Learner.birthDate"]):
        assert (one["access"], one["missing"]["code"]) == ("DENIED", "NOT_IN_AGREEMENT")
        assert one["missing"]["rule"] == "school-school-management"
    assert (await mapped(trial, narrow))["Learner.fullName"]["access"] == "CONDITIONAL"
    assert (await mapped(trial, narrow))["Institution.name"]["access"] == "ALLOWED"


async def test_each_field_is_told_with_its_facts_its_law_and_the_way_to_it(trial: Trial) -> None:
    found = await explained(trial, EMPLOYER, '{ learner(by: {sectorCode: "x"}) { fullName birthDate } }')
    by_coordinate = {one["coordinate"]: one for one in found["fields"]}
    assert list(by_coordinate) == ["Query.learner", "Learner.fullName", "Learner.birthDate"]
    name = by_coordinate["Learner.fullName"]
    (way,) = name.pop("ways")
    obtain = "The holder agrees that the employer reads this category to verify the diploma."
    assert way.pop("obtain")["en"] == obtain
    assert way == {
        "facts": ["CONSENT"],
        "unless": [],
        "rule": "employer-diploma-verification",
        "basis": "consent",
        "citation": "Law 91/2025/QH15 art. 9",
    }
    assert (name["category"], name["access"]) == ("identity.name", "CONDITIONAL")
    assert (name["missing"]["code"], name["missing"]["obtain"]["en"]) == ("CONSENT_REQUIRED", obtain)
    birth = by_coordinate["Learner.birthDate"]
    assert (birth["access"], birth["ways"], birth["missing"]["code"]) == ("DENIED", [], "ROLE_NOT_PERMITTED")
    assert birth["missing"]["rule"] is None
    assert birth["missing"]["obtain"]["vi"].startswith("Không có quy định nào")


async def test_what_a_higher_assurance_level_would_open_is_said(trial: Trial) -> None:
    document = "{ me { learners { ethnicity } } }"
    below, enough = [await explained(trial, caller, document) for caller in (BELOW, CITIZEN)]
    assert operation_of(below)["Learner.ethnicity"] == "DENIED"
    assert operation_of(enough)["Learner.ethnicity"] == "CONDITIONAL"
    missing = {one["coordinate"]: one["missing"] for one in below["fields"]}["Learner.ethnicity"]
    assert (missing["code"], missing["rule"]) == ("ASSURANCE_TOO_LOW", "citizen-guardian-sensitive")


@dataclass(frozen=True)
class Sample:
    """An operation, and the calls for rows by register that it makes for a caller."""

    caller: Caller
    document: str
    reads: Mapping[str, int]


SAMPLES = {
    "own": Sample(
        CITIZEN,
        "{ me { identity { fullName guardians { id } } learners { enrolments { level } } } }",
        {"population": 2, "education": 2},
    ),
    "answer": Sample(
        CITIZEN,
        '{ me { learners { heldPermanentResidence(in: "01", monthsAtLeast: 1) } } }',
        {"population": 1, "education": 1},
    ),
    "list": Sample(
        DEPARTMENT, "{ learners(first: 3) { totalCount nodes { fullName institution { name } } } }", {"education": 3}
    ),
    "denied edge": Sample(
        DEPARTMENT, "{ learners(first: 3) { nodes { credentials { title institution { name } } } } }", {"education": 1}
    ),
    "denied root": Sample(EMPLOYER, "{ learners { nodes { fullName } } }", {}),
    "nobody": Sample(CALLER["nobody"], "{ institutions(first: 2) { nodes { name unit { name } } } }", {"education": 1}),
    "fragments": Sample(
        CITIZEN,
        "{ me { ...F learners { ...L } } } fragment F on Me { learners { ...L } }"
        " fragment L on Learner { credentials { title } }",
        {"education": 1, "credentials": 1},
    ),
    "skipped": Sample(
        CITIZEN, "{ me { learners @skip(if: true) { fullName } identity { fullName } } }", {"population": 1}
    ),
    "aggregate": Sample(CALLER["ministry:statistics"], "{ learnerCounts(by: STATUS) { learners } }", {"education": 1}),
}


@pytest.mark.parametrize("name", SAMPLES)
async def test_the_calls_foretold_are_the_calls_made(trial: Trial, name: str) -> None:
    sample = SAMPLES[name]
    found = await explained(trial, sample.caller, sample.document)
    assert found["errors"] == []
    assert {one["register"]: one["reads"] for one in found["calls"] if one["reads"]} == sample.reads
    most = {one["register"]: one["reads"] + one["proofs"] for one in found["calls"]}
    trial.statements.clear()
    assert "errors" not in await trial.answer(sample.caller, sample.document)
    made = calls_made(trial)
    assert {register: number for register, number in made.items() if number > most.get(register, 0)} == {}
    assert {register for register in sample.reads if made[register] < sample.reads[register]} == set()


def calls_made(trial: Trial) -> Counter[str]:
    """Return the statements that reached each register."""
    tables = (re.search(r"\bFROM\s+\"?(\w+)", statement, re.IGNORECASE) for statement in trial.statements)
    return Counter(REGISTER_BY_TABLE[found[1]] for found in tables if found and found[1] in REGISTER_BY_TABLE)


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
async def test_neither_reads_anything_of_anybody(trial: Trial, caller: Caller) -> None:
    person = trial.world.person("an")
    trial.statements.clear()
    await mapped(trial, caller)
    for sample in SAMPLES.values():
        await explained(trial, caller, sample.document)
    by_number = "query ($number: String!) { learner(by: {citizenId: $number}) { fullName } }"
    numbers = (trial.world.learner("self")["citizen_id"], "099999999999")
    known, unknown = [await explained(trial, caller, by_number, variables={"number": one}) for one in numbers]
    assert trial.statements == []
    assert known == unknown
    assert str(person) not in str(known)


async def test_the_statements_of_an_ordinary_operation_would_have_been_seen(trial: Trial) -> None:
    trial.statements.clear()
    await trial.answer(CITIZEN, "{ me { learners { fullName } } }")
    assert calls_made(trial)["education"] > 0


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
async def test_the_map_denies_exactly_what_is_never_released(trial: Trial, caller: Caller) -> None:
    oracle, found = trial.oracle(caller), await mapped(trial, caller)
    for typename, record_type in trial.catalogue.record_types.items():
        for name, declaration in trial.catalogue.declarations(typename).items():
            coordinate = trial.catalogue.coordinate(typename, name)
            if (record_type.record == "principal" and caller.role != "citizen") or coordinate in WITHIN_LISTS:
                continue
            ever = oracle.ever(declaration.category) and oracle.ever(record_type.category)
            assert (found[coordinate]["access"] != "DENIED") is (ever and declaration.category not in caller.expired)


async def test_the_map_holds_every_field_and_only_the_caller_s_own_rows_are_a_citizen_s_me(trial: Trial) -> None:
    of_citizen, of_university = await mapped(trial, CITIZEN), await mapped(trial, UNIVERSITY)
    schema = trial.catalogue.schema
    everything = {
        trial.catalogue.coordinate(typename, name)
        for typename in schema.type_map
        for name in trial.catalogue.declarations(typename)
    }
    assert set(of_citizen) == everything == set(of_university)
    assert [way["facts"] for way in of_citizen["Me.learners"]["ways"]] == [["SELF"]]
    assert [way["facts"] for way in of_citizen["Learner.fullName"]["ways"]] == [["SELF"], ["GUARDIAN"]]
    assert of_university["Me.learners"]["access"] == "DENIED"
    assert of_university["Institution.name"]["access"] == "ALLOWED"


async def test_a_consent_opens_a_record_but_brings_nobody_into_a_list(trial: Trial) -> None:
    found = await mapped(trial, UNIVERSITY)
    assert found["Query.learner"]["access"] == "CONDITIONAL"
    assert found["Query.learners"]["access"] == found["Institution.learners"]["access"] == "DENIED"
    assert found["Query.learners"]["missing"]["code"] == "CONSENT_REQUIRED"


FAULTS = [
    ('{ learner(by: {citizenId: "012345678901"', {}, "GRAPHQL_PARSE_FAILED"),
    ('{ learner(by: {citizenId: "012345678901"}) { nickname } }', {}, "GRAPHQL_VALIDATION_FAILED"),
    ('{ institution(code: "012345678901", colour: 1) { name } }', {}, "GRAPHQL_VALIDATION_FAILED"),
    ("{" * 70 + "}" * 70, {}, "DOCUMENT_TOO_COMPLEX"),
    ("query A { __typename } query B { __typename }", {}, "BAD_USER_INPUT"),
    ("query A { __typename } query B { __typename }", {"name": "012345678901"}, "BAD_USER_INPUT"),
    ("query ($n: Int!) { learners(first: $n) { totalCount } }", {"variables": {"n": "012345678901"}}, "BAD_USER_INPUT"),
    ("{ __typename }", {"variables": ["012345678901"]}, "BAD_USER_INPUT"),
    ('{ node(id: "012345678901") { id } }', {}, "BAD_USER_INPUT"),
    ('{ learner(by: {citizenId: "012345678901x"}) { fullName } }', {}, "BAD_USER_INPUT"),
]


@pytest.mark.parametrize(("document", "given", "code"), FAULTS)
async def test_what_is_wrong_with_the_document_is_answered_without_its_values(
    trial: Trial, document: str, given: dict[str, Any], code: str
) -> None:
    found = await explained(trial, EMPLOYER, document, **given)
    assert {error["code"] for error in found["errors"]} == {code}
    assert "012345678901" not in str(found)


async def test_an_operation_that_costs_too_much_is_told_with_its_cost(trial: Trial) -> None:
    document = "{ institutions(first: 500) { nodes { learners(first: 500) { nodes { fullName } } } } }"
    found = await explained(trial, DEPARTMENT, document)
    assert [error["code"] for error in found["errors"]] == ["DOCUMENT_TOO_COMPLEX"]
    assert found["cost"] > 250_000
    assert "Learner.fullName" in operation_of(found)


async def test_a_variable_decides_the_cost(trial: Trial) -> None:
    document = "query ($n: Int) { learners(first: $n) { nodes { fullName } } }"
    costs = [(await explained(trial, DEPARTMENT, document, variables={"n": n}))["cost"] for n in (10, 100)]
    assert costs[1] > 9 * costs[0]


async def test_one_operation_explains_once(trial: Trial) -> None:
    twice = '{ a: explain(document: "{ __typename }") { cost } b: explain(document: "{ me { __typename } }") { cost } }'
    body = await trial.answer(EMPLOYER, twice)
    assert [error["message"] for error in body["errors"]] == ["`explain` may be asked once in an operation"]
    assert (body["data"]["a"], body["data"]["b"]) == ({"cost": 0.05}, None)


async def test_an_explanation_explains_itself(trial: Trial) -> None:
    found = await explained(trial, EMPLOYER, '{ explain(document: "{ x }") { cost } accessMap { access } }')
    assert operation_of(found) == {
        "Query.explain": "ALLOWED",
        "Explanation.cost": "ALLOWED",
        "Query.accessMap": "ALLOWED",
        "FieldAccess.access": "ALLOWED",
    }
    assert found["calls"] == []


@pytest.mark.parametrize("selected", ["complete", "complete nodes { at } pageInfo { endCursor }"])
async def test_a_log_is_looked_up_once_whatever_is_selected_of_it(trial: Trial, selected: str) -> None:
    found = await explained(trial, CITIZEN, f"{{ me {{ dataUsage {{ {selected} }} }} }}")
    assert found["calls"] == [{"register": "education", "reads": 1, "proofs": 0}]


async def test_fields_with_a_resolver_of_their_own_are_named_where_their_calls_are_not_foretold(trial: Trial) -> None:
    own = await explained(
        trial, CITIZEN, "{ me { a: consents { id } b: consents { until } dataUsage { nodes { at } } } }"
    )
    assert own["unforeseen"] == ["Me.consents"]
    assert own["calls"] == [{"register": "education", "reads": 1, "proofs": 0}]
    counts = await explained(trial, CALLER["ministry:statistics"], "{ learnerCounts(by: STATUS) { learners } }")
    assert (counts["unforeseen"], len(counts["calls"])) == ([], 1)


def test_fields_whose_calls_are_foretold_are_in_the_schema(trial: Trial) -> None:
    for coordinate in OWN_CALLS:
        declaration = trial.catalogue.declaration(*coordinate.split("."))
        assert isinstance(declaration, Handwritten), coordinate
