"""Answers: ages, permanent residence over the change of 1 July 2025, units, and where values come from."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast
from unicodedata import normalize  # noqa: TID251

import pytest

from auth.errors import Refused
from resolvers.answers import ages, identities, residences, units
from resolvers.answers.provenance import ProvenanceValue, provenance_of
from resolvers.request import Request

TODAY = date(2026, 11, 21)
ASKING = cast(Request, SimpleNamespace(today=TODAY))
CHANGE = date(2025, 7, 1)
WHOLE, SPLIT, MERGED = "07201", "00007", "07210"
"""Before the change: a commune that went into MERGED whole, one that was split between 00008 and 00025."""


def period(code: str, start: date | None, end: date | None = None, kind: str = "PERMANENT") -> dict[str, Any]:
    return {"kind": kind, "unit_code": code, "from_date": start, "to_date": end}


def held(periods: list[dict[str, Any]] | None, within: str, months: int, **more: Any) -> bool | None:
    return residences.held_permanent_residence({"residence_periods": periods}, ASKING, within, months, **more)


@pytest.mark.parametrize(
    ("born", "years", "expected"),
    [
        (date(2008, 11, 21), 18, True),
        (date(2008, 11, 22), 18, False),
        (date(2026, 11, 21), 0, True),
        (None, 18, None),
    ],
)
def test_whether_somebody_is_of_an_age(born: date | None, years: int, expected: bool | None) -> None:
    assert ages.is_at_least({"birth_date": born}, ASKING, years) is expected


@pytest.mark.parametrize("years", [-1, 151])
def test_an_age_that_nobody_has_is_refused(years: int) -> None:
    with pytest.raises(Refused, match=f"`years` must be between 0 and 150, not {years}"):
        ages.is_at_least({"birth_date": TODAY}, ASKING, years)


SINCE_2024 = [period(WHOLE, date(2024, 1, 1))]


@pytest.mark.parametrize(
    ("periods", "within", "months", "expected"),
    [
        (SINCE_2024, MERGED, 34, True),  # carried over the change under the new code
        (SINCE_2024, MERGED, 35, False),
        (SINCE_2024, "24", 34, True),  # and under the province's
        (SINCE_2024, "01", 1, False),
        ([period(SPLIT, date(2024, 1, 1))], "00008", 12, None),  # one of two parts: nobody knows
        ([period(SPLIT, date(2024, 1, 1))], "00008", 40, False),  # but not for so long in any case
        ([period(SPLIT, date(2024, 1, 1))], "01", 34, True),  # both parts are in the province
        ([period(MERGED, date(2025, 8, 1))], MERGED, 15, True),
        ([period(MERGED, date(2025, 8, 1), kind="TEMPORARY")], MERGED, 1, False),
        ([period(MERGED, None)], MERGED, 1, False),
        ([period(MERGED, date(2025, 8, 1), date(2026, 2, 1)), period(MERGED, date(2026, 1, 1))], MERGED, 15, True),
        ([period(MERGED, date(2025, 8, 1), date(2026, 2, 1)), period(MERGED, date(2026, 1, 1))], MERGED, 16, False),
        ([], MERGED, 1, False),
        (None, MERGED, 1, None),  # not linked to the population register
    ],
)
def test_months_of_permanent_residence(
    periods: list[dict[str, Any]] | None, within: str, months: int, expected: bool | None
) -> None:
    assert held(periods, within, months) is expected


def test_a_code_is_meant_as_of_the_day_that_is_named() -> None:
    before = date(2025, 6, 30)
    assert held(SINCE_2024, WHOLE, 34, as_of=before) is True
    assert held(SINCE_2024, MERGED, 1, as_of=before) is False  # another commune had that code then
    with pytest.raises(Refused, match="`in` is not the code of an administrative unit on that day"):
        held(SINCE_2024, WHOLE, 1)


@pytest.mark.parametrize(
    ("start", "end", "months", "expected"),
    [
        (date(2024, 3, 1), date(2024, 5, 31), 3, True),
        (date(2024, 3, 1), date(2024, 5, 29), 3, False),
        (date(2023, 1, 1), date(2024, 1, 31), 1, True),
        (None, date(2023, 12, 31), 1, False),
    ],
)
def test_only_the_time_asked_about_counts(start: date | None, end: date, months: int, expected: bool) -> None:
    assert held(SINCE_2024, MERGED, months, during={"from": start, "to": end}) is expected


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"within": "x", "months": 1}, "`in` must have 2 digits"),
        ({"within": MERGED, "months": 0}, "`monthsAtLeast` must be between 1 and 1200, not 0"),
        ({"within": MERGED, "months": 1, "during": {"from": TODAY, "to": CHANGE}}, "`during` ends before it begins"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_even_of_nobody(more: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        held(None if "during" not in more else SINCE_2024, **more)


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ([period(WHOLE, date(2024, 1, 1))], "Phường Thọ Xương"),
        ([period(MERGED, CHANGE)], "Phường Bắc Giang"),
        ([period(MERGED, CHANGE, TODAY)], "Phường Bắc Giang"),
        ([period(MERGED, CHANGE, date(2026, 11, 20))], None),
        ([period(MERGED, CHANGE, kind="TEMPORARY")], None),
        (None, None),
    ],
)
def test_the_unit_of_the_present_permanent_residence(periods: Any, expected: str | None) -> None:
    value = residences.permanent_unit({"residence_periods": periods}, ASKING)
    assert (value.unit.full_name if value else None) == expected


@pytest.mark.parametrize(
    ("code", "day", "name"),
    [
        ("24", date(2025, 6, 30), "Bắc Giang"),
        ("24", CHANGE, "Bắc Ninh"),
        ("24", None, "Bắc Ninh"),
        (WHOLE, CHANGE, None),
    ],
)
def test_a_unit_on_a_day(code: str, day: date | None, name: str | None) -> None:
    value = units.unit_on(None, ASKING, code, day)
    assert (value.unit.name if value else None) == name


def test_a_split_commune_has_candidates() -> None:
    value = units.unit_on(None, ASKING, SPLIT, date(2025, 6, 30))
    assert value is not None
    assert {one.unit.code for one in units.candidates_on(value, ASKING, TODAY)} == {"00008", "00025"}


@pytest.mark.parametrize(
    ("name", "born", "expected"),
    [
        ("Trần Thị Hoà", CHANGE, "MATCH"),
        ("  TRẦN thị   hoà ", CHANGE, "MATCH"),
        (normalize("NFD", "Trần Thị Hoà"), CHANGE, "MATCH"),
        ("Trần Thị Hòa", CHANGE, "MATCH"),  # the tone over the other vowel
        ("Trần Thị Hoa", CHANGE, "NO_MATCH"),  # another name
        ("Trấn Thị Hoà", CHANGE, "NO_MATCH"),
        ("Trân Thị Hoà", CHANGE, "NO_MATCH"),
        ("Tran Thi Hoa", CHANGE, "NO_MATCH"),
        ("Trần ThịHoà", CHANGE, "NO_MATCH"),
        ("Trần Thị Hoà", TODAY, "NO_MATCH"),
    ],
)
def test_whether_somebody_is_who_the_caller_thinks(name: str, born: date, expected: str) -> None:
    assert (
        identities.identity_match({"full_name": "Trần Thị Hoà", "birth_date": CHANGE}, ASKING, name, born) == expected
    )


@pytest.mark.parametrize("needs", [{"full_name": None, "birth_date": CHANGE}, {"full_name": "An", "birth_date": None}])
def test_nobody_matches_what_the_register_does_not_have(needs: dict[str, Any]) -> None:
    assert identities.identity_match(needs, ASKING, "An", CHANGE) == "NO_MATCH"


@pytest.mark.parametrize("name", [" ", "a" * 201])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="`name` must have 1 to 200 letters"):
        identities.match_asked({"name": name, "birth_date": CHANGE}, ASKING)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"within": MERGED, "months_at_least": 12}, {"within": MERGED, "months_at_least": 12, "as_of": CHANGE}, True),
        (
            {"within": "24", "months_at_least": 12, "as_of": date(2025, 6, 30)},
            {"within": "24", "months_at_least": 12},
            False,
        ),
        (
            {"within": "01", "months_at_least": 12},
            {"within": "01", "months_at_least": 12, "during": {"to": TODAY}},
            True,
        ),
        (
            {"within": "01", "months_at_least": 12},
            {"within": "01", "months_at_least": 12, "during": {"to": CHANGE}},
            False,
        ),
        ({"within": "01", "months_at_least": 12}, {"within": "01", "months_at_least": 13}, False),
    ],
)
def test_arguments_that_ask_the_same_are_one_question(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert (residences.residence_asked(one, ASKING) == residences.residence_asked(other, ASKING)) is same


def test_where_a_value_comes_from() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    assert provenance_of("enrolment")({"as_of": at}, ASKING) == ProvenanceValue("education", at)
    assert provenance_of("citizen")({"as_of": None}, ASKING) == ProvenanceValue("population", None)
