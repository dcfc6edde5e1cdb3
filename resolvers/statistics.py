"""Numbers of learners: exact for those who may read the rows, for others rounded so that no difference tells of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

from auth.limits.published_counts import Published
from connectors.faults import Fault
from connectors.records.learners import LEARNER
from resolvers.gate.few import FEW
from resolvers.request.request import Request

ROUNDED_TO = 10
EXISTENCE = "learner.record"

UNREADABLE = "\ufffd"
"""Stands for the group of values that could not be read, where figures are kept."""

COLUMN_BY_GROUP = {
    "PROVINCE": ("province_code", "schooling"),
    "STATUS": ("status", "learner.status"),
    "INSTITUTION": ("institution_code", "schooling"),
}
"""The column that each group is counted by, and the category under which the same is read of one learner."""


@dataclass(frozen=True, slots=True)
class LearnerCountValue:
    """One group; `learners` is None where there are too few to be shown."""

    group: str | Fault | None
    learners: int | None
    counted_on: date


async def learner_counts(request: Request, by: str) -> list[LearnerCountValue] | None:
    """Return the numbers by province, status or institution over the caller's jurisdiction, sorted by group."""
    column, category = COLUMN_BY_GROUP[by]
    tally = await request.gate.tally(
        "learner", column, "schooling.statistics", "Query.learnerCounts", (EXISTENCE, category)
    )
    if tally is None:
        return None
    if tally.exact:
        figures = Published(request.today, tuple(_named(await tally.counted()).items()))
    else:
        published = request.services.published
        place = published.place(column, request.jurisdiction, request.today)
        figures = await published.of(place) or await published.kept(
            place, Published(request.today, _rounded(request, column, _named(await tally.counted())))
        )
    unreadable = Fault(LEARNER.register, LEARNER.name, column)
    shown = sorted(figures.shown, key=lambda cell: str(cell[0] or ""))
    return [
        LearnerCountValue(unreadable if group == UNREADABLE else group, number, figures.counted_on)
        for group, number in shown
    ]


def _named(counted: Mapping[Any, int | None]) -> Mapping[Any, int | None]:
    """Return the numbers by groups that can be kept: of what could not be read there is one."""
    return {UNREADABLE if isinstance(group, Fault) else group: number for group, number in counted.items()}


def _rounded(request: Request, column: str, counted: Any) -> tuple[tuple[Any, int | None], ...]:
    key = request.services.keys.guard_key("figures")
    return tuple((group, rounded(number, f"{column}\0{group}", key)) for group, number in counted.items())


def rounded(number: int | None, cell: str, key: bytes) -> int | None:
    """Return a number as it is told to those who may only count: a multiple of ten near it, None below ten.

    Whether it is the multiple above or below is decided by a threshold that only the key tells, one for each cell and
    ten: so the expectation is the number itself, the same number always gives the same figure, and a figure that
    changes does not say what the number is.
    """
    if number is None or number < FEW:
        return None
    tens, rest = divmod(number, ROUNDED_TO)
    digest = blake2b(f"{cell}\0{tens}".encode(), key=key, digest_size=8).digest()
    return ROUNDED_TO * (tens + (rest > int.from_bytes(digest) % ROUNDED_TO))
