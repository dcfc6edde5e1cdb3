"""Completed years of age, around birthdays and on 29 February."""

from datetime import date

import pytest

from reference.ages import age

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
