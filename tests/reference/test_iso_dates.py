"""One day and one instant have one spelling."""

from datetime import UTC, date, datetime

import pytest

from reference.iso_dates import day_spelt, instant_spelt


def test_a_day_and_an_instant_are_read() -> None:
    assert day_spelt("2010-01-04") == date(2010, 1, 4)
    assert instant_spelt("2026-11-21T08:00:00.25Z") == datetime(2026, 11, 21, 8, 0, 0, 250_000, UTC)
    assert instant_spelt("2026-11-21t08:00:00z") == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert instant_spelt("2026-11-21T08:00:00+07:00") == datetime(2026, 11, 21, 1, tzinfo=UTC)
    assert instant_spelt("2026-11-21T08:00:00") == datetime(2026, 11, 21, 8)


@pytest.mark.parametrize(
    "text",
    [
        "2010-W01-1",
        "20100101",
        "2010-01",
        "2010-1-4",
        "2010-02-30",
        "0000-01-01",
        "२०१०-०१-०४",
        " 2010-01-04",
        "2010-01-04\n",
        "",
    ],
)
def test_no_other_spelling_of_a_day_is_read(text: str) -> None:
    with pytest.raises(ValueError):
        day_spelt(text)


@pytest.mark.parametrize(
    "text",
    [
        "2010-01-04",
        "2010-W01-1T08:00:00Z",
        "20100104T080000Z",
        "2010-01-04 08:00:00Z",
        "2010-01-04T08:00Z",
        "2010-01-04T24:00:00Z",
        "2010-01-04T08:00:00,5Z",
        "2010-01-04T08:00:00+0700",
    ],
)
def test_no_other_spelling_of_an_instant_is_read(text: str) -> None:
    with pytest.raises(ValueError):
        instant_spelt(text)


def test_what_is_wrong_is_said_without_the_text() -> None:
    with pytest.raises(ValueError, match=r"^it must be a day as 2026-11-21$"):
        day_spelt("079003000001")
