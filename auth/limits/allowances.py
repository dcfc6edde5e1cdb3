"""What is left of each limit that a caller has, for the header fields and for whoever asks."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import NamedTuple

from auth.limits.harvest import HarvestState, seconds_left_today
from auth.limits.shared_state import WINDOW_S, Quota

DAY_S = 86_400


class Limited(Enum):
    """What a limit is of, by its name in the header."""

    REQUESTS_PER_MINUTE = "per-minute"
    PERSONS_PER_DAY = "persons-per-day"
    PERSONS_PER_MINUTE = "persons-per-minute"
    MISSES_PER_DAY = "misses-per-day"
    MISSES_PER_MONTH = "misses-per-month"


class Allowance(NamedTuple):
    """One limit: so much in a window, so much left, seconds until more becomes available."""

    limited: Limited
    quota: int
    remaining: int
    window_s: int
    reset_s: int


def of_requests(quota: Quota) -> Allowance:
    return Allowance(Limited.REQUESTS_PER_MINUTE, quota.limit, quota.remaining, WINDOW_S, quota.reset_s)


def of_harvest(state: HarvestState, today: date) -> Sequence[Allowance]:
    """Return the limits of a client's grant on persons and misses, persons of the day first."""
    harvest, grant, midnight = state.harvest, state.grant, seconds_left_today()
    days = monthrange(today.year, today.month)[1]
    per_day, per_minute = grant.subjects_per_day, grant.subjects_per_minute
    ahead = harvest.ahead_s * per_minute // WINDOW_S
    return (
        Allowance(Limited.PERSONS_PER_DAY, per_day, _left(per_day, state.charged), DAY_S, midnight),
        Allowance(
            Limited.PERSONS_PER_MINUTE,
            per_minute,
            _left(per_minute, ahead),
            WINDOW_S,
            max(1, harvest.ahead_s - WINDOW_S),
        ),
        of_misses(state.misses_allowed, harvest.misses_in_all),
        Allowance(
            Limited.MISSES_PER_MONTH,
            per_day,
            _left(per_day, harvest.misses_in_month),
            days * DAY_S,
            midnight + (days - today.day) * DAY_S,
        ),
    )


def of_misses(allowed: int, missed: int) -> Allowance:
    """Return the limit on questions of a day that find nobody."""
    return Allowance(Limited.MISSES_PER_DAY, allowed, _left(allowed, missed), DAY_S, seconds_left_today())


def headers(quota: Quota, state: HarvestState | None, now: datetime) -> dict[str, str]:
    """Return the response's fields (draft-ietf-httpapi-ratelimit-headers-11), for a client with a second policy.

    Persons are a unit of our own; the draft's registry has requests, which is what is meant without `qu`.
    """
    fields = quota.headers()
    if state is not None:
        most, name = state.grant.subjects_per_day, Limited.PERSONS_PER_DAY.value
        midnight = DAY_S - 3600 * now.hour - 60 * now.minute - now.second
        fields["RateLimit-Policy"] += f', "{name}";q={most};w={DAY_S};qu="persons"'
        fields["RateLimit"] += f', "{name}";r={max(0, most - state.charged)};t={midnight}'
    return fields


def _left(limit: int, used: int) -> int:
    return max(0, limit - used)
