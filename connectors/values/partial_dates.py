"""Dates of which only the year or the month may be known, as registers write them: `1950`, `07/1950`, `1950-07-00`."""

import re
from datetime import date
from typing import Any

import sqlalchemy as sa

from connectors.values.conversion import Column

ISO = re.compile(r"(\d{4})(-\d\d)?(-\d\d)?\Z", re.ASCII)
WITHOUT_DAY = ("____", "____-__")


def period_text(stored: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the expression of what is stored in ISO 8601, shortened to what is known; anything else as it is."""
    text = sa.cast(stored, sa.Text)
    day, month, year = _part(text, 1, 2), _part(text, 4, 2), _part(text, 7, 4)
    return sa.case(
        (text.like("__/__/____"), year.concat("-").concat(month).concat("-").concat(day)),
        (text.like("__/____"), _part(text, 4, 4).concat("-").concat(day)),
        (text.like("____-00-00"), _part(text, 1, 4)),
        (text.like("____-__-00"), _part(text, 1, 7)),
        else_=text,
    )


def day_text(stored: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the expression of the day in ISO 8601, null where it is not known."""
    text = period_text(stored)
    return sa.case(*((text.like(form), sa.null()) for form in WITHOUT_DAY), else_=text)


def _part(text: sa.ColumnElement[Any], start: int, length: int) -> sa.ColumnElement[Any]:
    # numbers in the statement's own text: as parameters they would need a type
    return sa.func.substr(text, sa.literal_column(str(start)), sa.literal_column(str(length)), type_=sa.Text)


def periods(values: Column) -> Column:
    """Conversion of what is known of dates; raises ValueError for what is no such text, or no day of the calendar."""
    for value in values:
        if value is not None:
            _check(value)
    return values


def days(values: Column) -> Column:
    """Conversion of dates written as ISO 8601 text; one of which the day is not known is null."""
    periods(values)
    full = len("2015-03-02")
    return [date.fromisoformat(value) if value is not None and len(value) == full else None for value in values]


def _check(value: Any) -> None:
    matched = ISO.match(value) if isinstance(value, str) else None
    if matched is None:
        raise ValueError("no date, nor a part of one")
    year, month, day = matched.groups()
    date.fromisoformat(f"{year}{month or '-01'}{day or '-01'}")
