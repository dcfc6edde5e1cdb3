"""Periods of validity; an open end is None. Everything dated is in force by these rules alone."""

from datetime import date


def in_force(valid_from: date | None, valid_to: date | None, on: date) -> bool:
    """Tell whether a day is in a period that includes both its days."""
    return (valid_from is None or valid_from <= on) and not has_ended(valid_to, on)


def has_ended(valid_to: date | None, on: date) -> bool:
    """Tell whether the last day is over."""
    return valid_to is not None and valid_to < on


def is_running(start: date | None, end: date | None, on: date) -> bool:
    """Tell whether a day is in a period that ends at the beginning of its last day, as registers have relations."""
    return (start is None or start <= on) and (end is None or on < end)


def overlap(first: tuple[date | None, date | None], second: tuple[date | None, date | None]) -> bool:
    """Tell whether two periods have a day in common."""
    later = max(first[0] or date.min, second[0] or date.min)
    return later <= min(first[1] or date.max, second[1] or date.max)
