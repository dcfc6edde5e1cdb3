"""What all learners of one seed and size have in common, worked out once: shares, names, institutions."""

from calendar import isleap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from reference.names import Sex, personal_names, religions
from reference.names import family_names as family_name_frequencies
from sandbox.generator.careers import COHORTS
from sandbox.generator.institutions import GeneratedInstitution, codes_by_place, institutions
from sandbox.generator.numbers import MOST_LEARNERS
from sandbox.generator.provinces import (
    CENTRAL_HIGHLANDS,
    MEKONG,
    NORTHERN_HIGHLANDS,
    POPULATION,
    predecessors,
    successor,
)
from sandbox.generator.words import WORD, Words, spread, words_of

ELSEWHERE = 0.12  # the weight of a birth province outside the provinces served, as a part of its people
# Shares in per cent that follow the census of 2019 in kind; by the region of birth.
ETHNIC_GROUPS_BY_REGION: dict[str, dict[str, float]] = {
    "lowland": {"Kinh": 97, "Mường": 1, "Hoa": 0.5, "Tày": 0.5, "Chăm": 0.5, "Thái": 0.5},
    "northern highlands": {"Kinh": 42, "Tày": 17, "Mông": 12, "Thái": 10, "Mường": 7, "Nùng": 7, "Dao": 5},
    "central highlands": {"Kinh": 62, "Ê Đê": 10, "Gia Rai": 10, "Ba Na": 6, "Cơ Ho": 5, "Mnông": 3, "Nùng": 4},
    "mekong": {"Kinh": 92, "Khmer": 6.6, "Hoa": 1.2, "Chăm": 0.2},
}


@dataclass(frozen=True, slots=True)
class World:
    """Tables of 65,536 entries are drawn from by a word; the other mappings are by province or place."""

    seed: int
    learners: int
    words: Callable[[int, int], Words]
    birth_years: list[int]
    birth_provinces: list[str]
    served: frozenset[str]
    arrivals: list[str]  # provinces that people move to
    institutions: tuple[GeneratedInstitution, ...]
    codes_by_place: Mapping[tuple[str, str], tuple[str, ...]]  # (province served, group of levels) -> institutions
    family_names: list[str]
    ethnic_groups_by_province: Mapping[str, list[str]]
    religions: list[str]


def world(learners: int, seed: int) -> World:
    """Raises ValueError for more learners than there are numbers for."""
    if learners > MOST_LEARNERS:
        raise ValueError(f"at most {MOST_LEARNERS:,} learners, not {learners:,}")
    all_institutions = institutions(learners, seed)
    served = frozenset(institution.province_code for institution in all_institutions)
    weights = {old: people * (1 if successor(old) in served else ELSEWHERE) for old, people in POPULATION.items()}
    arrivals = {province: sum(POPULATION[old] for old in predecessors()[province]) for province in sorted(served)}
    return World(
        seed=seed,
        learners=learners,
        words=words_of(seed),
        birth_years=spread(COHORTS),
        birth_provinces=spread(weights),
        served=served,
        arrivals=spread(arrivals),
        institutions=all_institutions,
        codes_by_place=codes_by_place(all_institutions),
        family_names=_table(family_name_frequencies().at),
        ethnic_groups_by_province={old: spread(ETHNIC_GROUPS_BY_REGION[_region(old)]) for old in POPULATION},
        religions=_table(religions().at),
    )


def _table(value_at: Callable[[float], str]) -> list[str]:
    return [value_at(word / WORD) for word in range(WORD)]


def _region(old_province: str) -> str:
    if old_province in NORTHERN_HIGHLANDS:
        return "northern highlands"
    if old_province in CENTRAL_HIGHLANDS:
        return "central highlands"
    return "mekong" if old_province in MEKONG else "lowland"


@cache
def given_name_tables(sex: Sex, birth_year: int) -> tuple[list[str], list[str], list[str]]:
    """Return tables of 1,024 first middle, second middle and given names of that sex and year."""
    names = personal_names(sex, birth_year)
    shares = [(step + 0.5) / 1024 for step in range(1024)]
    first, second, given = (
        [kind.at(share) for share in shares] for kind in (names.first_middle, names.second_middle, names.given)
    )
    return first, second, given


@cache
def days_of(year: int) -> list[str]:
    """Return the days of a year, ISO 8601."""
    first = date(year, 1, 1)
    return [(first + timedelta(days)).isoformat() for days in range(366 if isleap(year) else 365)]
