"""Frequencies of names, ethnic groups and religions against the figures that were published."""

from collections import Counter
from random import Random
from unicodedata import is_normalized  # noqa: TID251

import pytest

from reference.names import Frequencies, Sex, ethnic_groups, family_names, personal_names, religions

EVERY = [
    family_names(),
    ethnic_groups(),
    religions(),
    *(
        table
        for sex in ("MALE", "FEMALE")
        for year in (1985, 2004, 2005, 2020)
        for names in (personal_names(sex, year),)
        for table in (names.first_middle, names.second_middle, names.given)
    ),
]


def _share(frequencies: Frequencies, value: str) -> float:
    return round(frequencies.share_of(value), 3)


@pytest.mark.parametrize("frequencies", EVERY)
def test_a_table_is_ready_to_draw_from(frequencies: Frequencies) -> None:
    assert len(set(frequencies.values)) == len(frequencies.values) == len(frequencies.cumulative)
    assert sorted(set(frequencies.cumulative)) == list(frequencies.cumulative)
    assert frequencies.cumulative[-1] == 1.0
    assert all(is_normalized("NFC", value) for value in frequencies.values)


def test_the_ends_of_the_draw_are_values() -> None:
    names = family_names()
    assert (names.at(0.0), names.at(1 - 2**-53)) == (names.values[0], names.values[-1])


def test_family_names_have_the_published_shares() -> None:
    published = {"Nguyễn": 0.384, "Trần": 0.121, "Lê": 0.095, "Phạm": 0.07, "Phan": 0.045, "Đặng": 0.021, "Lý": 0.005}
    assert {name: _share(family_names(), name) for name in published} == published


def test_draws_follow_the_shares() -> None:
    random = Random(1)
    drawn = Counter(family_names().at(random.random()) for _ in range(20_000))
    assert drawn["Nguyễn"] / drawn.total() == pytest.approx(0.384, abs=0.01)


def test_there_are_54_ethnic_groups_of_the_census() -> None:
    assert len(ethnic_groups().values) == 54
    assert (_share(ethnic_groups(), "Kinh"), _share(ethnic_groups(), "Tày")) == (0.853, 0.019)


def test_most_people_declared_no_religion() -> None:
    assert (_share(religions(), "Không"), _share(religions(), "Công giáo")) == (0.863, 0.061)


@pytest.mark.parametrize(("birth_year", "least", "most"), [(1985, 0.70, 0.75), (2010, 0.15, 0.20)])
def test_thi_grew_rare(birth_year: int, least: float, most: float) -> None:
    assert least < personal_names("FEMALE", birth_year).first_middle.share_of("Thị") < most


@pytest.mark.parametrize(("sex", "two_middle_names"), [("FEMALE", 0.65), ("MALE", 0.26)])
def test_how_many_born_after_2004_have_two_middle_names(sex: Sex, two_middle_names: float) -> None:
    assert 1 - _share(personal_names(sex, 2010).second_middle, "") == pytest.approx(two_middle_names, abs=0.01)


def test_a_name_repeats_no_word_and_the_same_draws_give_the_same_name() -> None:
    names = personal_names("FEMALE", 2010)
    drawn = [names.drawn(random.random) for random in [Random(2)] for _ in range(2_000)]
    again = [names.drawn(random.random) for random in [Random(2)] for _ in range(2_000)]
    assert drawn == again
    assert [name for name in drawn if len(set(name.split())) < len(name.split())] == []
