"""Vietnam's time, by whose days rules, grants and consents begin and end, and requests are received."""

from datetime import date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))  # has no summer time


def today() -> date:
    """Return the day that it now is in Vietnam."""
    return day_of(datetime.now(VIETNAM))


def day_of(at: datetime) -> date:
    """Return the day in Vietnam of an instant, which must know its time zone."""
    return at.astimezone(VIETNAM).date()
