"""Administrative units as seen on a day, from the dated reference tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from auth.errors import Refused
from engine.declarations import Unknown
from reference.units import (
    COMMUNE_DIGITS,
    COMMUNES_SINCE,
    PROVINCE_DIGITS,
    PROVINCES_SINCE,
    Unit,
    UnitKind,
    candidates,
    is_unit_code,
    list_begins,
    recorded_unit,
    unit_at,
    units,
)
from resolvers.answers.reasons import LIST_NOT_LOADED, UNIT_DIVIDED, UNIT_UNKNOWN
from resolvers.request.request import Request


@dataclass(frozen=True, slots=True)
class UnitValue:
    """A unit together with the day for which it was asked."""

    unit: Unit
    as_of: date


def checked_code(code: str, argument: str) -> str:
    """Return the code. Raises Refused unless it has two digits (province) or five (communal unit)."""
    if not is_unit_code(code):
        raise Refused(f"`{argument}` must have 2 digits (province) or 5 digits (communal unit)")
    return code


def checked_province(code: str, argument: str, day: date) -> str:
    """Return the code. Raises Refused unless a province has it on the day, where the day's provinces are known."""
    return _checked_on(code, argument, day, PROVINCE_DIGITS, "province", PROVINCES_SINCE)


def checked_commune(code: str, argument: str, day: date) -> str:
    """Return the code. Raises Refused unless a communal unit has it on the day, where the day's units are known."""
    return _checked_on(code, argument, day, COMMUNE_DIGITS, "communal unit", COMMUNES_SINCE)


def _checked_on(code: str, argument: str, day: date, digits: int, kind: str, since: date) -> str:
    if len(checked_code(code, argument)) != digits:
        raise Refused(f"`{argument}` must have {digits} digits ({kind})")
    if day >= since and unit_at(code, day) is None:
        raise Refused(f"`{argument}` is not the code of a {kind} on that day")
    return code


def unit_on(_nothing: object, request: Request, code: str, as_of: date | None = None) -> UnitValue | Unknown | None:
    """Return the unit that has the code on the day, by default today; None: no unit has it."""
    day = as_of or request.today
    if day < list_begins(checked_code(code, "code")):
        return LIST_NOT_LOADED
    unit = unit_at(code, day)
    return None if unit is None else UnitValue(unit, day)


def units_on(
    _nothing: object, request: Request, as_of: date | None = None, province_code: str | None = None
) -> list[UnitValue] | Unknown:
    """Return the provinces of the day, or the communal units of one of them."""
    day = as_of or request.today
    if province_code is None:
        return LIST_NOT_LOADED if day < PROVINCES_SINCE else _all_seen(units(day, kind=UnitKind.PROVINCE), day)
    province = checked_province(province_code, "provinceCode", day)
    return LIST_NOT_LOADED if day < COMMUNES_SINCE else _all_seen(units(day, province_code=province), day)


def unit_of_residence(needs: Mapping[str, Any], _request: Request) -> UnitValue | Unknown:
    """Return the unit of a residence period, its code read as of the period's first day."""
    return unit_of_day(needs["unit_code"], needs["from_date"])


def recorded_unit_of_residence(needs: Mapping[str, Any], _request: Request) -> UnitValue | Unknown:
    """Return the same, a code of a day before the list read by the first list."""
    return recorded_value(needs["unit_code"], needs["from_date"])


def unit_of_day(code: str, day: date) -> UnitValue | Unknown:
    """Return the unit that a register's code means on a day of which the units are known."""
    if is_unit_code(code) and day < list_begins(code):
        return LIST_NOT_LOADED
    unit = unit_at(code, day)
    return UNIT_UNKNOWN if unit is None else UnitValue(unit, day)


def recorded_value(code: str, start: date) -> UnitValue | Unknown:
    """Return the unit that a record of a day means, as of that day or, if it is later, the first day of the list."""
    unit = recorded_unit(code, start)
    return UNIT_UNKNOWN if unit is None else UnitValue(unit, max(start, list_begins(unit.code)))


def unit_today(needs: Mapping[str, Any], request: Request) -> UnitValue | Unknown:
    """Return the unit that has the row's unit code today."""
    return unit_of_day(needs["unit_code"], request.today)


def province_of(value: UnitValue, _request: Request) -> UnitValue | Unknown:
    return unit_of_day(value.unit.province_code, value.as_of)


def candidates_on(value: UnitValue, _request: Request, on: date) -> list[UnitValue] | Unknown:
    """Return the units of another day in which a place of this unit may lie; several where it was split or merged."""
    if on < list_begins(value.unit.code):
        return LIST_NOT_LOADED
    return _all_seen(candidates(value.unit.code, value.as_of, on), on)


def today_of(value: UnitValue, request: Request) -> UnitValue | Unknown:
    """Return the unit of today in which every place of this one lies."""
    places = candidates(value.unit.code, value.as_of, request.today)
    if len(places) == 1:
        return UnitValue(places[0], request.today)
    return UNIT_DIVIDED if places else UNIT_UNKNOWN


def _all_seen(found: Iterable[Unit], as_of: date) -> list[UnitValue]:
    return [UnitValue(unit, as_of) for unit in found]
