"""Completed years of age, around birthdays and on 29 February."""

from datetime import date

import pytest

from reference.ages import age, first_day, is_at_least, last_day

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        (date(2008, 11, 21), TODAY, 18),
        (date(2008, 11, 22), TODAY, 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (TODAY, TODAY, 0),
    ],
)
def test_age(born: date, today: date, years: int) -> None:
    assert age(born, today) == years


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("1950", date(1950, 1, 1), date(1950, 12, 31)),
        ("1952-02", date(1952, 2, 1), date(1952, 2, 29)),
        ("1950-12", date(1950, 12, 1), date(1950, 12, 31)),
        ("1950-07-21", date(1950, 7, 21), date(1950, 7, 21)),
    ],
)
def test_what_is_known_of_a_date_has_a_first_and_a_last_day(period: str, first: date, last: date) -> None:
    assert (first_day(period), last_day(period)) == (first, last)


@pytest.mark.parametrize(
    ("period", "reached"),
    [
        ("1950", True),
        ("2007", True),
        ("2008", None),
        ("2009", False),
        ("2008-10", True),
        ("2008-11", None),
        ("2008-12", False),
        ("2008-11-21", True),
        ("2008-11-22", False),
    ],
)
def test_an_age_that_what_is_known_leaves_open_is_open(period: str, reached: bool | None) -> None:
    assert is_at_least(period, 18, TODAY) is reached
