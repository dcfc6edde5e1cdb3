"""What data-protection officers may ask: the record of operations, the minimisation report, alarms."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from auth.audit.oversight.alarms import Alarm
from resolvers.audit import oversight
from resolvers.request.accounts import nobody
from schema.audit.usage import SubjectBand
from schema.declaring.fields import handwritten, local
from schema.declaring.paging import After, First, PageInfo

_ENTRY, _REPORT, _ALARM = oversight.ENTRIES, oversight.REPORT, oversight.ALARMS


@strawberry.enum(description="Loại chủ thể truy cập | Kinds of principal.")
class AuditPrincipalKind(Enum):
    ANONYMOUS = strawberry.enum_value("ANONYMOUS", description="Người dùng không đăng nhập | A caller without a token.")
    CITIZEN = strawberry.enum_value("CITIZEN", description="Công dân | A citizen.")
    CLIENT = strawberry.enum_value("CLIENT", description="Hệ thống của cơ quan, tổ chức | An agency's client.")


@strawberry.enum(description="Kết quả đối với một trường dữ liệu | Outcome of a field in an operation.")
class AuditOutcome(Enum):
    RELEASED = strawberry.enum_value("RELEASED", description="Đã cung cấp | Released.")
    DENIED = strawberry.enum_value("DENIED", description="Bị từ chối | Denied.")


@strawberry.enum(description="Điều cần xem lại | Finding for review.")
class UseFinding(Enum):
    NEVER_ASKED = strawberry.enum_value(
        "NEVER_ASKED", description="Được phép nhưng chưa truy vấn lần nào | Granted but never requested."
    )
    NEVER_RELEASED = strawberry.enum_value(
        "NEVER_RELEASED", description="Đã truy vấn nhưng chưa được cung cấp lần nào | Requested but never released."
    )


@strawberry.enum(description="Loại cảnh báo | Kinds of alarm.")
class AlarmKind(Enum):
    HARVEST_STOPPED = strawberry.enum_value(
        "HARVEST_STOPPED",
        description="Đọc dữ liệu của quá nhiều người nên bị dừng | The client exceeded its number of persons.",
    )
    HARVEST_SLOWED = strawberry.enum_value(
        "HARVEST_SLOWED",
        description="Đọc quá nhanh nên bị làm chậm | The client exceeded its number of persons a minute.",
    )
    MISSES_STOPPED = strawberry.enum_value(
        "MISSES_STOPPED",
        description="Truy vấn nhiều người không tồn tại nên bị dừng | Too many look-ups found nobody.",
    )
    CHAIN_BROKEN = strawberry.enum_value(
        "CHAIN_BROKEN", description="Chuỗi nhật ký bị sửa | An entry was changed or removed."
    )
    NOT_SIGNED = strawberry.enum_value(
        "NOT_SIGNED", description="Quá hạn chưa ký | Entries are overdue for a signed root."
    )
    DENIALS = strawberry.enum_value(
        "DENIALS", description="Phần lớn bị từ chối | Most operations of a day were refused."
    )
    BREAK_GLASS_USED = strawberry.enum_value(
        "BREAK_GLASS_USED",
        description="Đọc dữ liệu trong tình huống khẩn cấp | "
        "A client used break-glass access in an emergency, reviewed or not.",
    )
    GLASS_BROKEN = strawberry.enum_value(
        "GLASS_BROKEN",
        description="Đọc dữ liệu trong tình huống khẩn cấp (tên cũ) | Former name of `BREAK_GLASS_USED`.",
        deprecation_reason="Không còn dùng: xem `BREAK_GLASS_USED` | No longer returned: use `BREAK_GLASS_USED`.",
    )
    NOT_OURS = strawberry.enum_value(
        "NOT_OURS", description="Có mục không do hệ thống ghi | An entry was not written by this system."
    )


@strawberry.type(description="Trường dữ liệu bị từ chối | A field that an operation denied.")
class AuditDenial:
    coordinate: str = local(_ENTRY, "Tên trường dữ liệu trong lược đồ (Kiểu.trường) | Schema coordinate.")
    code: str = local(_ENTRY, "Mã lý do | Code of the reason.")
    rule: str | None = local(_ENTRY, "Quy tắc | Rule that would permit, or that forbids.")


@strawberry.type(
    description="Một lượt truy vấn, không nêu người có liên quan | One operation, without the persons concerned."
)
class AuditEntry:
    at: datetime = local(_ENTRY, "Thời điểm | Time of the operation.")
    client: str = local(_ENTRY, "Bên truy vấn | Client that sent the operation.")
    principal_kind: AuditPrincipalKind = local(_ENTRY, "Loại chủ thể truy cập | Kind of principal.")
    purpose: str = local(_ENTRY, "Mục đích | Purpose of the operation.")
    case: str | None = local(_ENTRY, "Mã hồ sơ | Number of the dossier named in the request.")
    agreement: str | None = local(_ENTRY, "Thỏa thuận chia sẻ dữ liệu | Number of the data-sharing agreement.")
    request_id: str = local(_ENTRY, "Mã của lượt truy vấn | Id of the operation: `requestId` in its answer.")
    released: list[str] = local(_ENTRY, "Các trường dữ liệu đã cung cấp | Coordinates released.")
    denied: list[AuditDenial] = local(_ENTRY, "Các trường dữ liệu bị từ chối | Coordinates denied.")
    rules: list[str] = local(_ENTRY, "Các quy tắc | Rules that the decision applied.")
    bases: list[str] = local(_ENTRY, "Cơ sở pháp lý | Legal bases of the rules.")
    rows: int = local(_ENTRY, "Số bản ghi | Number of rows released.")
    subjects: SubjectBand | None = local(
        _ENTRY, "Khoảng số người có liên quan | Band of the number of persons concerned."
    )
    hidden_by: str | None = local(
        _ENTRY, "Căn cứ pháp lý để tạm ẩn | Legal provision by which the entry is or was hidden from its subjects."
    )
    hidden_until: date | None = local(_ENTRY, "Tạm ẩn đến hết ngày | Last day on which it is hidden.")


@strawberry.type(description="Một trang | A page of operations.")
class AuditEntryConnection:
    nodes: list[AuditEntry] = local(_ENTRY, "Các lượt truy vấn, mới nhất trước | The operations, newest first.")
    page_info: PageInfo = local(
        _ENTRY,
        "Vị trí của trang; trang có thể ngắn trước khi hết | Position of the page, which may be short before the end.",
    )
    complete: bool = local(
        _ENTRY,
        "Sai khi có mục không do hệ thống ghi, đã bị bỏ ra | "
        "False if entries were left out that this system did not write.",
    )


@strawberry.type(description="Một trường dữ liệu trong báo cáo | One field in the report.")
class FieldUse:
    coordinate: str = local(_REPORT, "Tên trường dữ liệu trong lược đồ (Kiểu.trường) | Schema coordinate.")
    category: str | None = local(_REPORT, "Loại dữ liệu | Data category.")
    asked: int = local(_REPORT, "Số lượt truy vấn | Number of operations that requested it.")
    released: int = local(_REPORT, "Số lượt cung cấp | Number of operations that released it.")
    denied: int = local(_REPORT, "Số lượt từ chối | Number of operations that denied it.")
    granted: bool | None = local(
        _REPORT, "Được phép | Whether the field can be released now; null if no grant is known."
    )
    finding: UseFinding | None = local(_REPORT, "Điều cần xem lại | Finding for review.")


@strawberry.type(description="Một bên sử dụng dữ liệu cho một mục đích | Use by one client for one purpose.")
class ReaderUse:
    client: str = local(_REPORT, "Bên truy vấn | The client.")
    purpose: str = local(_REPORT, "Mục đích | The purpose.")
    operations: int = local(_REPORT, "Số lượt truy vấn | Number of operations.")
    fields: list[FieldUse] = local(_REPORT, "Các trường dữ liệu | The fields, by name.")


@strawberry.type(description="Cảnh báo | An alarm for data-protection officers.")
class AuditAlarm:
    kind: AlarmKind = local(_ALARM, "Loại | Kind of alarm.", lambda alarm, _request: alarm.kind.name)
    at: datetime = local(_ALARM, "Thời điểm | Time of the event; for chains, time of the check.")
    client: str | None = local(_ALARM, "Bên liên quan | The client.", lambda alarm, _request: alarm.client_id)
    purpose: str | None = local(_ALARM, "Mục đích | The purpose.")
    day: date | None = local(_ALARM, "Ngày | The day in Vietnam.")
    count: int | None = local(_ALARM, "Số đếm được | Number of persons, misses or refused operations.")
    total: int | None = local(_ALARM, "Trên tổng số | The limit, or the number of all operations.")
    writer: int | None = local(_ALARM, "Số của chuỗi | Number of the chain.")
    entry: int | None = local(_ALARM, "Mục đầu tiên có vấn đề | Its first bad entry.")


From = Annotated[
    datetime | None, strawberry.argument(name="from", description="Từ thời điểm | Start of the period, included.")
]
To = Annotated[
    datetime | None,
    strawberry.argument(name="to", description="Đến trước thời điểm (không tính) | End of the period, excluded."),
]
Client = Annotated[str | None, strawberry.argument(description="Bên truy vấn | The client.")]
Purpose = Annotated[str | None, strawberry.argument(description="Mục đích | The purpose.")]


async def _entries(
    info: strawberry.Info,
    client: Client = None,
    purpose: Purpose = None,
    from_: From = None,
    to: To = None,
    category: Annotated[str | None, strawberry.argument(description="Loại dữ liệu | Data category.")] = None,
    coordinate: Annotated[str | None, strawberry.argument(description="Trường dữ liệu | Schema coordinate.")] = None,
    outcome: Annotated[
        AuditOutcome | None, strawberry.argument(description="Kết quả đối với trường dữ liệu | Outcome of the field.")
    ] = None,
    first: First = None,
    after: After = None,
) -> oversight.EntryPageValue | None:
    name = None if outcome is None else outcome.name
    filters = oversight.Filters(client, purpose, (from_, to), category, coordinate, name)
    return await oversight.entries(info.context, filters, first, after)


async def _report(
    info: strawberry.Info, from_: From = None, to: To = None, client: Client = None, purpose: Purpose = None
) -> Sequence[oversight.ReaderUseValue] | None:
    return await oversight.report(info.context, (from_, to), client, purpose)


async def _alarms(info: strawberry.Info, from_: From = None, to: To = None) -> Sequence[Alarm] | None:
    return await oversight.alarms(info.context, (from_, to))


def audit_entries_field() -> Any:
    return handwritten(
        _entries,
        category=_ENTRY,
        concerns=nobody,
        description="Tra cứu nhật ký: bên truy vấn, dữ liệu, thời điểm, mục đích; không nêu người có liên quan | "
        "Search of the audit record: client, fields, time and purpose, without the persons concerned.",
    )


def minimisation_report_field() -> Any:
    return handwritten(
        _report,
        category=_REPORT,
        concerns=nobody,
        description="Dữ liệu mỗi bên truy vấn so với được phép; mặc định 7 ngày gần nhất | "
        "Fields that each client requests, compared with its grants (default: last 7 days).",
    )


def alarms_field() -> Any:
    return handwritten(
        _alarms,
        category=_ALARM,
        concerns=nobody,
        description="Các cảnh báo; mặc định 7 ngày gần nhất | Alarms (default: last 7 days).",
    )
