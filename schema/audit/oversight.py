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


@strawberry.enum(description="Loại chủ thể truy cập | What kind of principal asked.")
class AuditPrincipalKind(Enum):
    ANONYMOUS = strawberry.enum_value("ANONYMOUS", description="Bất kỳ ai | Nobody in particular.")
    CITIZEN = strawberry.enum_value("CITIZEN", description="Công dân | A citizen.")
    CLIENT = strawberry.enum_value("CLIENT", description="Hệ thống của cơ quan, tổ chức | An agency's client.")


@strawberry.enum(description="Kết quả của một trường | What became of a field.")
class AuditOutcome(Enum):
    RELEASED = strawberry.enum_value("RELEASED", description="Đã cung cấp | It was released.")
    DENIED = strawberry.enum_value("DENIED", description="Bị từ chối | It was denied.")


@strawberry.enum(description="Điều cần xem lại | What is to be looked at.")
class UseFinding(Enum):
    NEVER_ASKED = strawberry.enum_value(
        "NEVER_ASKED", description="Được phép nhưng chưa hỏi lần nào | Granted, never asked."
    )
    NEVER_RELEASED = strawberry.enum_value(
        "NEVER_RELEASED", description="Đã hỏi nhưng chưa được cung cấp lần nào | Asked, never released."
    )


@strawberry.enum(description="Loại cảnh báo | What an alarm is about.")
class AlarmKind(Enum):
    HARVEST_STOPPED = strawberry.enum_value(
        "HARVEST_STOPPED", description="Đọc về quá nhiều người nên bị dừng | Stopped for reading about too many."
    )
    HARVEST_SLOWED = strawberry.enum_value(
        "HARVEST_SLOWED", description="Đọc quá nhanh nên bị làm chậm | Slowed for reading about many in a minute."
    )
    MISSES_STOPPED = strawberry.enum_value(
        "MISSES_STOPPED", description="Hỏi nhiều người không có nên bị dừng | Stopped for asking in vain too often."
    )
    CHAIN_BROKEN = strawberry.enum_value(
        "CHAIN_BROKEN", description="Chuỗi nhật ký bị sửa | An entry was changed or taken out."
    )
    NOT_SIGNED = strawberry.enum_value("NOT_SIGNED", description="Quá hạn chưa ký | Entries long under no root.")
    DENIALS = strawberry.enum_value("DENIALS", description="Phần lớn bị từ chối | A day's operations mostly refused.")
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
        "NOT_OURS", description="Có mục không do hệ thống ghi | An entry that no process of ours wrote as it stands."
    )


@strawberry.type(description="Trường bị từ chối | A field that an operation denied.")
class AuditDenial:
    coordinate: str = local(_ENTRY, "Tọa độ trong lược đồ | Schema coordinate.")
    code: str = local(_ENTRY, "Mã lý do | Code of the reason.")
    rule: str | None = local(_ENTRY, "Quy tắc | Rule that would permit, or that forbids.")


@strawberry.type(description="Một lần hỏi, không cho biết về ai | One operation, without whom it concerned.")
class AuditEntry:
    at: datetime = local(_ENTRY, "Thời điểm | When.")
    client: str = local(_ENTRY, "Bên đã hỏi | Which client asked.")
    principal_kind: AuditPrincipalKind = local(_ENTRY, "Loại chủ thể truy cập | What kind of principal.")
    purpose: str = local(_ENTRY, "Mục đích | What for.")
    case: str | None = local(_ENTRY, "Mã hồ sơ | Dossier named.")
    agreement: str | None = local(_ENTRY, "Thỏa thuận chia sẻ dữ liệu | Number of the data-sharing agreement.")
    request_id: str = local(_ENTRY, "Mã của lần hỏi | Id of the operation: `requestId` in its answer.")
    released: list[str] = local(_ENTRY, "Các trường đã cung cấp | Coordinates released.")
    denied: list[AuditDenial] = local(_ENTRY, "Các trường bị từ chối | Coordinates denied.")
    rules: list[str] = local(_ENTRY, "Các quy tắc | Rules it was answered by.")
    bases: list[str] = local(_ENTRY, "Cơ sở pháp lý | Their legal bases.")
    rows: int = local(_ENTRY, "Số bản ghi | Rows shown.")
    subjects: SubjectBand | None = local(_ENTRY, "Khoảng số người | How many it concerned, about.")
    hidden_by: str | None = local(
        _ENTRY, "Căn cứ pháp lý để tạm ẩn | Law by which it is or was hidden from its subjects."
    )
    hidden_until: date | None = local(_ENTRY, "Tạm ẩn đến hết ngày | Last day on which it is hidden.")


@strawberry.type(description="Một trang | A page of operations.")
class AuditEntryConnection:
    nodes: list[AuditEntry] = local(_ENTRY, "Các lần hỏi, mới nhất trước | The operations, the newest first.")
    page_info: PageInfo = local(
        _ENTRY,
        "Vị trí của trang; trang có thể ngắn trước khi hết | Where the page stands; it may be short before the end.",
    )
    complete: bool = local(
        _ENTRY,
        "Sai khi có mục không do hệ thống ghi, đã bị bỏ ra | "
        "False where entries that no process of ours wrote were left out.",
    )


@strawberry.type(description="Một trường trong báo cáo | One field in the report.")
class FieldUse:
    coordinate: str = local(_REPORT, "Tọa độ trong lược đồ | Schema coordinate.")
    category: str | None = local(_REPORT, "Loại dữ liệu | Data category.")
    asked: int = local(_REPORT, "Số lần hỏi | Operations that asked for it.")
    released: int = local(_REPORT, "Số lần cung cấp | Operations that released it.")
    denied: int = local(_REPORT, "Số lần từ chối | Operations that denied it.")
    granted: bool | None = local(_REPORT, "Được phép | Whether it can be released now; null where no grant is known.")
    finding: UseFinding | None = local(_REPORT, "Điều cần xem lại | What is to be looked at.")


@strawberry.type(description="Một bên dùng dữ liệu cho một mục đích | What one client did for one purpose.")
class ReaderUse:
    client: str = local(_REPORT, "Bên đã hỏi | The client.")
    purpose: str = local(_REPORT, "Mục đích | The purpose.")
    operations: int = local(_REPORT, "Số lần hỏi | Operations.")
    fields: list[FieldUse] = local(_REPORT, "Các trường | The fields, by name.")


@strawberry.type(description="Cảnh báo | Something that an officer should look at.")
class AuditAlarm:
    kind: AlarmKind = local(_ALARM, "Loại | What it is about.", lambda alarm, _request: alarm.kind.name)
    at: datetime = local(_ALARM, "Thời điểm | When it happened; of chains, when it was found.")
    client: str | None = local(_ALARM, "Bên liên quan | The client.", lambda alarm, _request: alarm.client_id)
    purpose: str | None = local(_ALARM, "Mục đích | The purpose.")
    day: date | None = local(_ALARM, "Ngày | The day in Vietnam.")
    count: int | None = local(_ALARM, "Số đếm được | What was counted: persons, misses, operations refused.")
    total: int | None = local(_ALARM, "Trên tổng số | Of so many: the limit, or all operations.")
    writer: int | None = local(_ALARM, "Số của chuỗi | Number of the chain.")
    entry: int | None = local(_ALARM, "Mục đầu tiên có vấn đề | Its first bad entry.")


From = Annotated[datetime | None, strawberry.argument(name="from", description="Từ | From, included.")]
To = Annotated[datetime | None, strawberry.argument(name="to", description="Đến | To, left out.")]
Client = Annotated[str | None, strawberry.argument(description="Bên đã hỏi | Which client.")]
Purpose = Annotated[str | None, strawberry.argument(description="Mục đích | For which purpose.")]


async def _entries(
    info: strawberry.Info,
    client: Client = None,
    purpose: Purpose = None,
    from_: From = None,
    to: To = None,
    category: Annotated[str | None, strawberry.argument(description="Loại dữ liệu | Data category.")] = None,
    coordinate: Annotated[str | None, strawberry.argument(description="Trường | Schema coordinate.")] = None,
    outcome: Annotated[
        AuditOutcome | None, strawberry.argument(description="Kết quả của trường | What became of it.")
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
        description="Tra cứu nhật ký: ai hỏi gì, khi nào, để làm gì; không cho biết về ai | "
        "The record: who asked what, when and what for; never about whom.",
    )


def minimisation_report_field() -> Any:
    return handwritten(
        _report,
        category=_REPORT,
        concerns=nobody,
        description="Mỗi bên hỏi gì so với được phép; mặc định 7 ngày gần nhất | "
        "What each client asks for beside what it may have; the last 7 days unless another period is given.",
    )


def alarms_field() -> Any:
    return handwritten(
        _alarms,
        category=_ALARM,
        concerns=nobody,
        description="Các cảnh báo; mặc định 7 ngày gần nhất | "
        "Alarms; of the last 7 days unless another period is given.",
    )
