"""Months of a time that was held, as the Civil Code 2015 counts them (arts. 146 to 148)."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

DAYS_OF_A_MONTH = 30  # art. 146(1)(c), where a time is not one piece
ONE_DAY = timedelta(days=1)


class Span(NamedTuple):
    """Days from `start` up to, not including, `end`. `opened`: something began on the first day, else before it."""

    start: date
    end: date
    opened: bool = True


class Months(NamedTuple):
    """Completed months, and the days beyond them."""

    months: int
    days: int


def months_of(spans: Iterable[Span]) -> Months:
    """Return the completed months of all spans; overlaps count once.

    The day on which something began is not counted (art. 147(2)); a month ends with the day of the same number, or the
    last of a month that has no such day (art. 148(3)). Days that are left over of several pieces make months of 30
    (art. 146(1)(c)). That a term ends later because its last day is a holiday (art. 148(5)) is no time held.
    """
    counted = [_months_of_one(span) for span in _merged(spans)]
    months, days = sum(span.months for span in counted), sum(span.days for span in counted)
    if len(counted) == 1:
        return Months(months, days)
    return Months(months + days // DAYS_OF_A_MONTH, days % DAYS_OF_A_MONTH)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            last = merged[-1]
            merged[-1] = last._replace(end=max(last.end, span.end))
        else:
            merged.append(span)
    return merged


def _months_of_one(span: Span) -> Months:
    months = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month
    while months and _end_of(span, months) > span.end:
        months -= 1
    return Months(months, max((span.end - _end_of(span, months)).days, 0))


def _end_of(span: Span, months: int) -> date:
    """Return the day after the last of so many months."""
    year, month = divmod(span.start.month - 1 + months, 12)
    first = date(span.start.year + year, month + 1, 1)
    after = (first + timedelta(days=31)).replace(day=1)
    if span.opened:
        return min(first + timedelta(days=span.start.day - 1), after - ONE_DAY) + ONE_DAY
    return min(first + timedelta(days=span.start.day - 1), after)
