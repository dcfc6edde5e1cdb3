"""A kind of subject by declaration alone: a student of higher education, whose record names no province."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from auth.errors import Refused
from auth.policy.decisions import DecisionTable, Denial, Permit
from auth.principal import Cohort, Fact, Jurisdiction, PrincipalKind
from connectors.record import Kind, Record
from connectors.records import HOLDERS
from connectors.records.learners import LEARNER
from connectors.source import Condition, Source
from connectors.subjects import PERSON, Holds, Subject
from resolvers.gate.admission import within
from resolvers.gate.caller import Caller
from resolvers.gate.facts import FactLoader
from tests.resolvers.requests import NOW, Agreed, Noting, learner

pytestmark = pytest.mark.anyio

HOLDS = Holds(existence="student.record", person="graduate_key", link="linked", institution="university_code")
STUDENT = Record(
    "student",
    "hemis",
    "number",
    MappingProxyType(
        {"number": Kind.KEY, "graduate_key": Kind.KEY, "linked": Kind.TEXT, "university_code": Kind.KEY},
    ),
    Subject("student", "number"),
    HOLDS,
)
UNIVERSITY = Jurisdiction(institutions=frozenset({"U1"}))
EVERYWHERE = 1 << len(Fact)


def student(number: str, person: str | None, link: str = "VERIFIED", university: str = "U1") -> dict[str, Any]:
    return {"number": number, "graduate_key": person, "linked": link, "university_code": university}


STUDENTS = (student("7", "two"), student("8", "three", "UNLINKED"), student("9", "four", university="U2"))
LEARNERS = (learner("7", None, link_state="UNLINKED"), learner("10", "two", school="T1"))


def table_of(*known_by_jurisdiction: str) -> DecisionTable:
    """Return decisions by which rows of these categories may be known of in the jurisdiction, and no others."""
    denied = Denial("OUTSIDE_JURISDICTION", "", "", {})
    permit = Permit("a-rule", "a basis", "a law")
    outcomes = {
        category: tuple(
            permit if category in known_by_jurisdiction and mask & Fact.JURISDICTION else denied
            for mask in range(EVERYWHERE)
        )
        for category in ("learner.record", "student.record")
    }
    return DecisionTable(outcomes, Fact(EVERYWHERE - 1))


class Loaded:
    """One client's facts over registers in memory."""

    def __init__(
        self,
        *known: str,
        jurisdiction: Jurisdiction = UNIVERSITY,
        students: Sequence[Mapping[str, Any]] = STUDENTS,
        away: bool = False,
    ) -> None:
        self.students = Noting("hemis", {"student": students}, away)
        self.learners = Noting("education", {"learner": LEARNERS})
        sources: dict[str, Source] = {"student": self.students, "learner": self.learners}
        caller = Caller(PrincipalKind.CLIENT, "university", "teaching", None, jurisdiction, NOW)
        holders = {**HOLDERS, "student": STUDENT}
        self.facts = FactLoader(caller, sources, Agreed({}), table_of(*known), holders=holders)

    async def of(self, kind: str, *keys: str) -> list[int]:
        found = await self.facts.of(kind, keys)
        return [found[key].facts for key in keys]


async def test_a_subjects_facts_are_read_in_the_columns_that_its_record_declares() -> None:
    loaded = Loaded("student.record")
    assert await loaded.of("student", "7", "8", "9", "none") == [Fact.JURISDICTION, Fact.JURISDICTION, 0, 0]
    [lookup] = loaded.students.asked
    assert (lookup.record, getattr(lookup, "columns", None)) == (
        "student",
        ("number", "graduate_key", "linked", "university_code"),
    )


async def test_a_province_covers_nobody_whose_record_names_none() -> None:
    assert await Loaded("student.record", jurisdiction=Jurisdiction(provinces=frozenset({"01"}))).of(
        "student", "7", "8", "9"
    ) == [0, 0, 0]


async def test_cohorts_cover_nobody_of_a_kind_without_enrolments() -> None:
    cohorts = replace(UNIVERSITY, cohorts=frozenset({Cohort("2026-2027", "PRIMARY")}))
    assert await Loaded("student.record", jurisdiction=cohorts).of("student", "7", "8", "9") == [0, 0, 0]


async def test_jurisdiction_over_a_kind_that_may_not_be_known_of_is_none_over_the_citizen() -> None:
    ignorant, knowing = Loaded("learner.record"), Loaded("student.record")
    assert await ignorant.of(PERSON, "two", "three") == [0, 0]
    assert ignorant.students.asked == []
    # of "three" only an unverified link tells
    assert await knowing.of(PERSON, "two", "three") == [Fact.JURISDICTION, 0]
    assert knowing.learners.asked == []


async def test_a_register_of_a_kind_that_may_not_be_known_of_takes_nothing_down_with_it() -> None:
    loaded = Loaded("learner.record", jurisdiction=Jurisdiction(institutions=frozenset({"T1"})), away=True)
    assert await loaded.of(PERSON, "two", "three") == [Fact.JURISDICTION, 0]


async def test_a_person_is_covered_by_a_subject_of_either_kind() -> None:
    places = Jurisdiction(institutions=frozenset({"T1", "U2"}))
    loaded = Loaded("learner.record", "student.record", jurisdiction=places)
    assert await loaded.of(PERSON, "two", "three", "four") == [Fact.JURISDICTION, 0, Fact.JURISDICTION]


async def test_unlinked_subjects_of_two_kinds_with_one_key_are_accounted_for_apart() -> None:
    students = (student("7", None, "UNLINKED"),)
    loaded = Loaded("student.record", students=students)
    await loaded.of("student", "7")
    await loaded.of("learner", "7")
    assert (loaded.facts.accounts("student"), loaded.facts.accounts("learner")) == (
        {"7": "student:7"},
        {"7": "learner:7"},
    )


async def test_facts_of_one_kind_are_nobodys_of_another_with_the_same_key() -> None:
    loaded = Loaded("student.record")
    assert await loaded.of("student", "7") == [Fact.JURISDICTION]
    assert await loaded.of("learner", "7") == [0]


def test_a_holder_says_which_column_has_the_state_of_the_link() -> None:
    with pytest.raises(TypeError, match="link"):
        Holds(existence="student.record", person="graduate_key")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("subject", "holds"),
    [
        (Subject("student", "graduate_key"), HOLDS),
        (None, HOLDS),
        (Subject("student", "number"), replace(HOLDS, person="missing")),
    ],
    ids=["not its key", "nobody", "no such column"],
)
def test_a_record_that_holds_facts_has_one_row_a_subject_in_its_own_columns(
    subject: Subject | None, holds: Holds
) -> None:
    with pytest.raises(ValueError, match="record `student`"):
        replace(STUDENT, subject=subject, holds=holds)


def test_a_list_under_a_grant_by_province_is_refused_where_rows_name_no_province() -> None:
    with pytest.raises(Refused) as refused:
        within(HOLDS, Jurisdiction(provinces=frozenset({"01"}), institutions=frozenset({"U1"})))
    assert refused.value.code == "LIST_NOT_IN_AGREEMENT"
    assert within(HOLDS, UNIVERSITY) == (((Condition("university_code", "in", ("U1",)),), Fact.JURISDICTION),)


def test_a_learner_is_still_of_a_province_and_a_school() -> None:
    assert LEARNER.fact_columns == ("sector_code", "person_key", "link_state", "province_code", "institution_code")
