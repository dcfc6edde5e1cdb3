"""Days are Vietnam's, seven hours before UTC's."""

from datetime import UTC, date, datetime

import pytest

from reference.vietnam_time import VIETNAM, day_of, today


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 20, 16, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 17, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 7, 1, 0, 0, tzinfo=VIETNAM), date(2026, 7, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_vietnam(at: datetime, day: date) -> None:
    assert day_of(at) == day


def test_today_is_the_day_in_vietnam() -> None:
    before = day_of(datetime.now(UTC))
    assert before <= today() <= day_of(datetime.now(UTC))
