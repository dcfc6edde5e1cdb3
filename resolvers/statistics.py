"""Numbers of learners: aggregates that name nobody."""

from dataclasses import dataclass

from resolvers.request import Request

SMALLEST_SHOWN = 10
"""A group of fewer persons is not told apart: its number could point at one of them."""

COLUMN_BY_GROUP = {"PROVINCE": "province_code", "STATUS": "status", "INSTITUTION": "institution_code"}


@dataclass(frozen=True, slots=True)
class LearnerCountValue:
    """One group; `learners` is None where there are too few to be shown."""

    group: str | None
    learners: int | None


async def learner_counts(request: Request, by: str) -> list[LearnerCountValue] | None:
    """Return the numbers by province, status or institution over the caller's jurisdiction, sorted by group."""
    coordinate = "Query.learnerCounts"
    counted = await request.gate.tally("learner", (COLUMN_BY_GROUP[by],), "schooling.statistics", coordinate)
    if coordinate not in request.disclosure.released:
        return None
    groups = sorted(((group, number) for (group,), number in counted.items()), key=lambda one: str(one[0] or ""))
    return [LearnerCountValue(group, number if number >= SMALLEST_SHOWN else None) for group, number in groups]
