"""Break-glass readings: notices to the persons concerned, and reviews."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated

import strawberry

from resolvers import emergencies
from resolvers.request.accounts import nobody, the_caller_and_those_shown
from schema.declaring.fields import handwritten, local
from schema.declaring.paging import After, First, PageInfo

_NOTICE, _REVIEW = "data-usage", "emergency"
WORDS = "Lời nhận xét, tối đa 2000 ký tự | Comment of the reviewer, at most 2,000 characters."


@strawberry.enum(description="Kết quả xem xét | Results of a review.")
class EmergencyReviewState(Enum):
    OPEN = strawberry.enum_value("OPEN", description="Chờ xem xét | Waiting for review.")
    JUSTIFIED = strawberry.enum_value("JUSTIFIED", description="Có căn cứ | Justified: there was an emergency.")
    UNJUSTIFIED = strawberry.enum_value(
        "UNJUSTIFIED", description="Không có căn cứ | Not justified: there was no emergency."
    )


@strawberry.type(description="Thông báo: dữ liệu được đọc khi khẩn cấp | A notice of a reading in an emergency.")
class EmergencyNotice:
    subject: strawberry.ID = local(_NOTICE, "Mã toàn cục của công dân | Global id of the citizen concerned.")
    at: datetime = local(_NOTICE, "Thời điểm | Time of the operation.")
    client: str = local(_NOTICE, "Bên đã đọc | Client that read the data.")
    purpose: str = local(_NOTICE, "Mục đích | Purpose of the operation.")
    reason: str = local(_NOTICE, "Lý do đã nêu | The reason that was stated.")
    request_id: str = local(_NOTICE, "Mã của lần đọc, như trong nhật ký | Id of the operation, as in `dataUsage`.")
    state: EmergencyReviewState = local(_NOTICE, "Kết quả xem xét | Result of the review.")
    reviewed_at: datetime | None = local(_NOTICE, "Thời điểm xem xét | Time of the review.")
    words: str | None = local(_NOTICE, WORDS)


@strawberry.type(description="Một lần đọc khi khẩn cấp | A reading in an emergency, as its reviewers see it.")
class EmergencyReading:
    id: strawberry.ID = local(_REVIEW, "Mã | Id, for this client.")
    at: datetime = local(_REVIEW, "Thời điểm | Time of the operation.")
    client: str = local(_REVIEW, "Bên đã đọc | Client that read the data.")
    purpose: str = local(_REVIEW, "Mục đích | Purpose of the operation.")
    reason: str = local(_REVIEW, "Lý do đã nêu | The reason that was stated.")
    request_id: str = local(_REVIEW, "Mã của lần đọc trong nhật ký | Id of the operation, as in `auditEntries`.")
    subject_count: int = local(_REVIEW, "Số người liên quan | Number of persons and learners concerned.")
    hidden_until: date | None = local(
        _REVIEW,
        "Những người liên quan chưa được thông báo cho đến hết ngày này | "
        "Whom it concerned is told only after this day.",
    )
    state: EmergencyReviewState = local(_REVIEW, "Kết quả xem xét | Result of the review.")
    reviewed_at: datetime | None = local(_REVIEW, "Thời điểm xem xét | Time of the review.")
    reviewed_by: str | None = local(_REVIEW, "Bên xem xét | Client of the reviewer.")
    words: str | None = local(_REVIEW, WORDS)


@strawberry.type(description="Một trang | A page of readings.")
class EmergencyReadingConnection:
    nodes: list[EmergencyReading] = local(_REVIEW, "Các lần đọc, cũ nhất trước | The readings, the oldest first.")
    page_info: PageInfo = local(_REVIEW, "Vị trí của trang | Position of the page.")


async def _notices(info: strawberry.Info) -> list[emergencies.EmergencyNoticeValue] | None:
    return await emergencies.notices_of_caller(info.context)


async def _queue(
    info: strawberry.Info,
    state: Annotated[
        EmergencyReviewState, strawberry.argument(description="Kết quả xem xét | Result of the review.")
    ] = EmergencyReviewState.OPEN,
    first: First = None,
    after: After = None,
) -> emergencies.ReadingPageValue | None:
    return await emergencies.queue(info.context, state.name, first, after)


async def _review(
    info: strawberry.Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="Mã lần đọc | `EmergencyReading.id`.")],
    justified: Annotated[bool, strawberry.argument(description="Có căn cứ | Whether there was an emergency.")],
    words: Annotated[str, strawberry.argument(description=WORDS)],
) -> emergencies.ReadingValue:
    return await emergencies.review(info.context, id, justified, words)


notices = handwritten(
    _notices,
    category=_NOTICE,
    concerns=the_caller_and_those_shown,
    description="Thông báo về tôi và các con, mới nhất trước | Notices about me and the children in my care: "
    "readings in emergencies.",
)
emergency_readings = handwritten(
    _queue,
    category=_REVIEW,
    concerns=nobody,
    description="Các lần đọc khi khẩn cấp, cũ nhất trước | Readings in emergencies, to be reviewed.",
)
review_emergency_reading = handwritten(
    _review,
    category=_REVIEW,
    concerns=nobody,
    description="Kết luận về một lần đọc khi khẩn cấp | Judge a reading in an emergency; the citizen sees it.",
)
