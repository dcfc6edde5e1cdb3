"""Ways through education: which grade in which school year, and which diplomas they end with.

The register begins with school year 2020-2021; earlier schooling is known from diplomas only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from sandbox.generator.words import spread

TODAY = date(2026, 11, 21)
FIRST_YEAR, THIS_YEAR = 2020, 2026
"""School years are named by the calendar year they begin in."""

# Learners of each birth year, per mille of all.
COHORTS = {
    **dict(zip(range(2023, 2020, -1), (45, 50, 54), strict=True)),
    **dict(zip(range(2020, 2015, -1), (64, 66, 66, 65, 64), strict=True)),
    **dict(zip(range(2015, 2011, -1), (66, 62, 60, 58), strict=True)),
    **dict(zip(range(2011, 2008, -1), (48, 46, 44), strict=True)),
    **dict(zip(range(2008, 2004, -1), (22, 22, 21, 20), strict=True)),
    **dict(zip(range(2004, 2000, -1), (9, 8, 7, 6), strict=True)),
    **dict(zip(range(2000, 1989, -1), (4, 4, 3, 3, 3, 2, 2, 2, 2, 1, 1), strict=True)),
}
YEARS_OF_STUDY = {"BACHELOR": 4, "COLLEGE_VOCATIONAL": 3, "MASTER": 2, "DOCTOR": 4}
DIPLOMA_BY_LEVEL = {"BACHELOR": "BACHELOR", "COLLEGE_VOCATIONAL": "COLLEGE", "MASTER": "MASTER", "DOCTOR": "DOCTOR"}
AFTER_SCHOOL = {
    "ACADEMIC": ("BACHELOR",),
    "COLLEGE": ("COLLEGE_VOCATIONAL",),
    "MASTER": ("BACHELOR", "MASTER"),
    "DOCTOR": ("BACHELOR", "MASTER", "DOCTOR"),
}
GROUP_BY_LEVEL = {
    "VOCATIONAL_SECONDARY": "VOCATIONAL",
    "COLLEGE_VOCATIONAL": "VOCATIONAL",
    "BACHELOR": "UNIVERSITY",
    "MASTER": "UNIVERSITY",
    "DOCTOR": "UNIVERSITY",
}
"""The group of institutions that teaches a level, where it is not called as the level is."""


class CareerStep(NamedTuple):
    """A school year of the whole way, before or after the register's beginning, past or future."""

    year: int
    level: str
    group: str
    grade: int


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One school year of a career, made once (so equal by identity); `year` is the calendar year it begins in."""

    level: str
    group: str
    grade: int
    year: int
    status: str


@dataclass(frozen=True, slots=True)
class Award:
    """A diploma earned, by an institution of the group, in a calendar year."""

    kind: str
    group: str
    year: int


@dataclass(frozen=True, slots=True)
class Career:
    """Stages in order of years, from the first in the register; `group` of the institution the learner belongs to."""

    stages: tuple[Stage, ...]
    awards: tuple[Award, ...]
    status: str
    group: str


def _paths(nominal_grade: int) -> dict[str, float]:
    """Return the shares of the paths among those who would be in this grade without any delay."""
    if nominal_grade <= 8:
        return {"ACADEMIC": 1}
    if nominal_grade == 9:
        return {"ACADEMIC": 0.99, "LEFT": 0.01}
    if nominal_grade <= 12:
        return {"ACADEMIC": 0.8, "CONTINUING": 0.12, "VOCATIONAL": 0.055, "LEFT": 0.025}
    if nominal_grade <= 16:
        return {
            "ACADEMIC": 0.65, "COLLEGE": 0.24, "CONTINUING": 0.04, "VOCATIONAL": 0.02, "LEFT": 0.03, "INDEPENDENT": 0.02
        }  # fmt: skip
    if nominal_grade <= 20:
        return {"ACADEMIC": 0.7, "MASTER": 0.15, "COLLEGE": 0.15}
    return {"ADULT": 0.35, "ACADEMIC": 0.3, "MASTER": 0.2, "DOCTOR": 0.15}


@cache
def paths(birth_year: int) -> list[str]:
    """Return the table that draws a path for someone of this birth year."""
    return spread(_paths(THIS_YEAR - birth_year - 5))


def _school_level(path: str, grade: int, year: int) -> tuple[str, str]:
    """Return level and group of institutions for a grade up to 12; preschool's three years count up to 0."""
    if grade <= 0:
        return "PRESCHOOL", "PRESCHOOL"
    if grade <= 5:
        return "PRIMARY", "PRIMARY"
    if grade <= 9:
        return "LOWER_SECONDARY", "LOWER_SECONDARY"
    if path == "CONTINUING":
        return "CONTINUING", "CONTINUING"
    if path == "VOCATIONAL":  # vocational secondary school began with school year 2026-2027
        first_intake = year - grade + 10 >= 2026
        return ("VOCATIONAL_SECONDARY" if first_intake else "CONTINUING"), "VOCATIONAL"
    return "UPPER_SECONDARY", "UPPER_SECONDARY"


def _steps(path: str, birth_year: int, delay: int) -> Iterator[CareerStep]:
    """Yield the whole way, the future included."""
    start = birth_year + 5 + delay  # the year before grade 1
    if path == "ADULT":
        for grade in (10, 11, 12):
            yield CareerStep(THIS_YEAR - birth_year % 3 + grade - 10, "CONTINUING", "CONTINUING", grade)
        return
    for grade in range(-2, 13):
        level, group = _school_level(path, grade, start + grade)
        yield CareerStep(start + grade, level, group, grade if grade > 0 else grade + 3)
    year = start + 13
    for level in AFTER_SCHOOL.get(path, ()):
        for study_year in range(1, YEARS_OF_STUDY[level] + 1):
            yield CareerStep(year, level, GROUP_BY_LEVEL[level], study_year)
            year += 1


def _award(path: str, step: CareerStep) -> Award | None:
    """Return the diploma that the end of a step earns in the calendar year after it began."""
    earned_in = step.year + 1
    if step.level == "LOWER_SECONDARY" and step.grade == 9:  # none since 15 April 2026 (Circular 10/2026/TT-BGDĐT)
        return Award("LOWER_SECONDARY", step.group, earned_in) if earned_in <= 2025 else None
    if step.grade == 12:  # the vocational one is new since the same day
        new = path == "VOCATIONAL" and earned_in >= 2026
        return Award("VOCATIONAL_SECONDARY" if new else "UPPER_SECONDARY", step.group, earned_in)
    if step.grade == YEARS_OF_STUDY.get(step.level):
        return Award(DIPLOMA_BY_LEVEL[step.level], step.group, earned_in)
    return None


@cache
def career(path: str, birth_year: int, delay: int) -> Career:
    """Return the career of a path; `delay` in years is for those past preschool."""
    until = min(THIS_YEAR - 1, birth_year + 16 + delay) if path == "LEFT" else THIS_YEAR
    steps = [step for step in _steps(path, birth_year, delay) if step.year <= until]
    stages = tuple(
        Stage(step.level, step.group, step.grade, step.year, _status(path, step, steps[-1]))
        for step in steps
        if step.year >= FIRST_YEAR
    )
    completed = (step for step in steps if _status(path, step, steps[-1]) == "COMPLETED")
    awards = tuple(award for step in completed if (award := _award(path, step)))
    return Career(stages, awards, _standing(path, steps[-1]), steps[-1].group)


def _status(path: str, step: CareerStep, last: CareerStep) -> str:
    """Return how a stage ended, or that it has not."""
    if step.year == THIS_YEAR:
        return "ACTIVE"
    return "WITHDRAWN" if path == "LEFT" and step is last else "COMPLETED"


def _standing(path: str, last: CareerStep) -> str:
    """Return a learner's status today."""
    if last.year == THIS_YEAR:
        return "STUDYING"
    return path if path in ("LEFT", "INDEPENDENT") else "GRADUATED"
