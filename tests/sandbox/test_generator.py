"""The generator: the same from the same seed, valid in every value, whole across tables."""

from collections import Counter
from datetime import date
from itertools import pairwise
from math import gcd
from unicodedata import is_normalized  # noqa: TID251

import pytest

from reference.names import family_names
from reference.units import BIRTH_REGISTRATION_PROVINCES, recorded_unit, unit_at
from sandbox.generator.batches import batches
from sandbox.generator.institutions import institutions
from sandbox.generator.numbers import MOST_LEARNERS, SLOTS, SPREAD
from sandbox.generator.people import families
from sandbox.generator.schooling import NULL
from sandbox.generator.world import world
from sandbox.personas import RECORD_CONFLICTS
from sandbox.registers import TABLES
from tests.sandbox.conftest import LEARNERS, OF, SEED, Rows

TODAY = "2026-11-21"
COMING_OF_AGE = "2008-11-21"
CHANGE = "2025-07-01"
DIPLOMAS_SINCE_15_APRIL_2026 = {"UPPER_SECONDARY", "VOCATIONAL_SECONDARY", "COLLEGE", "BACHELOR", "MASTER", "DOCTOR"}
GRADES_BY_LEVEL = {
    "PRESCHOOL": range(1, 4),
    "PRIMARY": range(1, 6),
    "LOWER_SECONDARY": range(6, 10),
    "UPPER_SECONDARY": range(10, 13),
    "VOCATIONAL_SECONDARY": range(10, 13),
    "CONTINUING": range(10, 13),
    "COLLEGE_VOCATIONAL": range(1, 4),
    "BACHELOR": range(1, 5),
    "MASTER": range(1, 3),
    "DOCTOR": range(1, 5),
}


def test_the_same_seed_makes_the_same_lines(lines: dict[str, list[str]]) -> None:
    (again,) = batches(world(OF, SEED), 0, LEARNERS)
    assert again == {table: lines[table] for table in again}


def test_another_seed_makes_other_learners(lines: dict[str, list[str]]) -> None:
    (other,) = batches(world(OF, SEED + 1), 0, LEARNERS)
    assert other["learners"] != lines["learners"]


def test_any_range_can_be_made_by_itself(lines: dict[str, list[str]]) -> None:
    (part,) = batches(world(OF, SEED), 1200, 1300)
    assert part["learners"] == [line for line in lines["learners"] if 1200 <= int(line[2:10]) < 1300]
    assert set(part["enrolments"]) <= set(lines["enrolments"])


def test_an_odd_number_of_learners_is_exact() -> None:
    (batch,) = batches(world(101, SEED), 0, 101)
    assert len(batch["learners"]) == 101


def test_no_learner_is_made_of_none() -> None:
    assert list(batches(world(0, SEED), 0, 0)) == []


def test_more_learners_than_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 28,800,000 learners, not 28,800,001"):
        world(MOST_LEARNERS + 1, SEED)


def test_citizen_numbers_are_valid_and_their_own(everything: Rows) -> None:
    for citizen in everything["citizens"]:
        number, year = citizen["citizen_id"], int(citizen["birth_date"][:4])
        assert len(number) == 12
        assert number[:3] == citizen["birth_province_code"]
        assert number[:3] in BIRTH_REGISTRATION_PROVINCES
        assert int(number[3]) == (0 if year < 2000 else 2) + (citizen["sex"] == "FEMALE")
        assert int(number[4:6]) == year % 100
        assert citizen["person_key"] == number
    assert len({citizen["person_key"] for citizen in everything["citizens"]}) == len(everything["citizens"])


def test_citizen_numbers_are_never_given_twice_up_to_the_whole_country() -> None:
    country = world(MOST_LEARNERS, SEED)
    blocks = range(MOST_LEARNERS // SLOTS)
    numbers: Counter[str] = Counter()
    for slot in range(0, SLOTS, 6_002):
        for family in (family for block in blocks for family in families(country, (block * SLOTS + slot) // 2)):
            numbers.update(child.person.citizen_id for child in family.children)
            numbers.update(guardian.citizen_id for _, guardian in family.guardians)
    assert numbers.total() > 80 * len(blocks)
    assert [number for number, times in numbers.items() if times > 1] == []


def test_every_serial_of_citizen_numbers_comes_once() -> None:
    assert gcd(SPREAD, 4 * SLOTS) == 1


def test_every_text_is_nfc_and_fits_a_line(lines: dict[str, list[str]]) -> None:
    for its_lines in lines.values():
        assert is_normalized("NFC", "\n".join(its_lines))
        values = {value for line in its_lines for value in line.split("\t")} - {NULL}
        assert not [value for value in values if set(value) & set("\\\t\r\n") or not value or value != value.strip()]


def test_names_are_as_frequent_as_they_are(generated: Rows) -> None:
    families_of_name = Counter(citizen["full_name"].split()[0] for citizen in generated["citizens"])
    total = families_of_name.total()
    assert [name for name, _ in families_of_name.most_common(3)] == ["Nguyễn", "Trần", "Lê"]
    assert families_of_name["Nguyễn"] / total == pytest.approx(family_names().share_of("Nguyễn"), abs=0.02)


def test_links_have_their_shares(generated: Rows) -> None:
    states = Counter(learner["link_state"] for learner in generated["learners"])
    assert states["UNLINKED"] / LEARNERS == pytest.approx(0.15, abs=0.025)
    assert 0 < states["MISMATCHED"] / LEARNERS < 0.006
    linked = {learner["person_key"] for learner in generated["learners"] if learner["link_state"] == "VERIFIED"}
    recorded = {period["person_key"] for period in generated["residence_periods"]}
    assert recorded <= linked
    assert len(recorded) / len(linked) == pytest.approx(0.4, abs=0.04)


def test_a_verified_record_agrees_with_the_citizen_and_a_mismatched_one_does_not(everything: Rows) -> None:
    citizen_by_key = {citizen["person_key"]: citizen for citizen in everything["citizens"]}
    for learner in everything["learners"]:
        if learner["link_state"] == "UNLINKED":
            assert "person_key" not in learner
            assert "citizen_id" not in learner
            continue
        citizen = citizen_by_key[learner["person_key"]]
        planted = RECORD_CONFLICTS.get(learner["sector_code"], {})
        agrees = all(learner[column] == citizen[column] for column in {"full_name", "birth_date"} - planted.keys())
        assert agrees == (learner["link_state"] == "VERIFIED")


def test_minors_have_guardians_until_they_come_of_age(generated: Rows) -> None:
    citizen_by_key = {citizen["person_key"]: citizen for citizen in generated["citizens"]}
    guarded = {guardianship["child_key"] for guardianship in generated["guardianships"]}
    minors = {key for key, citizen in citizen_by_key.items() if citizen["birth_date"] > COMING_OF_AGE}
    assert minors <= guarded
    for guardianship in generated["guardianships"]:
        child, guardian = citizen_by_key[guardianship["child_key"]], citizen_by_key[guardianship["guardian_key"]]
        assert int(child["birth_date"][:4]) - int(guardian["birth_date"][:4]) >= 20
        assert guardianship["valid_from"] == child["birth_date"]
        assert int(guardianship["valid_to"][:4]) == int(child["birth_date"][:4]) + 18
        assert (guardianship["kind"] == "FATHER") == (guardian["sex"] == "MALE")
    assert len({g["guardian_key"] for g in generated["guardianships"]}) < len(generated["guardianships"])


def test_rows_refer_to_rows_that_are_there(everything: Rows) -> None:
    keys = {
        table: {row[TABLES[table].primary_key.columns[0].name] for row in rows} for table, rows in everything.items()
    }
    assert all(len(keys[table]) == len(rows) for table, rows in everything.items())
    references = (
        ("learners", "institution_code", "institutions"),
        ("learners", "person_key", "citizens"),
        ("enrolments", "learner_code", "learners"),
        ("enrolments", "institution_code", "institutions"),
        ("credentials", "learner_code", "learners"),
        ("credentials", "institution_code", "institutions"),
        ("guardianships", "guardian_key", "citizens"),
        ("guardianships", "child_key", "citizens"),
        ("residence_periods", "person_key", "citizens"),
    )
    for table, column, target in references:
        assert {row[column] for row in everything[table] if column in row} <= keys[target], (table, column)


def test_a_learner_counts_to_the_province_of_the_institution(everything: Rows) -> None:
    province_by_code = {one["code"]: one["province_code"] for one in everything["institutions"]}
    for learner in everything["learners"]:
        if learner["status"] == "INDEPENDENT":
            assert "institution_code" not in learner
        else:
            assert learner["province_code"] == province_by_code[learner["institution_code"]]


def test_units_are_read_as_of_the_first_day(everything: Rows) -> None:
    for period in everything["residence_periods"]:
        unit = recorded_unit(period["unit_code"], date.fromisoformat(period["from_date"]))
        assert unit is not None
        assert unit.province_code == period["province_code"]
    for institution in everything["institutions"]:
        unit = unit_at(institution["unit_code"], date.fromisoformat(TODAY))
        assert unit is not None
        assert unit.province_code == institution["province_code"]


def test_residence_goes_on_without_gaps_across_the_change(generated: Rows) -> None:
    starts = [period["from_date"] for period in generated["residence_periods"]]
    assert sum(start < CHANGE for start in starts) > 500
    assert sum(start >= CHANGE for start in starts) > 50
    permanent: dict[str, list[dict[str, str]]] = {}
    for period in generated["residence_periods"]:
        assert period["from_date"] <= period.get("to_date", TODAY) <= TODAY
        if period["kind"] == "PERMANENT":
            permanent.setdefault(period["person_key"], []).append(period)
    for periods in permanent.values():
        for before, after in pairwise(periods):
            assert (date.fromisoformat(after["from_date"]) - date.fromisoformat(before["to_date"])).days == 1
        assert "to_date" not in periods[-1]


def test_enrolments_are_of_their_level_and_end_with_their_year(everything: Rows) -> None:
    statuses: Counter[str] = Counter()
    for enrolment in everything["enrolments"]:
        assert int(enrolment["grade"]) in GRADES_BY_LEVEL[enrolment["level"]]
        assert enrolment["school_year"][:4] == enrolment["started_on"][:4]
        if enrolment["school_year"] >= "2026-2027":
            assert enrolment["status"] in ("ACTIVE", "TRANSFERRED")
        assert ("ended_on" in enrolment) == (enrolment["status"] != "ACTIVE")
        assert enrolment["started_on"] < enrolment.get("ended_on", TODAY) <= TODAY
        assert 0 <= float(enrolment.get("average_mark", "0")) <= 10
        statuses[enrolment["status"]] += 1
    assert set(statuses) == {"ACTIVE", "COMPLETED", "TRANSFERRED", "WITHDRAWN"}
    levels = {enrolment["level"] for enrolment in everything["enrolments"]}
    assert levels == set(GRADES_BY_LEVEL)


def test_a_transfer_leads_to_another_institution_in_the_same_year(everything: Rows) -> None:
    of_year = {(row["learner_code"], row["school_year"], row["status"]): row for row in everything["enrolments"]}
    transfers = [row for row in everything["enrolments"] if row["status"] == "TRANSFERRED"]
    assert transfers
    for transfer in transfers:
        status = "ACTIVE" if transfer["school_year"] == "2026-2027" else "COMPLETED"
        after = of_year.get((transfer["learner_code"], transfer["school_year"], status))
        after = after or of_year[transfer["learner_code"], transfer["school_year"], "WITHDRAWN"]
        assert after["institution_code"] != transfer["institution_code"]


def test_diplomas_follow_the_rule_of_15_april_2026(everything: Rows) -> None:
    diplomas = [credential for credential in everything["credentials"] if credential["form"] == "DIPLOMA"]
    before = {diploma["kind"] for diploma in diplomas if diploma["issued_on"] < "2026-04-15"}
    since = {diploma["kind"] for diploma in diplomas if diploma["issued_on"] >= "2026-04-15"}
    assert "LOWER_SECONDARY" in before
    assert "VOCATIONAL_SECONDARY" not in before
    assert since <= DIPLOMAS_SINCE_15_APRIL_2026
    assert "UPPER_SECONDARY" in since
    for credential in everything["credentials"]:
        assert credential["issued_on"] <= credential["status_on"] <= TODAY
        assert ("status_reason" in credential) == (credential["status"] != "ISSUED")


@pytest.mark.parametrize(("learners", "provinces"), [(20_000, 6), (1_000_000, 34)])
def test_there_is_about_one_institution_per_540_learners(learners: int, provinces: int) -> None:
    made = institutions(learners, SEED)
    assert learners / len(made) == pytest.approx(540, rel=0.05)
    assert len({institution.province_code for institution in made}) == provinces
    assert "01" in {institution.province_code for institution in made}
