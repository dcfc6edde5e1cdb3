"""Months as the Civil Code 2015 counts them: examples worked out by hand from arts. 146 to 148."""

from datetime import date, timedelta

import pytest

from reference.months import Months, Span, months_of


def _through(start: date, last: date, opened: bool = True) -> Span:
    return Span(start, last + timedelta(days=1), opened)


@pytest.mark.parametrize(
    ("start", "last", "expected"),
    [
        # art. 147(2): the first day is not counted; art. 148(3): the month ends with the day of the same number
        (date(2024, 3, 1), date(2025, 8, 31), (17, 30)),
        (date(2024, 3, 1), date(2025, 9, 1), (18, 0)),
        (date(2024, 3, 1), date(2025, 9, 2), (18, 1)),
        # art. 148(3): or with the last day of a month that has no such day
        (date(2025, 1, 31), date(2025, 2, 27), (0, 27)),
        (date(2025, 1, 31), date(2025, 2, 28), (1, 0)),
        (date(2024, 1, 31), date(2024, 2, 28), (0, 28)),
        (date(2025, 4, 30), date(2025, 5, 29), (0, 29)),
        (date(2025, 4, 30), date(2025, 5, 30), (1, 0)),
        (date(2024, 2, 29), date(2025, 2, 28), (12, 0)),
        (date(2025, 1, 1), date(2025, 1, 1), (0, 0)),
        (date(2025, 1, 1), date(2025, 1, 31), (0, 30)),  # one piece: 30 days are no month yet
    ],
)
def test_months_of_what_began_on_a_day(start: date, last: date, expected: tuple[int, int]) -> None:
    assert months_of([_through(start, last)]) == Months(*expected)


@pytest.mark.parametrize(
    ("start", "last", "expected"),
    [
        (date(2024, 3, 1), date(2024, 5, 31), (3, 0)),
        (date(2024, 3, 1), date(2024, 5, 30), (2, 30)),
        (date(2023, 3, 1), date(2024, 2, 29), (12, 0)),
        (date(2025, 1, 31), date(2025, 2, 27), (0, 28)),
        (date(2025, 1, 31), date(2025, 2, 28), (1, 0)),
    ],
)
def test_months_of_what_began_before_count_their_first_day(start: date, last: date, expected: tuple[int, int]) -> None:
    assert months_of([_through(start, last, opened=False)]) == Months(*expected)


def test_overlaps_count_once_and_what_follows_at_once_is_one_piece() -> None:
    first, second = _through(date(2025, 1, 1), date(2025, 3, 15)), _through(date(2025, 2, 1), date(2025, 7, 1))
    assert months_of([second, first]) == Months(6, 0)
    follows = _through(date(2025, 3, 16), date(2025, 7, 1))
    assert months_of([first, follows]) == Months(6, 0)
    assert months_of([first, _through(date(2025, 1, 1), date(2025, 3, 15), opened=False)]) == Months(2, 15)


def test_days_left_over_of_several_pieces_make_months_of_thirty() -> None:
    pieces = [_through(date(2025, 1, 1), date(2025, 2, 21)), _through(date(2025, 5, 1), date(2025, 5, 15))]
    assert months_of(pieces) == Months(2, 4)  # a month and 20 days, and 14 days


def test_no_time_is_no_month() -> None:
    assert months_of([]) == Months(0, 0)
