"""The clocks of requests: two working days to acknowledge, and by kind so many days to complete."""

from datetime import date

import pytest

from reference.rights import NoClock, clock, ground_named, grounds
from reference.tables import rows_of

KINDS = ("ACCESS", "CORRECTION", "DELETION", "RESTRICTION", "OBJECTION")
FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("kind", "third_parties", "completed_by"),
    [
        ("RESTRICTION", False, "2026-12-07"),  # the 15th day is a Saturday
        ("RESTRICTION", True, "2026-12-10"),
        ("OBJECTION", False, "2026-12-07"),
        ("OBJECTION", True, "2026-12-10"),
        ("ACCESS", False, "2026-11-30"),
        ("CORRECTION", True, "2026-12-07"),
        ("DELETION", False, "2026-12-10"),
        ("DELETION", True, "2026-12-21"),  # the 30th day is a Sunday
    ],
)
def test_a_request_is_completed_by_its_day(kind: str, third_parties: bool, completed_by: str) -> None:
    assert clock(kind, "complete", third_parties, FRIDAY).ends(FRIDAY) == date.fromisoformat(completed_by)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("third_parties", [True, False])
def test_every_request_is_acknowledged_within_two_working_days(kind: str, third_parties: bool) -> None:
    assert clock(kind, "acknowledge", third_parties, FRIDAY).ends(FRIDAY) == date(2026, 11, 25)


def test_beyond_the_calendar_a_clock_is_never_longer_than_the_laws() -> None:
    received = date(2027, 12, 31)
    assert clock("ACCESS", "acknowledge", False, received).ends(received) == date(2028, 1, 2)
    assert clock("ACCESS", "complete", False, received).ends(received) == date(2028, 1, 10)


@pytest.mark.parametrize(("kind", "day"), [("ACCESS", date(2025, 12, 31)), ("FORGIVENESS", FRIDAY)])
def test_a_kind_or_day_without_a_rule_is_named(kind: str, day: date) -> None:
    with pytest.raises(NoClock, match=f"`acknowledge` of `{kind}` on {day}"):
        clock(kind, "acknowledge", False, day)


def test_a_request_is_refused_on_grounds_of_its_kind_only() -> None:
    assert {one.name for one in grounds("CORRECTION", FRIDAY)} == {
        "not-the-subject",
        "correct-as-recorded",
        "defence-and-security",
    }
    assert "kept-by-law" in {one.name for one in grounds("DELETION", FRIDAY)}
    assert grounds("ACCESS", date(2025, 12, 31)) == ()


def test_every_ground_cites_a_law_and_speaks_both_languages() -> None:
    for name, *_ in rows_of("rights_refusals"):
        ground = ground_named(name)
        assert ground.citation.startswith("Law ")
        assert ground.vi != ground.en
        assert ground.confidence in "HML"
