"""The citizen who asks: the way to one's own records, consents and log."""

from datetime import datetime

import strawberry

from resolvers.usage import UsagePageValue, usage_of_caller
from schema.citizens import CitizenIdentity, Guardianship
from schema.consents import (
    Consent,
    ConsentNotice,
    ConsentRequest,
    consent_notice_field,
    consent_requests_field,
    consents_field,
)
from schema.fields import edge, handwritten, local, of_record
from schema.learners import Learner
from schema.paging import PageInfo
from schema.rights import RightsRequest, rights_requests


@strawberry.type(description="Trường dữ liệu bị từ chối | A field that was asked for and denied.")
class DeniedField:
    coordinate: str = local("data-usage", "Tọa độ trong lược đồ | Schema coordinate.")
    code: str = local("data-usage", "Mã lý do | Code of the reason.")
    rule: str | None = local("data-usage", "Quy tắc áp dụng | Rule that would permit, or that forbids.")


@strawberry.type(description="Một lần dữ liệu của tôi được hỏi | One operation that concerned me.")
class DataUsage:
    at: datetime = local("data-usage", "Thời điểm | When.")
    client: str = local("data-usage", "Bên đã hỏi | Which client asked.")
    purpose: str = local("data-usage", "Mục đích | What for.")
    case: str | None = local("data-usage", "Mã hồ sơ | Dossier named by the client.")
    released: list[str] = local("data-usage", "Các trường đã cung cấp | Coordinates that the operation released.")
    denied: list[DeniedField] = local("data-usage", "Các trường bị từ chối | Coordinates that it denied.")


@strawberry.type(description="Một trang nhật ký | A page of the log.")
class DataUsageConnection:
    nodes: list[DataUsage] = local("data-usage", "Các lần hỏi, mới nhất trước | The operations, the newest first.")
    page_info: PageInfo = local("data-usage", "Vị trí của trang | Where the page stands.")


async def _data_usage(info: strawberry.Info, first: int | None = None, after: str | None = None) -> UsagePageValue:
    return await usage_of_caller(info.context, first, after)


@of_record("principal", key="person_key", category="identity.record")
@strawberry.type(description="Công dân đang đăng nhập | The citizen who asks.")
class Me:
    identity: CitizenIdentity | None = edge(
        "citizen",
        key="person_key",
        by="person_key",
        category="identity.record",
        description="Danh tính của tôi | Who I am in the population register.",
    )
    learners: list[Learner] | None = edge(
        "learner",
        key="person_key",
        by="person_key",
        many=True,
        order=(("sector_code", False),),
        category="learner.record",
        description="Các hồ sơ người học của tôi | My learner records whose link is verified.",
    )
    children: list[Guardianship] | None = edge(
        "guardianship",
        key="person_key",
        by="guardian_key",
        many=True,
        order=(("id", False),),
        category="guardianship",
        description="Trẻ tôi giám hộ | The children I am responsible for.",
    )
    consents: list[Consent] = consents_field()
    consent_requests: list[ConsentRequest] = consent_requests_field()
    consent_notice: ConsentNotice = consent_notice_field()
    rights_requests: list[RightsRequest] | None = rights_requests
    data_usage: DataUsageConnection = handwritten(
        _data_usage, category="data-usage", description="Ai đã đọc gì về tôi | Who read what of me, when and why."
    )
