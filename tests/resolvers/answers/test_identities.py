"""Whether somebody is who the caller thinks, by the population register alone."""

from datetime import date
from typing import Any

import pytest

from auth.errors import Refused
from engine.declarations import Unknown
from reference.normal_form import nfd
from resolvers.answers import identities
from resolvers.answers.reasons import INPUT_MISSING, LINK_NOT_VERIFIED, PRECISION
from tests.resolvers.answers.declared import ASKING, CHANGE, TODAY, answered


@pytest.mark.parametrize(
    ("name", "born", "expected"),
    [
        ("Trần Thị Hoà", CHANGE, "MATCH"),
        ("  TRẦN thị   hoà ", CHANGE, "MATCH"),
        (nfd("Trần Thị Hoà"), CHANGE, "MATCH"),
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
        identities.identity_match({"full_name": "Trần Thị Hoà", "birth_period": str(CHANGE)}, ASKING, name, born)
        == expected
    )


@pytest.mark.parametrize(
    "needs", [{"full_name": None, "birth_period": str(CHANGE)}, {"full_name": "An", "birth_period": None}]
)
def test_whether_somebody_matches_what_the_register_does_not_have_is_not_known(needs: dict[str, Any]) -> None:
    for coordinate, given in (
        ("CitizenIdentity.identityMatch", needs),
        ("Learner.identityMatch", {"identity": [needs]}),
    ):
        assert answered(coordinate, given, name="An", birth_date=CHANGE) == INPUT_MISSING


@pytest.mark.parametrize(
    ("period", "name", "born", "expected"),
    [
        ("2025-07", "An", date(2025, 7, 31), PRECISION),
        ("2025-07", "An", date(2025, 8, 1), "NO_MATCH"),  # no day of that month
        ("2025", "An", date(2025, 1, 1), PRECISION),
        ("2025", "An", date(2024, 12, 31), "NO_MATCH"),
        ("2025", "Bình", date(2025, 1, 1), "NO_MATCH"),
        ("2025-07-01", "An", date(2025, 7, 1), "MATCH"),
    ],
)
def test_a_date_of_which_only_the_year_or_the_month_is_known_is_no_match_and_no_other(
    period: str, name: str, born: date, expected: Unknown | str
) -> None:
    citizen = {"full_name": "An", "birth_period": period}
    assert answered("CitizenIdentity.identityMatch", citizen, name=name, birth_date=born) == expected
    assert answered("Learner.identityMatch", {"identity": [citizen]}, name=name, birth_date=born) == expected


def test_a_learner_is_matched_with_the_citizen_or_not_at_all() -> None:
    claimed = {"name": "An", "birth_date": CHANGE}
    citizen = {"full_name": "An", "birth_period": str(CHANGE)}
    schools = {"full_name": "Bình", "birth_period": str(TODAY)}
    assert answered("Learner.identityMatch", schools | {"identity": [citizen]}, **claimed) == "MATCH"
    assert answered("Learner.identityMatch", citizen | {"identity": [schools]}, **claimed) == "NO_MATCH"
    assert answered("Learner.identityMatch", citizen | {"identity": None}, **claimed) == LINK_NOT_VERIFIED


@pytest.mark.parametrize("name", [" ", "a" * 201])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="`name` must have 1 to 200 letters"):
        identities.match_asked({"name": name, "birth_date": CHANGE}, ASKING)
