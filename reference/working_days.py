"""Working days in Vietnam's state bodies: Monday to Friday, but for the days in `tables/holidays.tsv`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

from reference.tables import rows_of

SATURDAY = 5
ONE_DAY = timedelta(days=1)


class CalendarUnknown(LookupError):
    """A day of a year for which no holidays are in the table."""


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A weekday that is off, or a weekend's day on which work is made up for.

    `confidence`: H official text, M press, L not announced yet: reckoned from the lunar calendar and the Labour Code.
    """

    day: date
    is_working: bool
    name: str
    confidence: str
    source: str


def is_working_day(day: date) -> bool:
    """Tell whether state bodies work on the day. Raises CalendarUnknown for a year that is not in the table."""
    if day.year not in known_years():
        raise CalendarUnknown(f"the public holidays of {day.year} are not in the table")
    special = special_days().get(day)
    return day.weekday() < SATURDAY if special is None else special.is_working


def add_working_days(day: date, number: int) -> date:
    """Return the working day that is so many working days after a day, which itself does not count.

    Source: Civil Code 91/2015/QH13 art. 147(2). Raises ValueError for a negative number, CalendarUnknown as above.
    """
    if number < 0:
        raise ValueError("working days are counted forward")
    while number:
        day += ONE_DAY
        number -= is_working_day(day)
    return day


def on_or_after(day: date) -> date:
    """Return the day, or the next working day where it is none: a term does not end on a day off.

    Source: Civil Code 91/2015/QH13 art. 148(5). Raises CalendarUnknown as above.
    """
    while not is_working_day(day):
        day += ONE_DAY
    return day


@cache
def special_days() -> Mapping[date, SpecialDay]:
    """Return the table, by day."""
    found = {}
    for text, effect, name, confidence, source in rows_of("holidays"):
        day = date.fromisoformat(text)
        found[day] = SpecialDay(day, effect == "work", name, confidence, source)
    return MappingProxyType(found)


@cache
def known_years() -> frozenset[int]:
    """Return the years whose holidays are in the table."""
    return frozenset(day.year for day in special_days())
