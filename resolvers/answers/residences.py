"""Answers about residence, given without showing where or when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from auth.errors import Refused
from engine.declarations import Unknown
from reference.months import Months, Span, months_of
from reference.units import Unit, candidates, list_begins, recorded_unit, unit_at
from resolvers.answers.reasons import INPUT_MISSING, UNIT_DIVIDED, UNIT_UNKNOWN
from resolvers.answers.units import UnitValue, checked_code, recorded_value
from resolvers.request.request import Request

MOST_MONTHS = 1200
ONE_DAY = timedelta(days=1)
MEASURES = {"months_at_least": "monthsAtLeast", "months_more_than": "monthsMoreThan"}

Period = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Held:
    """Times of residence that lie in the unit for certain, and those that at least may, with why that is open."""

    certain: list[Span] = field(default_factory=list)
    possible: list[Span] = field(default_factory=list)
    reasons: list[Unknown] = field(default_factory=list)


def held_permanent_residence(
    needs: Mapping[str, Any],
    request: Request,
    within: str,
    months_at_least: int | None = None,
    months_more_than: int | None = None,
    as_of: date | None = None,
    during: Mapping[str, date | None] | None = None,
) -> bool | Unknown:
    """Return whether permanent residence in a unit was held for so many months, in all, during a time.

    `within` is a province's or communal unit's code as of `as_of` (today by default); residence registered under the
    codes of another time is carried over by the reference tables. Unknown where that is open and would decide.
    """
    day = as_of or request.today
    _checked_unit(within, day)
    asked = _checked_months({"months_at_least": months_at_least, "months_more_than": months_more_than})
    held = _held(needs["residence_periods"], within, day, _during(during or {}, request.today))
    if _is_held(months_of(held.certain), asked):
        return True
    return held.reasons[0] if _is_held(months_of(held.possible), asked) else False


def residence_asked(arguments: Mapping[str, Any], request: Request) -> Mapping[str, Any]:
    """Return what is asked: where, whatever day its code is read by, how long, and during which days.

    Where no last day is given the time ends today, and tomorrow's is another question.
    """
    unit = _checked_unit(arguments["within"], arguments.get("as_of") or request.today)
    measure, months = _checked_months(arguments)
    start, end = _during(arguments.get("during") or {}, request.today)
    place = {"code": unit.code, "since": unit.valid_from}
    return {"in": place, MEASURES[measure]: months, "from": start, "before": end}


def permanent_unit(needs: Mapping[str, Any], request: Request) -> UnitValue | Unknown | None:
    """Return the unit of the present permanent residence as it was recorded; None: there is none at present.

    Of several the newest. Unknown where it is not understood, or not known whether a period is one of the present.
    """
    for period in needs["residence_periods"]:
        start, end = period["from_date"], period["to_date"]
        if (end is not None and end < request.today) or (start is not None and start > request.today):
            continue
        if period["kind"] is None:
            return INPUT_MISSING
        if period["kind"] == "PERMANENT":
            is_lacking = start is None or period["unit_code"] is None
            return INPUT_MISSING if is_lacking else recorded_value(period["unit_code"], start)
    return None


def _checked_unit(within: str, day: date) -> Unit:
    """Return the unit. Raises Refused for a code that no unit has on the day, and for a day before the list begins."""
    if day < list_begins(checked_code(within, "in")):
        raise Refused(f"`asOf` must not be before {list_begins(within)}: the list of units of that day is not loaded")
    unit = unit_at(within, day)
    if unit is None:
        raise Refused("`in` is not the code of an administrative unit on that day")
    return unit


def _checked_months(arguments: Mapping[str, Any]) -> tuple[str, int]:
    """Return the measure and its months. Raises Refused unless there is exactly one, of months that can be lived."""
    given = [(name, arguments[name]) for name in MEASURES if arguments.get(name) is not None]
    if len(given) != 1:
        raise Refused("exactly one of `monthsAtLeast` and `monthsMoreThan` must be given")
    ((measure, months),) = given
    if not 0 < months <= MOST_MONTHS:
        raise Refused(f"`{MEASURES[measure]}` must be between 1 and {MOST_MONTHS}, not {months}")
    return measure, months


def _is_held(held: Months, asked: tuple[str, int]) -> bool:
    measure, months = asked
    return held >= (months, 0) if measure == "months_at_least" else held > (months, 0)


def _during(during: Mapping[str, date | None], today: date) -> tuple[date, date]:
    start, end = during.get("from") or date.min, during.get("to") or today
    if start > end:
        raise Refused("`during` ends before it begins")
    return start, min(end, today) + ONE_DAY  # months to come have not been lived through


def _held(periods: Iterable[Period], within: str, as_of: date, during: tuple[date, date]) -> _Held:
    held = _Held()
    for period in periods:
        if period["kind"] not in (None, "PERMANENT"):
            continue
        start, end = period["from_date"], period["to_date"]
        is_reversed = start is not None and end is not None and end < start
        span = _span(None, None, during) if is_reversed else _span(start, end, during)
        if span.start >= span.end:
            continue
        inside = INPUT_MISSING if is_reversed else _inside(period, within, as_of)
        if period["kind"] is None and inside is True:
            inside = INPUT_MISSING
        if inside is True:
            held.certain.append(span)
        if inside is not False:
            held.possible.append(span)
        if isinstance(inside, Unknown):
            held.reasons.append(inside)
    return held


def _span(start: date | None, end: date | None, during: tuple[date, date]) -> Span:
    """Return the part of a period that is asked about; where it began before that, each of its days counts."""
    first, after = during
    after = after if end is None or end >= after else end + ONE_DAY
    return Span(first, after, opened=False) if start is None or start < first else Span(start, after)


def _inside(period: Period, within: str, as_of: date) -> bool | Unknown:
    """Tell whether a period's place lies in the unit of `as_of`; Unknown where only some of what it may be does."""
    start, code, province = period["from_date"], period["unit_code"], period["province_code"]
    if start is None:
        return INPUT_MISSING
    unit = None if code is None else recorded_unit(code, start)
    if unit is not None and province in (None, unit.province_code):
        return _among(candidates(code, start, as_of), within)
    if unit is not None or province is None:
        return INPUT_MISSING if code is None else UNIT_UNKNOWN
    return _in_province(candidates(province, start, as_of), within, as_of)


def _among(places: Sequence[Unit], within: str) -> bool | Unknown:
    inside = [within in (unit.code, unit.province_code) for unit in places]
    if not inside:
        return UNIT_UNKNOWN
    return all(inside) if all(inside) or not any(inside) else UNIT_DIVIDED


def _in_province(provinces: Sequence[Unit], within: str, as_of: date) -> bool | Unknown:
    """Tell the same of a place of which only the province is understood: that it lies in a commune is never certain."""
    unit = unit_at(within, as_of)
    assert unit is not None  # it was checked
    inside = _among(provinces, unit.province_code)
    return UNIT_UNKNOWN if inside is True and unit.code != unit.province_code else inside
