"""Aggregates over learners, for those who need numbers and nobody's name."""

from enum import Enum

import strawberry

from resolvers.statistics import LearnerCountValue, learner_counts
from schema.fields import handwritten, local

_CATEGORY = "schooling.statistics"


@strawberry.enum(description="Nhóm để đếm | What learners are counted by.")
class LearnerGroup(Enum):
    PROVINCE = "PROVINCE"
    STATUS = "STATUS"
    INSTITUTION = "INSTITUTION"


@strawberry.type(description="Số người học của một nhóm | How many learners a group has.")
class LearnerCount:
    group: str | None = local(_CATEGORY, "Nhóm: mã hoặc tình trạng | The group: a code or a status; null if unknown.")
    learners: int | None = local(_CATEGORY, "Số người học; null nếu dưới 10 | Their number; null below 10.")


async def _counts(info: strawberry.Info, by: LearnerGroup) -> list[LearnerCountValue] | None:
    return await learner_counts(info.context, by.value)


def learner_counts_field() -> list[LearnerCount] | None:
    """Declare the root of the aggregates."""
    return handwritten(  # type: ignore[no-any-return]
        _counts,
        category=_CATEGORY,
        description="Số người học theo nhóm trong phạm vi được giao | "
        "Learners by group over the caller's jurisdiction.",
    )
