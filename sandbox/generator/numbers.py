"""Citizen identification numbers: valid for sex, birth year and birth-registration province, and never twice.

Source of the form: Decree 137/2015/NĐ-CP. The last six digits are drawn without replacement: of a million, 40,000 are
the personas', the others are shared by four roles (the learner, the father, the mother, a guardian), 240,000 each.
A learner's slot is the index modulo 240,000; the learners of one slot, one from each block of 240,000, differ in birth
province or birth year, because the block shifts the two quantiles that choose them by more than any one province or
year weighs. Relatives follow the learner's province and year by rules of the slot alone, so they differ too.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from sandbox.generator.words import WORD

SLOTS = 240_000
FIRST_SERIAL = 40_000  # those before are the personas'
YEAR_BLOCKS, PROVINCE_BLOCKS = 12, 10
MOST_LEARNERS = SLOTS * YEAR_BLOCKS * PROVINCE_BLOCKS
SPREAD = 7**10  # coprime to the 960,000 serials, so every serial comes once

LEARNER, FATHER, MOTHER, GUARDIAN = range(4)
CENTURY_DIGIT: Mapping[tuple[str, int], str] = MappingProxyType(
    {("MALE", 19): "0", ("FEMALE", 19): "1", ("MALE", 20): "2", ("FEMALE", 20): "3"}
)

T = TypeVar("T")


def citizen_number(birth_province: str, sex: str, birth_year: int, role: int, slot: int) -> str:
    """Return the number of the person with this role in a slot; the province by its two digits before July 2025."""
    serial = (4 * slot + role) * SPREAD % (4 * SLOTS) + FIRST_SERIAL
    return f"0{birth_province}{CENTURY_DIGIT[sex, birth_year // 100]}{birth_year % 100:02d}{serial:06d}"


def drawn_year(years: list[T], word: int, block: int) -> T:
    """Return the value at the word's quantile, shifted so that the blocks of one province block never agree."""
    return years[(word + block % YEAR_BLOCKS * WORD // YEAR_BLOCKS) % WORD]


def drawn_province(provinces: list[T], word: int, block: int) -> T:
    """Return the value at the word's quantile, shifted so that different province blocks never agree."""
    return provinces[(word + block // YEAR_BLOCKS * WORD // PROVINCE_BLOCKS) % WORD]
