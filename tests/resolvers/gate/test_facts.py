"""How a caller stands to the subjects of rows, and which rows a list may hold."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from auth.errors import Refused
from auth.principal import Cohort, Fact, Jurisdiction, PrincipalKind
from connectors.errors import SourceUnavailable
from connectors.guards.checked import Checked
from connectors.registry import sources_by_record
from connectors.source import Condition
from connectors.subjects import PERSON
from resolvers.gate.caller import Caller
from resolvers.gate.facts import FactLoader
from resolvers.gate.subjects import STRANGER
from tests.resolvers.requests import (
    ADULT,
    CHILD,
    LEARNERS,
    NOW,
    ROWS,
    Asked,
    citizen,
    citizen_asking,
    guardianship,
    learner,
)

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 21)
LEARNER = "learner"
VERIFIED = Condition("link_state", "=", "VERIFIED")
HANOI = Jurisdiction(provinces=frozenset({"01"}))


async def facts(asked: Asked, kind: str, *keys: str) -> list[int]:
    facts_by_key = await asked.fact_loader.of(kind, keys)
    return [facts_by_key[key].facts for key in keys]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("own", Fact.SELF),
        ("unlinked", Fact(0)),
        ("mismatched", Fact(0)),
        ("childs", Fact.GUARDIAN),
        ("strangers", Fact(0)),
        ("nobody's", Fact(0)),
    ],
)
async def test_a_citizen_stands_to_learners(code: str, expected: Fact) -> None:
    assert await facts(citizen_asking(), LEARNER, code) == [expected]


async def test_both_records_of_one_person_are_ones_own() -> None:
    found = await facts(citizen_asking("two"), LEARNER, "twos", "twos other")
    assert found == [Fact.SELF, Fact.SELF]


@pytest.mark.parametrize(
    ("start", "end", "born", "is_guardian"),
    [
        (None, None, CHILD, True),
        (TODAY, None, CHILD, True),
        (date(2026, 11, 22), None, CHILD, False),
        (None, date(2026, 11, 22), CHILD, True),
        (None, TODAY, CHILD, False),
        (None, None, date(2008, 11, 22), True),
        (None, None, date(2008, 11, 21), False),  # turned 18 today
        (None, None, ADULT, False),
        (None, None, None, False),  # of unknown age
    ],
)
async def test_a_guardian_is_one_while_it_lasts_and_the_child_is_a_minor(
    start: date | None, end: date | None, born: date | None, is_guardian: bool
) -> None:
    people = {"guardianship": [guardianship("me", "child", start, end)], "citizen": [citizen("child", born)]}
    asked = citizen_asking(rows={**ROWS, **people})
    assert await facts(asked, LEARNER, "childs") == [Fact.GUARDIAN if is_guardian else Fact(0)]
    assert await facts(asked, PERSON, "child") == [Fact.GUARDIAN if is_guardian else Fact(0)]


EVERY_LEARNER = [row["sector_code"] for row in LEARNERS]
EVERYBODY = ["me", "child", "stranger", "two"]
T2 = frozenset({"T2"})


@pytest.mark.parametrize(
    ("jurisdiction", "learners", "persons"),
    [
        (Jurisdiction(), [], []),
        (Jurisdiction(country=True), EVERY_LEARNER, EVERYBODY),
        (HANOI, ["own", "unlinked", "mismatched", "twos"], ["me", "two"]),
        (Jurisdiction(institutions=T2), ["childs", "strangers", "twos other"], ["child", "stranger", "two"]),
        (Jurisdiction(provinces=frozenset({"01"}), institutions=T2), EVERY_LEARNER, EVERYBODY),
    ],
    ids=["none", "country", "province", "institution", "both"],
)
async def test_an_agency_stands_to_those_its_grant_covers(
    jurisdiction: Jurisdiction, learners: list[str], persons: list[str]
) -> None:
    asked = Asked("provincial-department", "school-management", jurisdiction=jurisdiction)
    codes = [row["sector_code"] for row in LEARNERS]
    by_code = dict(zip(codes, await facts(asked, LEARNER, *codes), strict=True))
    people = [row["person_key"] for row in ROWS["citizen"]]
    by_person = dict(zip(people, await facts(asked, PERSON, *people), strict=True))
    assert [code for code in codes if by_code[code] == Fact.JURISDICTION] == learners
    assert [person for person in people if by_person[person] == Fact.JURISDICTION] == persons


def _schools(**unit_by_code: str) -> list[dict[str, Any]]:
    return [{"code": code, "unit_code": unit} for code, unit in unit_by_code.items()]


async def test_a_commune_covers_the_learners_of_its_institutions() -> None:
    rows = {**ROWS, "institution": _schools(T1="00004", T2="00008", T3="00004")}
    jurisdiction = Jurisdiction(communes=frozenset({"00008"}))
    asked = Asked("provincial-department", "school-management", jurisdiction=jurisdiction, rows=rows)
    codes = [row["sector_code"] for row in LEARNERS]
    found = dict(zip(codes, await facts(asked, LEARNER, *codes), strict=True))
    assert [code for code in codes if found[code]] == ["childs", "strangers", "twos other"]
    assert await facts(asked, PERSON, "me", "child") == [Fact(0), Fact.JURISDICTION]
    assert await asked.admission.of("learner") == (
        ((Condition("institution_code", "in", ("T2",)),), Fact.JURISDICTION),
    )
    about_communes = [one for one in asked.sources["education"].asked if getattr(one, "record", "") == "institution"]
    assert len(about_communes) == 1


GRADE_12 = Cohort("2026-2027", "UPPER_SECONDARY", 12)


def _enrolled(**of_learner: tuple[str, str, int]) -> list[dict[str, Any]]:
    columns = ("school_year", "level", "grade")
    return [
        {"id": code, "learner_code": code, **dict(zip(columns, enrolment, strict=True))}
        for code, enrolment in of_learner.items()
    ]


@pytest.mark.parametrize(
    ("cohorts", "covered"),
    [
        ({GRADE_12}, ["own"]),
        ({Cohort("2026-2027", "UPPER_SECONDARY")}, ["own", "unlinked"]),
        ({GRADE_12, Cohort("2025-2026", "PRIMARY", 5)}, ["own", "twos"]),
        ({Cohort("2027-2028", "PRIMARY")}, []),
    ],
    ids=["grade", "level", "either", "nobody"],
)
async def test_cohorts_narrow_the_places_by_enrolments_in_one_question(
    cohorts: set[Cohort], covered: list[str]
) -> None:
    enrolments = _enrolled(
        own=("2026-2027", "UPPER_SECONDARY", 12),
        unlinked=("2026-2027", "UPPER_SECONDARY", 10),
        twos=("2025-2026", "PRIMARY", 5),
        strangers=("2026-2027", "UPPER_SECONDARY", 12),  # lives elsewhere
    )
    within = Jurisdiction(provinces=frozenset({"01"}), cohorts=frozenset(cohorts))
    asked = Asked(
        "provincial-department", "school-management", jurisdiction=within, rows={**ROWS, "enrolment": enrolments}
    )
    codes = [row["sector_code"] for row in LEARNERS]
    found = dict(zip(codes, await facts(asked, LEARNER, *codes), strict=True))
    assert [code for code in codes if found[code]] == covered
    assert len(asked.sources["education"].asked) == 2
    everywhere = replace(asked, jurisdiction=replace(within, country=True))
    assert await facts(everywhere, PERSON, "me", "two", "child") == [
        Fact.JURISDICTION if one in covered else Fact(0) for one in ("own", "twos", "childs")
    ]


async def test_a_cohort_is_not_listed_and_what_is_not_known_of_it_is_not_assumed() -> None:
    within = Jurisdiction(country=True, cohorts=frozenset({GRADE_12}))
    asked = Asked("school", "school-management", jurisdiction=within)
    with pytest.raises(Refused) as refused:
        await asked.admission.of("learner")
    assert refused.value.code == "LIST_NOT_IN_AGREEMENT"
    assert await facts(asked, LEARNER, "own") == [Fact(0)]
    for jurisdiction in (within, Jurisdiction(communes=frozenset({"00004"}))):
        away = replace(asked, jurisdiction=jurisdiction, away=frozenset({"education"}))
        with pytest.raises(SourceUnavailable):
            await facts(away, PERSON, "me")


async def test_a_claimed_link_brings_no_person_into_a_jurisdiction() -> None:
    rows = {**ROWS, "learner": [learner("claimed", "stranger", link_state="MISMATCHED")]}
    asked = Asked("provincial-department", "school-management", jurisdiction=HANOI, rows=rows)
    assert await facts(asked, PERSON, "stranger") == [Fact(0)]


async def test_consents_count_for_clients_and_only_where_the_link_is_verified() -> None:
    agreed = {"me": frozenset({"schooling"})}
    client = Asked("university", "university-admission", consents=agreed)
    facts_by_key = await client.fact_loader.of(LEARNER, ["own", "unlinked", "mismatched"])
    assert [facts_by_key[code].consents for code in ("own", "unlinked", "mismatched")] == [agreed["me"], set(), set()]
    citizen_ = citizen_asking("stranger", consents=agreed)
    assert (await citizen_.fact_loader.of(LEARNER, ["own"]))["own"].consents == set()


async def test_consents_are_asked_for_where_they_may_matter_and_once() -> None:
    agreed = {person: frozenset({"schooling"}) for person in ("me", "stranger")}
    client = Asked("university", "university-admission", jurisdiction=HANOI, consents=agreed)
    codes = ["own", "strangers", "unlinked"]
    covered = int(Fact.JURISDICTION)

    async def told(*consent_dependent: int) -> dict[str, frozenset[str]]:
        facts_by_key = await client.fact_loader.of(LEARNER, codes, set(consent_dependent))
        return {code: facts_by_key[code].consents for code in codes if facts_by_key[code].consents}

    assert await told() == {}
    assert client.agreed.asked == []
    assert list(await told(0)) == list(await told(0)) == ["strangers"]
    assert client.agreed.asked == [{"stranger"}]
    assert await told(0, covered) == {"own": agreed["me"], "strangers": agreed["stranger"]}
    assert client.agreed.asked == [{"stranger"}, {"me"}]


async def test_standings_of_many_are_one_question_for_each_kind_and_kept_for_the_operation() -> None:
    asked = citizen_asking()
    for _ in range(2):
        await facts(asked, LEARNER, *(row["sector_code"] for row in LEARNERS))
        await facts(asked, PERSON, "me", "child", "stranger")
    assert len(asked.sources["education"].asked) == 1
    assert len(asked.sources["population"].asked) == 2  # the guardianships, and the children's ages


async def test_nobody_is_asked_about_oneself() -> None:
    asked = citizen_asking(away=frozenset({"population"}))
    assert await facts(asked, PERSON, "me") == [Fact.SELF]
    with pytest.raises(SourceUnavailable):
        await facts(asked, PERSON, "child")


async def test_learners_are_accounted_for_as_the_verified_person_else_under_a_key_of_their_own() -> None:
    asked = Asked("department", "school-management", jurisdiction=Jurisdiction(country=True))
    await asked.fact_loader.of(LEARNER, ["own", "unlinked", "mismatched", "nobody's"])
    assert asked.fact_loader.accounts(LEARNER) == {
        "own": "me",
        "unlinked": "learner:unlinked",
        "mismatched": "learner:mismatched",
    }
    assert asked.fact_loader.accounts(PERSON) == {}


async def test_a_key_of_nobody_is_a_strangers() -> None:
    asked = citizen_asking()
    assert (await asked.fact_loader.of(LEARNER, ["nobody's"]))["nobody's"] == STRANGER


@pytest.mark.parametrize(
    ("asked", "record", "expected"),
    [
        (Asked("public", "public"), "institution", [((), Fact(0))]),
        (Asked("public", "public"), "learner", []),
        (citizen_asking("stranger"), "learner", [((Condition("person_key", "=", "stranger"), VERIFIED), Fact.SELF)]),
        (
            citizen_asking(),
            "learner",
            [
                ((Condition("person_key", "=", "me"), VERIFIED), Fact.SELF),
                ((Condition("person_key", "in", ("child",)), VERIFIED), Fact.GUARDIAN),
            ],
        ),
        (citizen_asking(), "enrolment", []),
        (Asked("school", "school-management"), "learner", []),
        (
            Asked("school", "school-management", jurisdiction=HANOI),
            "learner",
            [((Condition("province_code", "in", ("01",)),), Fact.JURISDICTION)],
        ),
        (
            Asked("population-service", "residence-registration", jurisdiction=Jurisdiction(country=True)),
            "learner",
            [((), Fact.JURISDICTION)],
        ),
    ],
    ids=lambda value: value.role if isinstance(value, Asked) else "",
)
async def test_a_list_is_narrowed_in_the_registers_statement(asked: Asked, record: str, expected: Any) -> None:
    assert list(await asked.admission.of(record)) == expected


@pytest.mark.parametrize(
    ("period", "is_guardian"),
    [("2010", True), ("2009-01", True), ("2008", False), ("2008-11", False), ("2008-12", True), ("1990", False)],
)
async def test_a_guardian_speaks_for_who_is_a_minor_for_certain(period: str, is_guardian: bool) -> None:
    people = {
        "guardianship": [guardianship("me", "child")],
        "citizen": [{**citizen("child", None), "birth_period": period}],
    }
    expected = Fact.GUARDIAN if is_guardian else Fact(0)
    assert await facts(citizen_asking(rows={**ROWS, **people}), PERSON, "child") == [expected]


@pytest.mark.parametrize("column", ["valid_from", "valid_to", "child_key"])
async def test_a_guardianship_that_cannot_be_read_proves_nothing(column: str) -> None:
    broken = {**guardianship("me", "child"), column: b"?"}
    asked = citizen_asking(rows={**ROWS, "guardianship": [broken]})
    caller = Caller(PrincipalKind.CITIZEN, "app", "self-service", "me", Jurisdiction(), NOW)
    checked = {name: Checked(source) for name, source in asked.sources.items()}
    facts_by_key = await FactLoader(caller, sources_by_record({}, checked), asked.agreed, asked.table).of(
        PERSON, ["child"]
    )
    assert facts_by_key["child"].facts == Fact(0)
