"""Two registers of which one knows a birth date more exactly than the other: not known whether they differ."""

import pytest

from engine.declarations import Unknown
from resolvers.answers.conflicts import ConflictValue
from resolvers.answers.reasons import PRECISION
from tests.resolvers.answers.declared import answered


@pytest.mark.parametrize(
    ("sectors", "citizens", "expected"),
    [
        ("1950", "1950-07-21", PRECISION),
        ("1950-07-21", "1950-07", PRECISION),
        ("1950", "1950-07", PRECISION),
        ("1950-08", "1950-07-21", "a conflict"),
        ("1951", "1950-07-21", "a conflict"),
        ("1950-07-21", "1950-07-21", None),
        ("1950", "1950", None),
    ],
)
def test_a_year_does_not_contradict_a_day_of_it_and_is_not_the_same(
    sectors: str, citizens: str, expected: Unknown | str | None
) -> None:
    needs = {"birth_period": sectors, "as_of": None, "identity": [{"birth_period": citizens, "as_of": None}]}
    value = answered("LearnerConflicts.birthDate", needs)
    assert ("a conflict" if isinstance(value, ConflictValue) else value) == expected
