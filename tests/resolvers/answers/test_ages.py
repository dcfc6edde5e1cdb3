"""Whether somebody is of an age: from the population register where it can be asked, and never guessed."""

from datetime import date
from typing import Any

import pytest

from auth.errors import Refused
from engine.declarations import Sourced, Unknown
from resolvers.answers.reasons import INPUT_MISSING, NOT_RECORDED
from tests.resolvers.answers.declared import ADULT, TODAY, answered


@pytest.mark.parametrize(
    ("born", "years", "expected"),
    [
        (date(2008, 11, 21), 18, True),
        (date(2008, 11, 22), 18, False),
        (date(2026, 11, 21), 0, True),
    ],
)
def test_whether_somebody_is_of_an_age(born: date, years: int, expected: bool) -> None:
    of_a_citizen = Sourced(expected, "population")
    assert answered("CitizenIdentity.isAtLeast", {"birth_date": born}, years=years) == of_a_citizen
    by_citizen = {"birth_date": ADULT, "identity": [{"birth_date": born}]}
    assert answered("Learner.isAtLeast", by_citizen, years=years) == of_a_citizen
    alone = {"birth_date": born, "identity": None}
    assert answered("Learner.isAtLeast", alone, years=years) == Sourced(expected, "education")


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ({"birth_date": None, "identity": None}, INPUT_MISSING),
        ({"birth_date": ADULT, "identity": [{"birth_date": None}]}, INPUT_MISSING),
        ({"birth_date": ADULT, "identity": []}, NOT_RECORDED),  # the sector's own date is not what was asked for
    ],
)
def test_an_age_is_not_known_without_a_birth_date(needs: dict[str, Any], expected: Unknown) -> None:
    assert answered("Learner.isAtLeast", needs, years=18) == expected


@pytest.mark.parametrize("years", [-1, 151])
@pytest.mark.parametrize("born", [TODAY, None])
def test_an_age_that_nobody_has_is_refused(years: int, born: date | None) -> None:
    with pytest.raises(Refused, match=f"`years` must be between 0 and 150, not {years}"):
        answered("CitizenIdentity.isAtLeast", {"birth_date": born}, years=years)
