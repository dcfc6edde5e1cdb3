"""Administrative units as seen on a day, as far as their list reaches."""

from datetime import date

import pytest

from auth.errors import Refused
from engine.declarations import Unknown
from resolvers.answers import units
from resolvers.answers.reasons import INPUT_MISSING, LIST_NOT_LOADED
from resolvers.answers.reasons import UNIT_UNKNOWN as UNIT
from resolvers.answers.units import UnitValue
from tests.resolvers.answers.declared import ASKING, CHANGE, MERGED, SPLIT, TODAY, WHOLE, answered


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("24", date(2025, 6, 30), "Tỉnh Bắc Giang"),
        ("24", CHANGE, "Tỉnh Bắc Ninh"),
        ("24", None, "Tỉnh Bắc Ninh"),
        ("24", date(2008, 8, 1), "Tỉnh Bắc Giang"),
        ("46", date(2024, 12, 31), "Tỉnh Thừa Thiên Huế"),
        ("46", date(2025, 1, 1), "Thành phố Huế"),
        (WHOLE, CHANGE, None),
        ("28", date(2008, 8, 1), None),  # Hà Tây went into Hà Nội that day
        ("28", date(2008, 7, 31), LIST_NOT_LOADED),
        ("24", date(1990, 1, 1), LIST_NOT_LOADED),
        (WHOLE, date(2025, 6, 30), "Phường Thọ Xương"),
        (WHOLE, date(2025, 6, 29), LIST_NOT_LOADED),
    ],
)
def test_a_unit_on_a_day(code: str, day: date | None, expected: str | Unknown | None) -> None:
    value = units.unit_on(None, ASKING, code, day)
    assert (value.unit.full_name if isinstance(value, UnitValue) else value) == expected


@pytest.mark.parametrize(
    ("code", "start", "expected"),
    [
        (WHOLE, date(2025, 6, 29), LIST_NOT_LOADED),
        (WHOLE, CHANGE, UNIT),
        ("no code", CHANGE, UNIT),
        (None, CHANGE, INPUT_MISSING),
        (WHOLE, None, INPUT_MISSING),
    ],
)
def test_the_unit_of_a_residence_is_not_known(code: str | None, start: date | None, expected: Unknown) -> None:
    assert answered("ResidencePeriod.unit", {"unit_code": code, "from_date": start}) == expected


@pytest.mark.parametrize(
    ("province", "day", "expected"),
    [
        (None, date(2008, 7, 31), LIST_NOT_LOADED),
        (None, date(2008, 8, 1), 63),
        (None, None, 34),
        ("24", date(2025, 6, 29), LIST_NOT_LOADED),
        ("24", date(2025, 6, 30), 192),
    ],
)
def test_the_units_of_a_day(province: str | None, day: date | None, expected: int | Unknown) -> None:
    found = units.units_on(None, ASKING, day, province)
    assert (found if isinstance(found, Unknown) else len(found)) == expected


@pytest.mark.parametrize(
    ("province", "message"),
    [
        ("2", "`provinceCode` must have 2 digits"),
        (MERGED, r"`provinceCode` must have 2 digits \(province\)$"),
        ("28", "`provinceCode` is not the code of a province on that day"),
    ],
)
def test_the_units_of_what_is_no_province_are_refused(province: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        units.units_on(None, ASKING, None, province)


def test_a_split_commune_has_candidates() -> None:
    value = units.unit_on(None, ASKING, SPLIT, date(2025, 6, 30))
    assert isinstance(value, UnitValue)
    found = units.candidates_on(value, ASKING, TODAY)
    assert not isinstance(found, Unknown)
    assert {one.unit.code for one in found} == {"00008", "00025"}
    assert units.candidates_on(value, ASKING, date(2025, 6, 29)) == LIST_NOT_LOADED
