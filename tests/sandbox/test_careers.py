"""Ways through education, as small tables."""

import pytest

from sandbox.generator.careers import COHORTS, career, paths


def test_cohorts_are_per_mille() -> None:
    assert sum(COHORTS.values()) == 1000


@pytest.mark.parametrize(
    ("path", "birth_year", "delay", "today"),
    [
        ("ACADEMIC", 2023, 0, ("PRESCHOOL", 1, "STUDYING")),
        ("ACADEMIC", 2020, 0, ("PRIMARY", 1, "STUDYING")),
        ("ACADEMIC", 2011, 0, ("UPPER_SECONDARY", 10, "STUDYING")),
        ("ACADEMIC", 2011, 1, ("LOWER_SECONDARY", 9, "STUDYING")),
        ("ACADEMIC", 2008, 0, ("BACHELOR", 1, "STUDYING")),
        ("ACADEMIC", 2004, 0, ("BACHELOR", 4, "GRADUATED")),
        ("VOCATIONAL", 2011, 0, ("VOCATIONAL_SECONDARY", 10, "STUDYING")),
        ("VOCATIONAL", 2010, 0, ("CONTINUING", 11, "STUDYING")),
        ("COLLEGE", 2007, 0, ("COLLEGE_VOCATIONAL", 2, "STUDYING")),
        ("LEFT", 2009, 0, ("UPPER_SECONDARY", 11, "LEFT")),
        ("INDEPENDENT", 2007, 0, ("UPPER_SECONDARY", 12, "INDEPENDENT")),
        ("DOCTOR", 1998, 0, ("DOCTOR", 4, "GRADUATED")),
    ],
)
def test_the_last_stage_and_the_status(path: str, birth_year: int, delay: int, today: tuple[str, int, str]) -> None:
    made = career(path, birth_year, delay)
    assert (made.stages[-1].level, made.stages[-1].grade, made.status) == today


@pytest.mark.parametrize(
    ("path", "birth_year", "awards"),
    [
        ("ACADEMIC", 2011, []),
        ("ACADEMIC", 2010, [("LOWER_SECONDARY", 2025)]),
        ("ACADEMIC", 2008, [("LOWER_SECONDARY", 2023), ("UPPER_SECONDARY", 2026)]),
        ("VOCATIONAL", 2008, [("LOWER_SECONDARY", 2023), ("VOCATIONAL_SECONDARY", 2026)]),
        ("VOCATIONAL", 2007, [("LOWER_SECONDARY", 2022), ("UPPER_SECONDARY", 2025)]),
        ("COLLEGE", 2005, [("LOWER_SECONDARY", 2020), ("UPPER_SECONDARY", 2023), ("COLLEGE", 2026)]),
        ("ADULT", 1996, []),
    ],
)
def test_diplomas_earned(path: str, birth_year: int, awards: list[tuple[str, int]]) -> None:
    assert [(award.kind, award.year) for award in career(path, birth_year, 0).awards] == awards


def test_every_path_of_every_birth_year_leads_somewhere() -> None:
    statuses = {career(path, year, 0).status for year in COHORTS for path in set(paths(year))}
    assert statuses == {"STUDYING", "GRADUATED", "LEFT", "INDEPENDENT"}
