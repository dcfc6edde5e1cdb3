"""Answers about residence, given without showing where or when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from auth.errors import Refused
from reference.units import Unit, candidates, unit_at
from resolvers.answers.units import UnitValue, checked_code, unit_of_residence
from resolvers.request import Request

Span = tuple[date, date]
"""First day and the day after the last."""

MOST_MONTHS = 1200
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Held:
    """Spans of residence that lie in the unit for certain, and those that at least may (a split commune)."""

    certain: list[Span]
    possible: list[Span]


def held_permanent_residence(
    needs: Mapping[str, Any],
    request: Request,
    within: str,
    months_at_least: int,
    as_of: date | None = None,
    during: Mapping[str, date | None] | None = None,
) -> bool | None:
    """Return whether permanent residence in a unit was held for so many months, in all, during a time.

    `within` is a province's or communal unit's code as of `as_of` (today by default); residence registered under the
    codes of another time is carried over by the reference tables. None where a split commune leaves it open, and
    where the person is not linked to the population register.
    """
    day = as_of or request.today
    _checked(within, months_at_least, day)
    periods = needs["residence_periods"]
    if periods is None:
        return None
    held = _held(periods, within, day, _span(during or {}, request.today))
    if months_in(held.certain) >= months_at_least:
        return True
    return None if months_in(held.possible) >= months_at_least else False


def residence_asked(arguments: Mapping[str, Any], request: Request) -> Mapping[str, Any]:
    """Return what is asked: where, whatever day its code is read by, how long, and during which days.

    Where no last day is given the time ends today, and tomorrow's is another question.
    """
    unit = _checked(arguments["within"], arguments["months_at_least"], arguments.get("as_of") or request.today)
    start, end = _span(arguments.get("during") or {}, request.today)
    place = {"code": unit.code, "since": unit.valid_from}
    return {"in": place, "months": arguments["months_at_least"], "from": start, "before": end}


def permanent_unit(needs: Mapping[str, Any], request: Request) -> UnitValue | None:
    """Return the unit of the present permanent residence as of its first day; None: none, or not linked."""
    current = [
        period
        for period in needs["residence_periods"] or ()
        if period["kind"] == "PERMANENT" and (period["to_date"] is None or period["to_date"] >= request.today)
    ]
    return unit_of_residence(current[0], request) if current else None


def _checked(within: str, months_at_least: int, day: date) -> Unit:
    """Return the unit. Raises Refused for a code that none has on the day, and for months that nobody has lived."""
    unit = unit_at(checked_code(within, "in"), day)
    if unit is None:
        raise Refused("`in` is not the code of an administrative unit on that day")
    if not 0 < months_at_least <= MOST_MONTHS:
        raise Refused(f"`monthsAtLeast` must be between 1 and {MOST_MONTHS}, not {months_at_least}")
    return unit


def _span(during: Mapping[str, date | None], today: date) -> Span:
    start, end = during.get("from") or date.min, during.get("to") or today
    if start > end:
        raise Refused("`during` ends before it begins")
    return start, min(end, today) + ONE_DAY  # months to come have not been lived through


def _held(periods: Iterable[Mapping[str, Any]], within: str, as_of: date, during: Span) -> _Held:
    held = _Held([], [])
    for period in periods:
        start, end = period["from_date"], period["to_date"]
        if period["kind"] != "PERMANENT" or start is None:
            continue
        span = (max(start, during[0]), during[1] if end is None or end >= during[1] else end + ONE_DAY)
        if span[0] >= span[1]:
            continue
        inside = [within in (unit.code, unit.province_code) for unit in candidates(period["unit_code"], start, as_of)]
        if inside and all(inside):
            held.certain.append(span)
        if any(inside):
            held.possible.append(span)
    return held


def months_in(spans: Sequence[Span]) -> int:
    """Return the completed months of the spans together, overlaps counted once; left-over days make months of 30."""
    months = days = 0
    for start, end in _merged(spans):
        whole = (end.year - start.year) * 12 + end.month - start.month
        if _later(start, whole) > end:
            whole -= 1
        months += whole
        days += (end - _later(start, whole)).days
    return months + days // 30


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _later(day: date, months: int) -> date:
    """Return the same day so many months later, the last of the month where there is no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    length = ((first + timedelta(days=31)).replace(day=1) - first).days
    return first.replace(day=min(day.day, length))
