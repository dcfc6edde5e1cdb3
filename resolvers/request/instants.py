"""Instants that callers give: with their zone, and of years that every calendar here can count with."""

from datetime import UTC, datetime

from auth.errors import Refused

YEARS = range(2000, 2201)
"""The first and last years of the calendar overflow as soon as another zone's clock is asked."""


def instant(at: datetime | None, name: str) -> datetime | None:
    """Return the instant in UTC. Raises Refused, naming the parameter, for one without a zone or of another time."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise Refused(f"`{name}` must be a time with its zone, such as 2026-01-31T10:20:30Z")
    if at.year not in YEARS:
        raise Refused(f"`{name}` must be a time of the years {YEARS[0]} to {YEARS[-1]}")
    return at.astimezone(UTC)
