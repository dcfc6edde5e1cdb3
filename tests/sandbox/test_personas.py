"""The personas: all there at any size, and each as promised."""

from datetime import date
from pathlib import Path

import pytest

from reference.units import candidates, unit_at
from sandbox.personas import MISMATCHED_RECORD, PERSONAS, RELATIVES, SCHOOL_CODE
from sandbox.seed import ensure_seeded
from tests.sandbox.conftest import Row, Rows
from tests.sandbox.test_seed import table

CITIZENS = [
    "graduate",
    "parent",
    "child-7",
    "child-15",
    "independent",
    "unlinked",
    "mismatched",
    "two-records",
    "twin-a",
    "twin-b",
    "split-commune",
    "code-24",
    "revoked",
]
CLIENTS = [
    "dept-hanoi",
    "school",
    "exam-office",
    "university",
    "employer",
    "police",
    "social-insurance",
    "ministry",
    "officer",
    "developer",
]
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


def the(rows: list[Row], column: str, value: str | None) -> list[Row]:
    return [row for row in rows if row.get(column) == value]


def records(personas: Rows, name: str) -> list[Row]:
    return [row for code in PERSONAS[name].sector_codes for row in the(personas["learners"], "sector_code", code)]


def key(name: str) -> str | None:
    return PERSONAS[name].person_key


def test_the_personas_are_these() -> None:
    assert [persona.name for persona in PERSONAS.values() if persona.kind == "citizen"] == CITIZENS
    assert [persona.name for persona in PERSONAS.values() if persona.kind == "client"] == CLIENTS


@pytest.mark.parametrize("learners", [0, 600])
def test_all_rows_of_personas_are_in_registers_of_any_size(learners: int, personas: Rows, tmp_path: Path) -> None:
    ensure_seeded(tmp_path, learners, seed=3)
    for register, name, key_column in (
        ("education", "learners", "sector_code"),
        ("education", "enrolments", "id"),
        ("credentials", "credentials", "id"),
        ("population", "citizens", "person_key"),
        ("population", "guardianships", "id"),
        ("population", "residence_periods", "id"),
    ):
        expected = {row[key_column] for row in personas[name]}
        present = {str(row[key_column]) for row in table(tmp_path, register, name)}
        assert expected < present if learners else expected == present


def test_graduate_holds_permanent_residence_across_the_change_for_over_three_years(personas: Rows) -> None:
    periods = the(personas["residence_periods"], "person_key", key("graduate"))
    (current,) = [period for period in periods if period["kind"] == "PERMANENT" and "to_date" not in period]
    assert current["from_date"] == "2019-03-01"
    assert len(candidates(current["unit_code"], BEFORE, AFTER)) == 1
    kinds = [row["kind"] for row in the(personas["credentials"], "learner_code", "0199000001")]
    assert kinds == ["LOWER_SECONDARY", "UPPER_SECONDARY", "BACHELOR", "LANGUAGE"]


def test_parent_is_the_guardian_of_both_children_and_no_learner(personas: Rows) -> None:
    children = {row["child_key"] for row in the(personas["guardianships"], "guardian_key", key("parent"))}
    assert children == {key("child-7"), key("child-15")}
    assert PERSONAS["parent"].sector_codes == ()


@pytest.mark.parametrize(
    ("name", "grade", "birth_date"), [("child-7", "1", "2020-02-14"), ("child-15", "10", "2011-03-09")]
)
def test_the_children_learn_at_the_school(name: str, grade: str, birth_date: str, personas: Rows) -> None:
    (learner,) = records(personas, name)
    assert learner["birth_date"] == birth_date
    assert learner["institution_code"] == SCHOOL_CODE
    (active,) = the(the(personas["enrolments"], "learner_code", learner["sector_code"]), "status", "ACTIVE")
    assert (active["grade"], active["institution_code"]) == (grade, SCHOOL_CODE)
    jurisdiction = PERSONAS["school"].jurisdiction
    assert jurisdiction is not None
    assert jurisdiction.institutions == {SCHOOL_CODE}


def test_independent_has_no_institution(personas: Rows) -> None:
    (learner,) = records(personas, "independent")
    assert learner["status"] == "INDEPENDENT"
    assert "institution_code" not in learner


def test_unlinked_is_a_citizen_whose_record_does_not_say_so(personas: Rows) -> None:
    (learner,) = records(personas, "unlinked")
    assert learner["link_state"] == "UNLINKED"
    assert not {"person_key", "citizen_id"} & learner.keys()
    assert the(personas["citizens"], "person_key", key("unlinked"))


def test_mismatched_is_known_by_the_number_of_someone_else(personas: Rows) -> None:
    (learner,) = records(personas, "mismatched")
    (citizen,) = the(personas["citizens"], "person_key", key("mismatched"))
    assert (learner["link_state"], learner["person_key"]) == ("MISMATCHED", citizen["person_key"])
    assert (learner["full_name"], date.fromisoformat(learner["birth_date"])) == MISMATCHED_RECORD
    assert (citizen["full_name"], citizen["birth_date"]) == ("Đỗ Ngọc Lan Anh", "2012-08-08")


def test_two_records_lead_to_one_citizen(personas: Rows) -> None:
    general, vocational = records(personas, "two-records")
    assert general["person_key"] == vocational["person_key"] == key("two-records")
    assert {general["link_state"], vocational["link_state"]} == {"VERIFIED"}
    levels = [
        {row["level"] for row in the(personas["enrolments"], "learner_code", record["sector_code"])}
        for record in (general, vocational)
    ]
    assert levels == [{"LOWER_SECONDARY", "UPPER_SECONDARY"}, {"COLLEGE_VOCATIONAL"}]


def test_twins_share_birth_date_and_guardian_and_nearly_the_rest(personas: Rows) -> None:
    (one,), (other,) = records(personas, "twin-a"), records(personas, "twin-b")
    assert one["birth_date"] == other["birth_date"]
    for column in ("full_name", "person_key", "sector_code"):
        assert one[column] != other[column]
        assert one[column][:9] == other[column][:9]
    guardians = {
        row["guardian_key"] for row in personas["guardianships"] if row["child_key"] in (key("twin-a"), key("twin-b"))
    }
    assert guardians == {RELATIVES["father of the twins"].citizen_id}


def test_split_commune_lives_where_the_commune_was_split(personas: Rows) -> None:
    (period,) = the(personas["residence_periods"], "person_key", key("split-commune"))
    assert len(candidates(period["unit_code"], date.fromisoformat(period["from_date"]), AFTER)) >= 2


def test_code_24_names_two_provinces(personas: Rows) -> None:
    (citizen,) = the(personas["citizens"], "person_key", key("code-24"))
    assert citizen["birth_province_code"] == "024"
    before, after = the(personas["residence_periods"], "person_key", key("code-24"))
    assert before["from_date"] < AFTER.isoformat() <= after["from_date"]
    provinces = [unit_at(row["province_code"], date.fromisoformat(row["from_date"])) for row in (before, after)]
    assert [province and province.name for province in provinces] == ["Bắc Giang", "Bắc Ninh"]
    assert before["province_code"] == after["province_code"] == "24"


def test_revoked_holds_a_revoked_diploma(personas: Rows) -> None:
    (revoked,) = the(personas["credentials"], "status", "REVOKED")
    assert (revoked["learner_code"], revoked["kind"]) == (PERSONAS["revoked"].sector_codes[0], "BACHELOR")


@pytest.mark.parametrize(
    ("name", "place", "column", "differing"),
    [
        ("twin-b", 0, "full_name", ("Trần Minh Khánh", "Trần Minh Khanh")),
        ("two-records", 1, "birth_date", ("2008-01-07", "2008-01-17")),
        ("code-24", 0, "ethnicity", ("Tày", "Kinh")),
    ],
)
def test_a_verified_record_contradicts_the_population_register(
    name: str, place: int, column: str, differing: tuple[str, str], personas: Rows
) -> None:
    learner = records(personas, name)[place]
    (citizen,) = the(personas["citizens"], "person_key", key(name))
    assert (learner["link_state"], learner[column], citizen[column]) == ("VERIFIED", *differing)
    shared = {"full_name", "birth_date", "sex", "ethnicity", "nationality"} - {column}
    assert {one: learner[one] for one in shared} == {one: citizen[one] for one in shared}
