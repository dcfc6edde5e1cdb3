"""Requests of data subjects: how citizens make them, and how those responsible for a register answer."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated

import strawberry

from auth.rights.terms import Right
from resolvers.request.accounts import the_caller_and_those_shown, those_shown
from resolvers.rights import queue as rights_queue
from resolvers.rights import requests as rights
from schema.declaring.fields import handwritten, local
from schema.declaring.paging import After, First, PageInfo

COORDINATE = "Trường dữ liệu cần chỉnh sửa, ví dụ Learner.birthDate | Coordinate of the field to be corrected."
TEXT = "Nội dung trình bày, tối đa 2000 ký tự, được mã hóa | Statement, at most 2,000 characters, stored encrypted."
PROPOSED = "Giá trị đề nghị | Proposed value; a date as 2026-11-21."


@strawberry.enum(description="Quyền của chủ thể dữ liệu | Rights of data subjects (Law 91/2025/QH15 art. 4).")
class RightKind(Enum):
    ACCESS = strawberry.enum_value("ACCESS", description="Xem dữ liệu | Access to one's data.")
    CORRECTION = strawberry.enum_value("CORRECTION", description="Chỉnh sửa | Correction.")
    DELETION = strawberry.enum_value("DELETION", description="Xóa | Deletion.")
    RESTRICTION = strawberry.enum_value("RESTRICTION", description="Hạn chế xử lý | Restriction of processing.")
    OBJECTION = strawberry.enum_value("OBJECTION", description="Phản đối xử lý | Objection to processing.")


@strawberry.enum(description="Trạng thái của yêu cầu | States of a request; the last three are final.")
class RightsRequestState(Enum):
    SUBMITTED = strawberry.enum_value("SUBMITTED", description="Đã gửi | Submitted.")
    ACKNOWLEDGED = strawberry.enum_value("ACKNOWLEDGED", description="Đã tiếp nhận | Acknowledged.")
    ACCEPTED = strawberry.enum_value(
        "ACCEPTED", description="Được chấp nhận, đang thực hiện | Accepted, to be carried out."
    )
    REFUSED = strawberry.enum_value("REFUSED", description="Bị từ chối | Refused.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Đã thực hiện | Carried out.")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="Người yêu cầu rút | Withdrawn by the requester.")


@strawberry.enum(description="Quyết định về yêu cầu | Decisions of the responsible register on a request.")
class RightsDecision(Enum):
    ACKNOWLEDGED = strawberry.enum_value("ACKNOWLEDGED", description="Tiếp nhận | Received.")
    ACCEPTED = strawberry.enum_value("ACCEPTED", description="Chấp nhận | Accepted, to be carried out.")
    REFUSED = strawberry.enum_value("REFUSED", description="Từ chối, nêu căn cứ | Refused on a legal ground.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Đã thực hiện | Carried out.")


@strawberry.type(description="Căn cứ pháp lý của việc từ chối | The legal ground of a refusal.")
class RefusalGround:
    name: str = local("rights", "Tên căn cứ | Its name, as `reason` takes it.")
    vi: str = local("rights", "Nội dung tiếng Việt | In Vietnamese.")
    en: str = local("rights", "Nội dung tiếng Anh | In English.")
    citation: str = local("rights", "Điều khoản pháp luật | The legal provision.")


@strawberry.type(description="Một bước xử lý yêu cầu | One entry of a request's history.")
class RightsStep:
    state: RightsRequestState = local("rights", "Trạng thái sau bước này | State that it was put into.")
    at: datetime = local("rights", "Thời điểm | Time of the operation.")
    client: str = local("rights", "Qua hệ thống nào | Client through which it was sent.")
    ground: RefusalGround | None = local("rights", "Căn cứ từ chối | Legal ground of a refusal.")


@strawberry.type(description="Yêu cầu thực hiện quyền | A request by which a data subject exercises a right.")
class RightsRequest:
    id: strawberry.ID = local("rights", "Mã của yêu cầu | Id of the request, for this client.")
    kind: RightKind = local("rights", "Quyền được thực hiện | The right exercised.")
    register: str = local("rights", "Cơ sở dữ liệu phải trả lời | The register that must answer.")
    record: strawberry.ID = local("rights", "Mã toàn cục của bản ghi | Global id of the record that it is about.")
    coordinate: str | None = local("rights", COORDINATE)
    text: str | None = local("rights", TEXT)
    proposed_value: str | None = local("rights", PROPOSED)
    state: RightsRequestState = local("rights", "Trạng thái | State.")
    submitted_at: datetime = local("rights", "Thời điểm gửi | Time of submission.")
    acknowledge_by: date = local("rights", "Hạn tiếp nhận | Last day to acknowledge it (2 working days).")
    complete_by: date = local("rights", "Hạn hoàn thành | Last day to complete it.")
    overdue: bool = local("rights", "Đã quá hạn bước tiếp theo | Whether the next step is late.")
    history: list[RightsStep] = local("rights", "Các bước đã qua | Steps of the request, oldest first.")


@strawberry.type(description="Một trang yêu cầu | A page of requests.")
class RightsRequestConnection:
    nodes: list[RightsRequest] = local("rights", "Các yêu cầu, quá hạn trước | The requests, overdue ones first.")
    page_info: PageInfo = local("rights", "Vị trí của trang | Position of the page.")


@strawberry.input(description="Yêu cầu gửi tới cơ sở dữ liệu của một bản ghi | A request to the register of a record.")
class RightsRequestInput:
    kind: RightKind = strawberry.field(description="Quyền được thực hiện | The right exercised.")
    record: strawberry.ID = strawberry.field(
        description="Người học, công dân hoặc văn bằng, của mình hoặc của con | "
        "Id of a learner, citizen or credential: one's own, or a child's in one's care."
    )
    text: str | None = strawberry.field(default=None, description=TEXT)


@strawberry.input(description="Yêu cầu chỉnh sửa | A request to correct a field on which registers disagree.")
class CorrectionInput:
    coordinate: str = strawberry.field(description=COORDINATE)
    record: strawberry.ID = strawberry.field(
        description="Người học hoặc công dân | Id of the learner or citizen whose register should change."
    )
    proposed_value: str = strawberry.field(description=PROPOSED)
    text: str | None = strawberry.field(default=None, description=TEXT)


_Id = Annotated[strawberry.ID, strawberry.argument(description="Mã của yêu cầu | `RightsRequest.id`.")]


async def _own(info: strawberry.Info) -> list[rights.RightsRequestValue] | None:
    return await rights.requests_of_caller(info.context)


async def _submit(
    info: strawberry.Info,
    input: Annotated[RightsRequestInput, strawberry.argument(description="Nội dung yêu cầu | Content of the request.")],
) -> rights.RightsRequestValue:
    return await rights.submit(info.context, Right[input.kind.name], input.record, input.text)


async def _correct(
    info: strawberry.Info,
    input: Annotated[CorrectionInput, strawberry.argument(description="Nội dung chỉnh sửa | Correction to be made.")],
) -> rights.RightsRequestValue:
    return await rights.correct(info.context, input.coordinate, input.record, input.proposed_value, input.text)


async def _withdraw(info: strawberry.Info, id: _Id) -> rights.RightsRequestValue:
    return await rights.withdraw(info.context, id)


async def _queue(
    info: strawberry.Info, first: First = None, after: After = None
) -> rights_queue.RightsPageValue | None:
    return await rights_queue.queue(info.context, first, after)


async def _answer(
    info: strawberry.Info,
    id: _Id,
    decision: Annotated[RightsDecision, strawberry.argument(description="Quyết định | The decision.")],
    reason: Annotated[
        str | None,
        strawberry.argument(description="Tên căn cứ từ chối | Legal ground of a refusal, as `RefusalGround.name`."),
    ] = None,
    third_parties: Annotated[
        bool | None,
        strawberry.argument(description="Bên khác cũng phải thực hiện | Whether others must act too."),
    ] = None,
) -> rights.RightsRequestValue:
    return await rights_queue.answer(info.context, id, decision.name, reason, third_parties)


rights_requests = handwritten(
    _own,
    category="rights",
    concerns=the_caller_and_those_shown,
    description="Các yêu cầu về tôi và các con, mới nhất trước | Requests about me and the children in my care.",
)
rights_queue_field = handwritten(
    _queue,
    category="rights",
    concerns=those_shown,
    description="Các yêu cầu phải trả lời, quá hạn trước | Open requests to the registers that the client answers for.",
)
submit_rights_request = handwritten(
    _submit,
    category="rights",
    concerns=those_shown,
    description="Yêu cầu xem, chỉnh sửa, xóa, hạn chế, phản đối | Ask a register for access, correction, deletion, "
    "restriction, or object, for oneself or a child in one's care.",
)
correction_request = handwritten(
    _correct,
    category="rights",
    concerns=those_shown,
    description="Yêu cầu chỉnh sửa một trường dữ liệu mà các cơ sở dữ liệu khác nhau | "
    "Ask for the correction of a field on which registers disagree.",
)
withdraw_rights_request = handwritten(
    _withdraw,
    category="rights",
    concerns=those_shown,
    description="Rút yêu cầu | Withdraw a request that is still open.",
)
answer_rights_request = handwritten(
    _answer,
    category="rights",
    concerns=those_shown,
    description="Trả lời yêu cầu; từ chối phải nêu căn cứ pháp lý | Answer a request: `reason` names the legal ground "
    "of a refusal, `thirdParties` says that others must act too.",
)
