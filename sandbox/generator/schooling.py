"""Enrolments: the school years of a career, at the institutions of the learner's province."""

from functools import cache
from typing import Protocol

from sandbox.generator.careers import Career, Stage
from sandbox.generator.words import WORD, Words
from sandbox.generator.world import World

NULL = r"\N"
TRANSFERS = round(0.06 * WORD)
DISCIPLINED = round(0.004 * WORD)
MARKS = 64
FIRST_MARKED_GRADE = 4  # the first three grades of primary school are assessed by comments
DISCIPLINE = "Khiển trách: vi phạm nội quy nhà trường"
HIGHER = frozenset({"COLLEGE_VOCATIONAL", "BACHELOR", "MASTER", "DOCTOR"})


class Schools(Protocol):
    """The institution of a learner for each group of levels, by its code."""

    def institution(self, group: str, other: int = 0) -> str: ...


class SchoolPlaces:
    """The institution of a learner for each group of levels; `words` choose, the same for the same group."""

    __slots__ = ("_group_words", "_province", "_world")

    def __init__(self, world: World, province: str, words: Words) -> None:
        self._world = world
        self._province = province
        self._group_words = words

    def institution(self, group: str, other: int = 0) -> str:
        """Return its code; with `other` one before a transfer, which may happen to be the same."""
        codes = self._world.codes_by_place[self._province, group]
        word = self._group_words[len(group) % 7]
        return codes[((word * len(codes) >> 16) + other) % len(codes)]


def enrolment_lines(code: str, career: Career, places: Schools, words: Words) -> list[str]:
    """Return the lines of a learner's school years, oldest first."""
    stages = career.stages
    moved_at = words[8] % len(stages) if stages and words[7] < TRANSFERS else -1
    disciplined_at = words[9] % len(stages) if stages and words[10] < DISCIPLINED else -1
    ability = (words[11] + words[12]) * (MARKS - 8) >> 17
    letter = words[13] & 7
    lines: list[str] = []
    for position, stage in enumerate(stages):
        head = _head(stage, letter)
        earlier = position <= moved_at and stage.group == stages[moved_at].group
        institution = places.institution(stage.group, other=1 if earlier else 0)
        if position == moved_at and institution != places.institution(stage.group):
            lines.append(f"{code}{len(lines):02d}\t{code}\t{institution}\t{head}\t{_transferred(stage.year)}")
            institution = places.institution(stage.group)
        tail = _tail(stage, ability + (words[14] >> 2 * position & 7))
        if position == disciplined_at and stage.level in ("LOWER_SECONDARY", "UPPER_SECONDARY"):
            tail = tail.removesuffix(NULL) + DISCIPLINE
        lines.append(f"{code}{len(lines):02d}\t{code}\t{institution}\t{head}\t{tail}")
    return lines


@cache
def _head(stage: Stage, letter: int) -> str:
    """Return the columns level, grade, class name."""
    return f"{stage.level}\t{stage.grade}\t{_class_name(stage, letter)}"


def _class_name(stage: Stage, letter: int) -> str:
    if stage.level == "PRESCHOOL":
        return f"{('Mầm', 'Chồi', 'Lá')[stage.grade - 1]} {letter + 1}"
    if stage.level in HIGHER:
        return f"K{(stage.year - stage.grade + 1) % 100}.{letter + 1}"
    return f"{stage.grade}{'ABCD'[letter >> 1]}{(letter & 1) + 1}"


@cache
def _transferred(year: int) -> str:
    return f"{school_year(year)}\t{year}-09-05\t{year}-10-15\tTRANSFERRED\t{NULL}\t{NULL}\t{NULL}"


@cache
def _tail(stage: Stage, mark: int) -> str:
    """Return the columns from school year to discipline; `mark` in 0..63 is the learner's place."""
    begun = f"{school_year(stage.year)}\t{stage.year}-09-05"
    if stage.status == "ACTIVE":
        return f"{begun}\t{NULL}\tACTIVE\t{NULL}\t{NULL}\t{NULL}"
    if stage.status == "WITHDRAWN":
        return f"{begun}\t{stage.year + 1}-02-15\tWITHDRAWN\t{NULL}\t{NULL}\t{NULL}"
    conduct = NULL if stage.level == "PRESCHOOL" else conduct_of(mark)
    marked = stage.level != "PRESCHOOL" and (stage.level != "PRIMARY" or stage.grade >= FIRST_MARKED_GRADE)
    average = f"{4.4 + mark * 0.085:.1f}" if marked else NULL
    return f"{begun}\t{stage.year + 1}-05-31\tCOMPLETED\t{average}\t{conduct}\t{NULL}"


def conduct_of(mark: int) -> str:
    return "GOOD" if mark >= 18 else "FAIR" if mark >= 8 else "PASS" if mark >= 3 else "FAIL"


def school_year(year: int) -> str:
    return f"{year}-{year + 1}"
