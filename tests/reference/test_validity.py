"""Periods of validity include both their days, and have no end where none is given."""

from datetime import date

import pytest

from reference.validity import has_ended, in_force, is_running, overlap

BEFORE, FIRST, LAST, AFTER = date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31), date(2027, 1, 1)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "days"),
    [
        (FIRST, LAST, [FIRST, LAST]),
        (None, LAST, [BEFORE, FIRST, LAST]),
        (FIRST, None, [FIRST, LAST, AFTER]),
        (None, None, [BEFORE, FIRST, LAST, AFTER]),
        (FIRST, date.max, [FIRST, LAST, AFTER]),
    ],
)
def test_both_days_are_in_the_period(valid_from: date | None, valid_to: date | None, days: list[date]) -> None:
    assert [day for day in (BEFORE, FIRST, LAST, AFTER) if in_force(valid_from, valid_to, day)] == days


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (FIRST, LAST, [FIRST]),
        (None, LAST, [BEFORE, FIRST]),
        (FIRST, None, [FIRST, LAST, AFTER]),
        (None, None, [BEFORE, FIRST, LAST, AFTER]),
    ],
)
def test_a_relation_has_ended_on_its_last_day(start: date | None, end: date | None, days: list[date]) -> None:
    assert [day for day in (BEFORE, FIRST, LAST, AFTER) if is_running(start, end, day)] == days


def test_a_period_has_ended_on_the_day_after_its_last() -> None:
    assert [has_ended(LAST, LAST), has_ended(LAST, AFTER), has_ended(None, AFTER)] == [False, True, False]


@pytest.mark.parametrize(
    ("first", "second", "common"),
    [
        ((FIRST, LAST), (LAST, None), True),
        ((FIRST, LAST), (AFTER, None), False),
        ((None, BEFORE), (FIRST, None), False),
        ((None, FIRST), (FIRST, LAST), True),
        ((None, None), (None, None), True),
    ],
)
def test_periods_overlap_where_they_have_a_day_in_common(
    first: tuple[date | None, date | None], second: tuple[date | None, date | None], common: bool
) -> None:
    assert (overlap(first, second), overlap(second, first)) == (common, common)
