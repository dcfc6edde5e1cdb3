"""The units by date: the published counts, codes that name another place, and where a place lies later or earlier."""

from datetime import date, timedelta
from unicodedata import is_normalized  # noqa: TID251

import pytest

from reference.units import (
    BIRTH_REGISTRATION_PROVINCES,
    COMMUNES_SINCE,
    PROVINCES_SINCE,
    UnitKind,
    candidates,
    is_unit_code,
    list_begins,
    recorded_unit,
    unit_at,
    units,
)

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
ISLANDS_WITHOUT_COMMUNE = {"11948", "19742", "20333", "21548", "26732"}


def _codes(code: str, from_date: date, to_date: date) -> list[str]:
    return [unit.code for unit in candidates(code, from_date, to_date)]


def test_the_old_list_has_the_published_counts() -> None:
    communal = [unit for unit in units(BEFORE) if unit.kind != UnitKind.PROVINCE]
    assert (len(units(BEFORE, kind=UnitKind.PROVINCE)), len(communal)) == (63, 10_035)
    assert len({(unit.province_code, unit.district) for unit in communal}) == 696 - len(ISLANDS_WITHOUT_COMMUNE)


def test_the_new_list_has_the_published_counts() -> None:
    counts = {kind: len(units(AFTER, kind=kind)) for kind in UnitKind}
    assert counts == {"PROVINCE": 34, "COMMUNE": 2_621, "WARD": 687, "TOWNSHIP": 0, "SPECIAL_ZONE": 13}
    assert {unit.district for unit in units(AFTER)} == {None}


def test_seven_province_codes_name_another_province_and_29_closed() -> None:
    old = {unit.code: unit.name for unit in units(BEFORE, kind=UnitKind.PROVINCE)}
    new = {unit.code: unit.name for unit in units(AFTER, kind=UnitKind.PROVINCE)}
    assert {code: (old[code], name) for code, name in new.items() if old[code] != name} == {
        "15": ("Yên Bái", "Lào Cai"),
        "24": ("Bắc Giang", "Bắc Ninh"),
        "44": ("Quảng Bình", "Quảng Trị"),
        "52": ("Bình Định", "Gia Lai"),
        "80": ("Long An", "Tây Ninh"),
        "82": ("Tiền Giang", "Đồng Tháp"),
        "91": ("Kiên Giang", "An Giang"),
    }
    assert len(set(old) - set(new)) == 29


def test_2145_commune_codes_carry_another_name() -> None:
    named = {unit.code: unit.full_name for unit in units(BEFORE)}
    new = [unit for unit in units(AFTER) if unit.kind != UnitKind.PROVINCE]
    assert {unit.code for unit in new if unit.code not in named} == ISLANDS_WITHOUT_COMMUNE
    assert sum(named.get(unit.code, unit.full_name) != unit.full_name for unit in new) == 2_145


@pytest.mark.parametrize(
    ("as_of", "name"), [(PROVINCES_SINCE, "Bắc Giang"), (BEFORE, "Bắc Giang"), (AFTER, "Bắc Ninh")]
)
def test_code_24_is_read_as_of_its_date(as_of: date, name: str) -> None:
    unit = unit_at("24", as_of)
    assert unit is not None
    assert (unit.name, unit.full_name, unit.province_code) == (name, f"Tỉnh {name}", "24")


def test_code_24_leads_to_one_province_and_back_to_two() -> None:
    assert [unit.name for unit in candidates("24", BEFORE, AFTER)] == ["Bắc Ninh"]
    assert [unit.name for unit in candidates("24", AFTER, BEFORE)] == ["Bắc Giang", "Bắc Ninh"]


def test_a_place_is_itself_while_nothing_changed() -> None:
    assert _codes("24", date(2001, 1, 1), BEFORE) == _codes("24", AFTER, date(2030, 1, 1)) == ["24"]


def test_nothing_is_said_of_a_day_before_the_list() -> None:
    for code, first in (("24", PROVINCES_SINCE), ("00001", COMMUNES_SINCE)):
        before = first - timedelta(days=1)
        assert list_begins(code) == first
        assert unit_at(code, first) == recorded_unit(code, before) == recorded_unit(code, date(1990, 1, 1))
        assert (unit_at(code, before), candidates(code, AFTER, before)) == (None, ())
        assert code not in [unit.code for unit in units(before)]
    assert {unit.kind for unit in units(COMMUNES_SINCE - timedelta(days=1))} == {UnitKind.PROVINCE}
    assert units(PROVINCES_SINCE - timedelta(days=1)) == ()


def test_hue_was_a_province_until_the_end_of_2024() -> None:
    days = (date(2024, 12, 31), date(2025, 1, 1), AFTER)
    assert [unit.full_name for day in days if (unit := unit_at("46", day))] == [
        "Tỉnh Thừa Thiên Huế",
        "Thành phố Huế",
        "Thành phố Huế",
    ]
    assert [unit.valid_to for unit in candidates("46", days[0], days[1])] == [BEFORE]
    assert _codes("46", date(2010, 1, 1), AFTER) == _codes("46", AFTER, date(2010, 1, 1)) == ["46"]
    assert BIRTH_REGISTRATION_PROVINCES["046"] == "Thừa Thiên Huế"


def test_a_commune_that_moved_whole_leads_to_one_unit() -> None:
    assert [unit.full_name for unit in candidates("00001", BEFORE, AFTER)] == ["Phường Hồng Hà"]


def test_a_split_commune_leads_to_every_candidate() -> None:
    names = [unit.full_name for unit in candidates("32053", date(2020, 1, 1), date(2026, 1, 1))]
    assert names == ["Xã Nguyễn Phích", "Xã Khánh An", "Xã Khánh Lâm"]


def test_two_communes_named_long_phu_do_not_lead_to_each_other() -> None:
    in_hau_giang, in_soc_trang = unit_at("31480", BEFORE), unit_at("31669", BEFORE)
    assert in_hau_giang and in_soc_trang and in_hau_giang.full_name == in_soc_trang.full_name == "Xã Long Phú"
    assert (_codes("31480", BEFORE, AFTER), _codes("31669", BEFORE, AFTER)) == (["31480"], ["31639"])


def test_a_place_without_a_unit_leads_nowhere() -> None:
    assert candidates("99999", BEFORE, AFTER) == ()
    assert [code for code in sorted(ISLANDS_WITHOUT_COMMUNE) if candidates(code, AFTER, BEFORE)] == []


def test_every_place_is_found_again_on_the_way_back() -> None:
    forth = {(unit.code, new) for unit in units(BEFORE) for new in _codes(unit.code, BEFORE, AFTER)}
    back = {(old, unit.code) for unit in units(AFTER) for old in _codes(unit.code, AFTER, BEFORE)}
    assert forth == back
    assert {old for old, _ in forth} == {unit.code for unit in units(BEFORE)}
    assert {unit.code for unit in units(AFTER)} - {new for _, new in forth} == ISLANDS_WITHOUT_COMMUNE


def test_a_place_stays_within_the_merged_province() -> None:
    for unit in units(BEFORE):
        new_provinces = {found.province_code for found in candidates(unit.code, BEFORE, AFTER)}
        assert new_provinces == set(_codes(unit.province_code, BEFORE, AFTER)), unit


def test_every_communal_unit_is_in_a_province_of_its_day() -> None:
    for as_of in (BEFORE, AFTER):
        provinces = [unit.code for unit in units(as_of, kind=UnitKind.PROVINCE)]
        inside = [unit for code in provinces for unit in units(as_of, code)]
        assert sorted(unit.code for unit in inside) == sorted(u.code for u in units(as_of) if len(u.code) == 5)


def test_names_are_composed_characters() -> None:
    for unit in (*units(BEFORE), *units(AFTER)):
        assert all(is_normalized("NFC", text) for text in (unit.name, unit.full_name, unit.district or ""))


def test_a_numbered_ward_keeps_its_designation_in_its_name() -> None:
    assert {unit.name for unit in units(BEFORE) if unit.name.isdigit()} == set()
    assert unit_at("28437", BEFORE) in units(BEFORE, "82", UnitKind.WARD)


def test_birth_was_registered_in_63_provinces() -> None:
    names = BIRTH_REGISTRATION_PROVINCES
    assert (len(names), names["001"], names["024"], names["096"]) == (63, "Hà Nội", "Bắc Giang", "Cà Mau")


@pytest.mark.parametrize(
    ("text", "is_one"), [("01", True), ("00001", True), ("1", False), ("001", False), ("٠١", False), ("0a", False)]
)
def test_the_form_of_a_code(text: str, is_one: bool) -> None:
    assert is_unit_code(text) is is_one
