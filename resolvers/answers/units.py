"""Administrative units as seen on a day, from the dated reference tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from auth.errors import Refused
from reference.units import Unit, UnitKind, candidates, is_unit_code, unit_at, units
from resolvers.request import Request


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


def unit_on(_nothing: object, request: Request, code: str, as_of: date | None = None) -> UnitValue | None:
    """Return the unit that has the code on the day, by default today."""
    return _seen(unit_at(checked_code(code, "code"), as_of or request.today), as_of or request.today)


def units_on(
    _nothing: object, request: Request, as_of: date | None = None, province_code: str | None = None
) -> list[UnitValue]:
    """Return the provinces of the day, or the communal units of one of them."""
    day = as_of or request.today
    if province_code is None:
        return _all_seen(units(day, kind=UnitKind.PROVINCE), day)
    return _all_seen(units(day, province_code=checked_code(province_code, "provinceCode")), day)


def unit_of_residence(needs: Mapping[str, Any], _request: Request) -> UnitValue | None:
    """Return the unit of a residence period, its code read as of the period's first day."""
    code, start = needs["unit_code"], needs["from_date"]
    return None if code is None or start is None else _seen(unit_at(code, start), start)


def unit_today(needs: Mapping[str, Any], request: Request) -> UnitValue | None:
    """Return the unit that has the row's unit code today."""
    code = needs["unit_code"]
    return None if code is None else _seen(unit_at(code, request.today), request.today)


def province_of(value: UnitValue, _request: Request) -> UnitValue | None:
    return _seen(unit_at(value.unit.province_code, value.as_of), value.as_of)


def candidates_on(value: UnitValue, _request: Request, on: date) -> list[UnitValue]:
    """Return the units of another day in which a place of this unit may lie; several where it was split or merged."""
    return _all_seen(candidates(value.unit.code, value.as_of, on), on)


def _seen(unit: Unit | None, as_of: date) -> UnitValue | None:
    return None if unit is None else UnitValue(unit, as_of)


def _all_seen(found: Iterable[Unit], as_of: date) -> list[UnitValue]:
    return [UnitValue(unit, as_of) for unit in found]
