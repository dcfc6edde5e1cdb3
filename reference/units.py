"""The administrative units of Vietnam by date: a code is not a place, (code, date) is."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from types import MappingProxyType

from reference.designations import UnitKind, own_name_of
from reference.tables import rows_of
from reference.validity import in_force

__all__ = [
    "BIRTH_REGISTRATION_PROVINCES",
    "COMMUNES_SINCE",
    "PROVINCES_SINCE",
    "Unit",
    "UnitKind",
    "candidates",
    "is_unit_code",
    "list_begins",
    "recorded_unit",
    "unit_at",
    "units",
]

PROVINCE_DIGITS, COMMUNE_DIGITS = 2, 5
ONE_DAY = timedelta(days=1)
PROVINCES_SINCE = date(2008, 8, 1)
"""First day of the 63 provinces: Hà Tây went into Hà Nội (Resolution 15/2008/QH12). Nothing is said of a day before."""
COMMUNES_SINCE = date(2025, 6, 30)
"""First day of which the communal units are known: their list is that of this day, and does not say since when."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A province or a communal unit as one list has it; both dates inclusive, None where that list has no such end.

    `name` is without its designation (`Bắc Giang`), except for units that have only a number (`Phường 3`).
    `province_code` of a province is its own. `district` names the old commune's: there is none since 1 July 2025.
    """

    code: str
    name: str
    kind: UnitKind
    province_code: str
    valid_from: date | None
    valid_to: date | None
    full_name: str
    district: str | None

    def is_valid(self, as_of: date) -> bool:
        return in_force(self.valid_from, self.valid_to, as_of)


def is_unit_code(text: str) -> bool:
    """Tell whether the text has the form of a code; no word on whether a unit has it."""
    return len(text) in (PROVINCE_DIGITS, COMMUNE_DIGITS) and text.isascii() and text.isdigit()


def list_begins(code: str) -> date:
    """Return the first day of which the units with codes of this length are known."""
    return PROVINCES_SINCE if len(code) == PROVINCE_DIGITS else COMMUNES_SINCE


def unit_at(code: str, as_of: date) -> Unit | None:
    """Return the unit that has the code on that day: two digits a province, five a communal unit.

    None where no unit has it, and of a day before `list_begins`.
    """
    return recorded_unit(code, as_of) if as_of >= list_begins(code) else None


def recorded_unit(code: str, as_of: date) -> Unit | None:
    """Return the unit that a record of that day means: before `list_begins` the one that the first list has."""
    return next((unit for unit in _units_by_code().get(code, ()) if unit.is_valid(as_of)), None)


def units(as_of: date, province_code: str | None = None, kind: UnitKind | None = None) -> tuple[Unit, ...]:
    """Return the units of that day by code, provinces first; with `province_code` only the communal units in it.

    Of a day before `list_begins` there are none.
    """
    listed = _listed(bisect_right(_days_of_change(), as_of), province_code, kind)
    if as_of >= COMMUNES_SINCE:
        return listed
    return tuple(unit for unit in listed if as_of >= list_begins(unit.code))


def candidates(code: str, from_date: date, to_date: date) -> tuple[Unit, ...]:
    """Return, by code, every unit of `to_date` in which a place of that code at `from_date` may lie.

    One for a place that moved whole, several for a commune that was split (or, back in time, for a unit made of
    several), none for a code unknown at `from_date`, for an island district that had no commune, and for a `to_date`
    before `list_begins`. A code of a record is read at `from_date` as `recorded_unit` does. Never a guess.
    """
    start = recorded_unit(code, from_date) if to_date >= list_begins(code) else None
    reached = {start} if start else set()
    across = _successors if from_date <= to_date else _predecessors
    while not all(unit.is_valid(to_date) for unit in reached):
        reached = {there for unit in reached for there in ((unit,) if unit.is_valid(to_date) else across(unit))}
    return tuple(sorted(reached, key=lambda unit: unit.code))


def _provinces() -> Iterator[Unit]:
    for code, kind, name, valid_from, valid_to in rows_of("provinces"):
        yield Unit(code, own_name_of(name), UnitKind(kind), code, _day(valid_from), _day(valid_to), name, None)


def _communes() -> Iterator[Unit]:
    for code, kind, name, province, district, valid_from, valid_to in rows_of("communes"):
        dates = (_day(valid_from), _day(valid_to))
        yield Unit(code, own_name_of(name), UnitKind(kind), province, *dates, name, district or None)


@lru_cache(maxsize=256)
def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def _units_by_code() -> Mapping[str, tuple[Unit, ...]]:
    """Return the units that ever had each code."""
    units_by_code: dict[str, tuple[Unit, ...]] = {}
    for unit in (*_provinces(), *_communes()):
        units_by_code[unit.code] = (*units_by_code.get(unit.code, ()), unit)
    return units_by_code


@cache
def _days_of_change() -> tuple[date, ...]:
    every = (unit for same_code in _units_by_code().values() for unit in same_code)
    return tuple(sorted({unit.valid_from for unit in every if unit.valid_from}))


@lru_cache(maxsize=1024)
def _listed(changes: int, province_code: str | None, kind: UnitKind | None) -> tuple[Unit, ...]:
    """Return the units of the list that held after so many days of change."""
    days = _days_of_change()
    as_of = days[changes - 1] if changes else days[0] - ONE_DAY
    if province_code is None and kind is None:
        every = (unit for same_code in _units_by_code().values() for unit in same_code if unit.is_valid(as_of))
        return tuple(sorted(every, key=lambda unit: (unit.kind != UnitKind.PROVINCE, unit.code)))
    return tuple(
        unit
        for unit in _listed(changes, None, None)
        if (kind is None or unit.kind == kind)
        and (province_code is None or (unit.province_code == province_code and unit.kind != UnitKind.PROVINCE))
    )


@cache
def _codes_across() -> tuple[Mapping[tuple[date, str], list[str]], Mapping[tuple[date, str], list[str]]]:
    """Return the codes after and before each day of change, by (day, code on the other side)."""
    after: dict[tuple[date, str], list[str]] = defaultdict(list)
    before: dict[tuple[date, str], list[str]] = defaultdict(list)
    for changed_on, code, successor, *_ in rows_of("successions"):
        day = date.fromisoformat(changed_on)
        after[day, code].append(successor)
        before[day, successor].append(code)
    return MappingProxyType(after), MappingProxyType(before)


def _successors(unit: Unit) -> Iterable[Unit]:
    if unit.valid_to is None:
        return ()
    after, _ = _codes_across()
    changed_on = unit.valid_to + ONE_DAY
    return _found(after.get((changed_on, unit.code), ()), changed_on)


def _predecessors(unit: Unit) -> Iterable[Unit]:
    if unit.valid_from is None:
        return ()
    _, before = _codes_across()
    return _found(before.get((unit.valid_from, unit.code), ()), unit.valid_from - ONE_DAY)


def _found(codes: Iterable[str], as_of: date) -> Iterable[Unit]:
    return [unit for code in codes if (unit := recorded_unit(code, as_of))]


BIRTH_REGISTRATION_PROVINCES: Mapping[str, str] = MappingProxyType(
    {f"0{province.code}": province.name for province in _provinces() if province.valid_from is None}
)
"""Name by the first three digits of a citizen number, of the 63 provinces before 1 July 2025 (Decree 137/2015/NĐ-CP).

Codes for later births are not published, so a number is never refused for a code that is not here.
"""
