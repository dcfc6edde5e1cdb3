"""Permanent residence over the change of 1 July 2025: yes, no, or why it is not known."""

from datetime import date
from typing import Any

import pytest

from auth.errors import Refused
from engine.declarations import Unknown
from resolvers.answers import residences, units
from resolvers.answers.reasons import INPUT_MISSING, LINK_NOT_VERIFIED, NOT_RECORDED
from resolvers.answers.reasons import UNIT_DIVIDED as DIVIDED
from resolvers.answers.reasons import UNIT_UNKNOWN as UNIT
from resolvers.answers.units import UnitValue
from tests.resolvers.answers.declared import ADULT, ASKING, CHANGE, ENDED, MERGED, SPLIT, TODAY, WHOLE, answered, period


def held(periods: list[dict[str, Any]] | None, within: str, months: int | None, **more: Any) -> Any:
    given = {"within": within, "months_at_least": months, **more}
    return answered("Learner.heldPermanentResidence", {"residence_periods": periods}, **given)


SINCE_2024 = [period(WHOLE, date(2024, 1, 1))]


@pytest.mark.parametrize(
    ("periods", "within", "months", "expected"),
    [
        (SINCE_2024, MERGED, 34, True),  # carried over the change under the new code
        (SINCE_2024, MERGED, 35, False),
        (SINCE_2024, "24", 34, True),  # and under the province's
        (SINCE_2024, "01", 1, False),
        ([period(SPLIT, date(2024, 1, 1))], "00008", 12, DIVIDED),  # one of two parts: nobody knows
        ([period(SPLIT, date(2024, 1, 1))], "00008", 40, False),  # but not for so long in any case
        ([period(SPLIT, date(2024, 1, 1))], "01", 34, True),  # both parts are in the province
        ([period(MERGED, date(2025, 8, 1))], MERGED, 15, True),
        ([period(MERGED, date(2025, 8, 1), kind="TEMPORARY")], MERGED, 1, False),
        ([period(MERGED, date(2025, 8, 1), date(2026, 2, 1)), period(MERGED, date(2026, 1, 1))], MERGED, 15, True),
        ([period(MERGED, date(2025, 8, 1), date(2026, 2, 1)), period(MERGED, date(2026, 1, 1))], MERGED, 16, False),
        ([period(MERGED, date(2027, 1, 1))], MERGED, 1, False),
        # a code that the list of its day does not have: the register's own province answers for the province
        ([period(ENDED, date(2020, 1, 1), province="01")], "01", 24, True),
        ([period("07200", date(2020, 1, 1), province="24")], "24", 24, True),  # Bắc Giang, now in Bắc Ninh
        ([period(ENDED, date(2020, 1, 1), province="01")], "24", 24, False),
        ([period(ENDED, date(2020, 1, 1), province="01")], "00008", 24, UNIT),
        ([period(ENDED, date(2020, 1, 1), province="01")], MERGED, 24, False),  # in another province, wherever it was
        ([period(ENDED, date(2020, 1, 1), province="01")], "00008", 100, False),
        ([period(ENDED, date(2020, 1, 1))], "01", 24, UNIT),
        ([period(ENDED, date(2020, 1, 1), province="03")], "01", 24, UNIT),
        ([period(None, date(2020, 1, 1), province="01")], "01", 24, True),
        ([period(None, date(2020, 1, 1))], "01", 24, INPUT_MISSING),
        ([period(WHOLE, date(2020, 1, 1), province="01")], "24", 24, UNIT),  # one contradicts the other
        # nothing that is missing is a "no"
        ([], MERGED, 1, NOT_RECORDED),
        (None, MERGED, 1, LINK_NOT_VERIFIED),
        ([period(MERGED, None)], MERGED, 1, INPUT_MISSING),
        ([period(MERGED, date(2026, 2, 1), date(2025, 8, 1))], MERGED, 1, INPUT_MISSING),  # ends before it begins
        ([period(MERGED, date(2025, 8, 1), kind=None)], MERGED, 1, INPUT_MISSING),
        ([period(MERGED, date(2025, 8, 1), kind=None)], "01", 1, False),
        ([period(MERGED, None), *SINCE_2024], MERGED, 34, True),  # nor does it hide what is there
    ],
)
def test_months_of_permanent_residence(
    periods: list[dict[str, Any]] | None, within: str, months: int, expected: bool | Unknown
) -> None:
    assert held(periods, within, months) == expected


@pytest.mark.parametrize(
    ("start", "asked", "expected"),
    [
        (date(2025, 5, 21), {"months_at_least": 18}, True),  # to the day
        (date(2025, 5, 21), {"months_more_than": 18}, False),
        (date(2025, 5, 20), {"months_more_than": 18}, True),
        (date(2025, 5, 22), {"months_at_least": 18}, False),
    ],
)
def test_over_so_many_months_is_not_exactly_so_many(start: date, asked: dict[str, int], expected: bool) -> None:
    since = {"residence_periods": [period(WHOLE, start)]}
    assert answered("Learner.heldPermanentResidence", since, within="24", **asked) is expected


def test_a_code_is_meant_as_of_the_day_that_is_named() -> None:
    before = date(2025, 6, 30)
    assert held(SINCE_2024, WHOLE, 34, as_of=before) is True
    assert held(SINCE_2024, MERGED, 1, as_of=before) is False  # another commune had that code then
    with pytest.raises(Refused, match="`in` is not the code of an administrative unit on that day"):
        held(SINCE_2024, WHOLE, 1)
    with pytest.raises(Refused, match="`asOf` must not be before 2025-06-30"):
        held(SINCE_2024, WHOLE, 1, as_of=date(2024, 1, 1))


@pytest.mark.parametrize(
    ("start", "end", "months", "expected"),
    [
        (date(2024, 3, 1), date(2024, 5, 31), 3, True),
        (date(2024, 3, 1), date(2024, 5, 29), 3, False),
        (date(2023, 1, 1), date(2024, 2, 1), 1, True),
        (date(2023, 1, 1), date(2024, 1, 31), 1, False),  # the day of moving in is not counted
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
        ({"within": MERGED, "months": 1, "months_more_than": 1}, "exactly one of `monthsAtLeast` and `monthsMoreThan`"),
        ({"within": MERGED, "months": None}, "exactly one of `monthsAtLeast` and `monthsMoreThan`"),
        ({"within": MERGED, "months": 1, "during": {"from": TODAY, "to": CHANGE}}, "`during` ends before it begins"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_even_of_nobody(more: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        held(None if "during" not in more else SINCE_2024, **more)


@pytest.mark.parametrize(
    ("periods", "recorded", "today"),
    [
        ([period(WHOLE, date(2024, 1, 1))], "Phường Thọ Xương", "Phường Bắc Giang"),
        ([period(MERGED, CHANGE)], "Phường Bắc Giang", "Phường Bắc Giang"),
        ([period(MERGED, CHANGE, TODAY)], "Phường Bắc Giang", "Phường Bắc Giang"),
        ([period(MERGED, date(2026, 11, 22)), period(WHOLE, ADULT)], "Phường Thọ Xương", "Phường Bắc Giang"),
        ([period(SPLIT, date(2024, 1, 1))], "Phường Cống Vị", DIVIDED),
    ],
)
def test_the_unit_of_the_present_permanent_residence(periods: Any, recorded: str, today: str | Unknown) -> None:
    value = answered("CitizenIdentity.permanentUnit", {"residence_periods": periods})
    now = units.today_of(value, ASKING)
    assert (value.unit.full_name, now.unit.full_name if isinstance(now, UnitValue) else now) == (recorded, today)


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ([period(MERGED, CHANGE, date(2026, 11, 20))], None),
        ([period(MERGED, CHANGE, kind="TEMPORARY")], None),
        ([period(MERGED, date(2026, 11, 22))], None),  # begins tomorrow
        ([period(MERGED, CHANGE, kind=None)], INPUT_MISSING),
        ([period(MERGED, None)], INPUT_MISSING),
        ([period(None, CHANGE)], INPUT_MISSING),
        ([period(ENDED, CHANGE)], UNIT),
        ([], NOT_RECORDED),
    ],
)
def test_there_is_no_unit_of_a_present_residence_or_it_is_not_known(periods: Any, expected: Unknown | None) -> None:
    assert answered("CitizenIdentity.permanentUnit", {"residence_periods": periods}) == expected


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
        ({"within": "01", "months_at_least": 12}, {"within": "01", "months_more_than": 12}, False),
    ],
)
def test_arguments_that_ask_the_same_are_one_question(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert (residences.residence_asked(one, ASKING) == residences.residence_asked(other, ASKING)) is same
