"""Whether somebody is of an age: from the population register where it can be asked, and never guessed."""

from typing import Any

import pytest

from auth.errors import Refused
from engine.declarations import Sourced, Unknown
from resolvers.answers.reasons import INPUT_MISSING, NOT_RECORDED, PRECISION
from tests.resolvers.answers.declared import ADULT, TODAY, answered


@pytest.mark.parametrize(
    ("born", "years", "expected"),
    [
        ("2008-11-21", 18, True),
        ("2008-11-22", 18, False),
        ("2026-11-21", 0, True),
        ("1950", 18, True),  # whatever the day
        ("2008-12", 18, False),
    ],
)
def test_whether_somebody_is_of_an_age(born: str, years: int, expected: bool) -> None:
    of_a_citizen = Sourced(expected, "population")
    assert answered("CitizenIdentity.isAtLeast", {"birth_period": born}, years=years) == of_a_citizen
    by_citizen = {"birth_period": str(ADULT), "identity": [{"birth_period": born}]}
    assert answered("Learner.isAtLeast", by_citizen, years=years) == of_a_citizen
    alone = {"birth_period": born, "identity": None}
    assert answered("Learner.isAtLeast", alone, years=years) == Sourced(expected, "education")


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ({"birth_period": None, "identity": None}, INPUT_MISSING),
        ({"birth_period": "2008", "identity": None}, PRECISION),
        ({"birth_period": str(ADULT), "identity": [{"birth_period": "2008-11"}]}, PRECISION),
        ({"birth_period": str(ADULT), "identity": [{"birth_period": None}]}, INPUT_MISSING),
        ({"birth_period": str(ADULT), "identity": []}, NOT_RECORDED),  # the sector's own date is not what was asked for
    ],
)
def test_an_age_is_not_known_without_a_birth_date(needs: dict[str, Any], expected: Unknown) -> None:
    assert answered("Learner.isAtLeast", needs, years=18) == expected


@pytest.mark.parametrize("years", [-1, 151])
@pytest.mark.parametrize("born", [str(TODAY), None])
def test_an_age_that_nobody_has_is_refused(years: int, born: str | None) -> None:
    with pytest.raises(Refused, match=f"`years` must be between 0 and 150, not {years}"):
        answered("CitizenIdentity.isAtLeast", {"birth_period": born}, years=years)
