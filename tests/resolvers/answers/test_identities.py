"""Whether somebody is who the caller thinks, by the population register alone."""

from datetime import date
from typing import Any

import pytest

from auth.errors import Refused
from reference.normal_form import nfd
from resolvers.answers import identities
from resolvers.answers.reasons import INPUT_MISSING, LINK_NOT_VERIFIED
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
        identities.identity_match({"full_name": "Trần Thị Hoà", "birth_date": CHANGE}, ASKING, name, born) == expected
    )


@pytest.mark.parametrize("needs", [{"full_name": None, "birth_date": CHANGE}, {"full_name": "An", "birth_date": None}])
def test_whether_somebody_matches_what_the_register_does_not_have_is_not_known(needs: dict[str, Any]) -> None:
    for coordinate, given in (
        ("CitizenIdentity.identityMatch", needs),
        ("Learner.identityMatch", {"identity": [needs]}),
    ):
        assert answered(coordinate, given, name="An", birth_date=CHANGE) == INPUT_MISSING


def test_a_learner_is_matched_with_the_citizen_or_not_at_all() -> None:
    claimed = {"name": "An", "birth_date": CHANGE}
    citizen = {"full_name": "An", "birth_date": CHANGE}
    schools = {"full_name": "Bình", "birth_date": TODAY}
    assert answered("Learner.identityMatch", schools | {"identity": [citizen]}, **claimed) == "MATCH"
    assert answered("Learner.identityMatch", citizen | {"identity": [schools]}, **claimed) == "NO_MATCH"
    assert answered("Learner.identityMatch", citizen | {"identity": None}, **claimed) == LINK_NOT_VERIFIED


@pytest.mark.parametrize("name", [" ", "a" * 201])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="`name` must have 1 to 200 letters"):
        identities.match_asked({"name": name, "birth_date": CHANGE}, ASKING)
