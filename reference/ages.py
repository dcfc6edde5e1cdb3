"""Ages of persons, as the law counts them."""

from datetime import date, timedelta

AGE_OF_MAJORITY = 18  # Civil Code 2015 art. 20


def age(born: date, today: date) -> int:
    """Return the completed years of age; a birthday on 29 February counts on 1 March in common years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def first_day(period: str) -> date:
    """Return the first day of what is known of a date: a year, a month or a day in ISO 8601."""
    return date.fromisoformat({4: f"{period}-01-01", 7: f"{period}-01"}.get(len(period), period))


def last_day(period: str) -> date:
    """Return the last day of it."""
    first = first_day(period)
    match len(period):
        case 4:
            return first.replace(month=12, day=31)
        case 7:
            return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first


def is_at_least(period: str, years: int, today: date) -> bool | None:
    """Return whether somebody born then has completed so many years; None where what is known leaves it open."""
    if age(last_day(period), today) >= years:
        return True
    return None if age(first_day(period), today) >= years else False
