"""Aggregates over learners, for those who need numbers and nobody's name."""

from datetime import date
from enum import Enum
from typing import Annotated

import strawberry

from resolvers.request.accounts import nobody
from resolvers.statistics import LearnerCountValue, learner_counts
from schema.declaring.fields import handwritten, local

_CATEGORY = "schooling.statistics"


@strawberry.enum(description="Nhóm để đếm | Groups for counting learners.")
class LearnerGroup(Enum):
    PROVINCE = strawberry.enum_value("PROVINCE", description="Tỉnh nơi học | Province of schooling.")
    STATUS = strawberry.enum_value("STATUS", description="Tình trạng | Status of the learners.")
    INSTITUTION = strawberry.enum_value("INSTITUTION", description="Cơ sở giáo dục | Current institution.")


@strawberry.type(description="Số người học của một nhóm | Number of learners in a group.")
class LearnerCount:
    group: str | None = local(_CATEGORY, "Nhóm: mã hoặc tình trạng | The group: a code or a status; null if unknown.")
    learners: int | None = local(
        _CATEGORY,
        "Số người học; ai không được đọc từng người học thì nhận số làm tròn đến 10, null nếu dưới 10 | "
        "Their number. Callers who may not read the learners get a multiple of 10 near it, null below 10.",
    )
    counted_on: date = local(
        _CATEGORY,
        "Ngày đếm; số làm tròn giữ nguyên đến hết tháng | Day of the count; a rounded number stays for the month.",
    )


async def _counts(
    info: strawberry.Info,
    by: Annotated[LearnerGroup, strawberry.argument(description="Đếm theo | Grouping of the counts.")],
) -> list[LearnerCountValue] | None:
    return await learner_counts(info.context, by.name)


def learner_counts_field() -> list[LearnerCount] | None:
    """Declare the root of the aggregates."""
    return handwritten(  # type: ignore[no-any-return]
        _counts,
        category=_CATEGORY,
        concerns=nobody,
        description="Số người học theo nhóm trong phạm vi được giao | "
        "Learners by group over the caller's jurisdiction.",
    )
