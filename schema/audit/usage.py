"""The log of data usage: who read what of a person, why, by which law, and the proof that it stands in the record."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from auth.audit.proof.usage_proof import UsageProofValue as UsageProofValue
from engine.declarations import Part
from resolvers.audit.usage import UsageLog, UsageValue, log_of_caller, log_of_child
from resolvers.reference_executor.pages import PageInfoValue
from resolvers.request.accounts import the_caller
from schema.declaring.fields import Argument, answer, handwritten, local
from schema.declaring.paging import PageInfo

_USAGE = "data-usage"
FIRST = "Số mục, từ 1 đến 100 | Number of operations, 1 to 100."
AFTER = "Sau con trỏ này | Those older than this cursor's."


@strawberry.enum(description="Khoảng số người có liên quan | Bands of the number of persons concerned.")
class SubjectBand(Enum):
    ONE = strawberry.enum_value("ONE", description="Một người | One.")
    UP_TO_10 = strawberry.enum_value("UP_TO_10", description="2 đến 10 người | 2 to 10.")
    UP_TO_100 = strawberry.enum_value("UP_TO_100", description="11 đến 100 người | 11 to 100.")
    MORE = strawberry.enum_value("MORE", description="Trên 100 người | More than 100.")


@strawberry.type(description="Quy tắc đã áp dụng | A rule that the decision applied.")
class UsageRule:
    id: str = local(_USAGE, "Mã quy tắc | The rule's id.")
    basis: str | None = local(_USAGE, "Cơ sở pháp lý | Its legal basis; null if the rule is no longer there.")
    basis_text: str | None = local(_USAGE, "Cơ sở pháp lý, bằng lời | The same in words, in the caller's language.")
    citation: str | None = local(_USAGE, "Căn cứ | Citation of the law; null if the rule is no longer there.")


@strawberry.type(description="Trường dữ liệu đã cung cấp | A field that an operation released.")
class UsedField:
    coordinate: str = local(_USAGE, "Tên trường dữ liệu trong lược đồ (Kiểu.trường) | Schema coordinate.")
    category: str | None = local(_USAGE, "Loại dữ liệu | Data category; null if the field is no longer there.")
    rules: list[UsageRule] = local(_USAGE, "Quy tắc cho phép cung cấp | Rules that permit the field.")


@strawberry.type(description="Trường dữ liệu bị từ chối | A field that was requested and denied.")
class DeniedField:
    coordinate: str = local(_USAGE, "Tên trường dữ liệu trong lược đồ (Kiểu.trường) | Schema coordinate.")
    code: str = local(_USAGE, "Mã lý do | Code of the reason.")
    rule: str | None = local(_USAGE, "Quy tắc áp dụng | Rule that would permit, or that forbids.")
    reason: str = local(_USAGE, "Lý do bằng lời | The reason in words, in the caller's language.")
    citation: str | None = local(_USAGE, "Căn cứ của quy tắc | Citation of the rule; null if there is none.")


def _hex(attribute: str) -> Any:
    return lambda proof, _request: getattr(proof, attribute).hex()


def _path(proof: UsageProofValue, _request: Any) -> list[str]:
    return [node.hex() for node in proof.path]


def _document(proof: UsageProofValue, _request: Any) -> str:
    return proof.document()


@strawberry.type(
    description="Bằng chứng mục này có trong sổ nhật ký đã ký; kiểm tra được khi không có máy chủ | "
    "What shows without this server that the entry stands in the signed record (RFC 9162, 2.1.3)."
)
class UsageProof:
    writer: int = local(_USAGE, "Số của chuỗi | Number of the chain.")
    sequence: int = local(_USAGE, "Số của mục trong chuỗi | Number of the entry in it; its index is one less.")
    previous: str = local(_USAGE, "Mã băm của mục trước | Hash of the entry before.", _hex("previous"))
    shown: str = local(_USAGE, "Phần của mục được cho xem | The part of the entry that you are shown, as JSON.")
    withheld: str = local(_USAGE, "Mã băm của phần còn lại | Digest of the rest.", _hex("withheld"))
    leaf: str = local(_USAGE, "Mã băm của mục | Hash of the entry: the leaf.", _hex("hash"))
    path: list[str] = local(_USAGE, "Đường dẫn trong cây | Path in the tree.", _path)
    statement: str = local(_USAGE, "Gốc cây đã ký | The signed root, a JWS.")
    signed_at: datetime = local(_USAGE, "Thời điểm ký | Time of signing.")
    document: str = local(
        _USAGE, "Tất cả trong một tệp | All of it as one file, for `lienthong audit verify`.", _document
    )


async def _proof(root: UsageValue) -> UsageProofValue | None:
    return await root.proof()


async def _proof_after(root: UsageValue) -> datetime | None:
    return await root.proof_after()


@strawberry.type(description="Một lượt truy vấn dữ liệu | One operation that concerned the person.")
class DataUsage:
    at: datetime = local(_USAGE, "Thời điểm | Time of the operation.")
    client: str = local(_USAGE, "Bên truy vấn | Client that sent the operation.")
    purpose: str = local(_USAGE, "Mục đích | Purpose of the operation.")
    case: str | None = local(
        _USAGE,
        "Mã hồ sơ, khi chỉ liên quan một người | "
        "Number of the dossier named; null if the operation concerned other persons too.",
    )
    agreement: str | None = local(_USAGE, "Thỏa thuận chia sẻ dữ liệu | Number of the data-sharing agreement.")
    request_id: str = local(_USAGE, "Mã của lượt truy vấn | Id of the operation, for inquiries.")
    released: list[str] = local(
        _USAGE, "Các trường dữ liệu mà lượt truy vấn đã cung cấp | Coordinates that the whole operation released."
    )
    fields: list[UsedField] = local(
        _USAGE,
        "Từng trường dữ liệu mà lượt truy vấn đã cung cấp và căn cứ | "
        "What the whole operation released of any of those concerned.",
    )
    rules: list[UsageRule] = local(
        _USAGE, "Các quy tắc áp dụng cho lượt truy vấn | Rules that the decision on the whole operation applied."
    )
    denied: list[DeniedField] = local(
        _USAGE, "Các trường dữ liệu mà lượt truy vấn bị từ chối | Fields denied in the whole operation, for any person."
    )
    subjects: SubjectBand | None = local(
        _USAGE, "Khoảng số người có liên quan | Band of the number of persons concerned; null for old entries."
    )
    hidden_by: str | None = local(
        _USAGE, "Căn cứ pháp lý từng cho phép tạm ẩn mục này | Legal provision by which the entry was hidden from you."
    )
    hidden_until: date | None = local(_USAGE, "Đã được tạm ẩn đến hết ngày | Last day on which it was hidden.")
    authenticated: bool = local(
        _USAGE,
        "Đã được xác thực khi ghi; sai với mục ghi trước khi có xác thực, nay tìm thấy dưới một gốc đã ký | "
        "Authenticated when it was written; false for an entry from before that, found under a signed root since.",
    )
    proof: UsageProof | None = handwritten(
        _proof,
        category=_USAGE,
        concerns=Part.OF_ACCOUNTED,
        description="Bằng chứng, khi đã có gốc ký | The proof; null while no root covers it.",
    )
    proof_after: datetime | None = handwritten(
        _proof_after,
        category=_USAGE,
        concerns=Part.OF_ACCOUNTED,
        description="Thời điểm có thể lấy bằng chứng | When to ask for the proof again; null where it is there, "
        "and for entries of before there were proofs.",
    )


async def _nodes(root: UsageLog) -> list[UsageValue]:
    return await root.nodes()


async def _page_info(root: UsageLog) -> PageInfoValue:
    return await root.page_info()


async def _complete(root: UsageLog) -> bool:
    return await root.complete()


@strawberry.type(description="Một trang nhật ký | A page of the log.")
class DataUsageConnection:
    nodes: list[DataUsage] = handwritten(
        _nodes,
        category=_USAGE,
        concerns=Part.OF_ACCOUNTED,
        description="Các lượt truy vấn, mới nhất trước | The operations, newest first.",
    )
    page_info: PageInfo = handwritten(
        _page_info,
        category=_USAGE,
        concerns=Part.OF_ACCOUNTED,
        description="Vị trí của trang | Position of the page.",
    )
    complete: bool = handwritten(
        _complete,
        category=_USAGE,
        concerns=Part.OF_ACCOUNTED,
        description="Đã đủ; sai khi CSDL ngành giáo dục không trả lời: có thể thiếu yêu cầu đồng ý nêu hồ sơ; "
        "sai khi trang có mục không do hệ thống ghi, đã bị bỏ ra | "
        "False while the education register is away: requests for consent that name a learner record may be missing. "
        "False where the page leaves out an entry that no process of ours wrote.",
    )


def _of_caller(
    info: strawberry.Info,
    first: Annotated[int | None, strawberry.argument(description=FIRST)] = None,
    after: Annotated[str | None, strawberry.argument(description=AFTER)] = None,
) -> UsageLog:
    return log_of_caller(info.context, first, after)


def own_usage_field() -> Any:
    return handwritten(
        _of_caller,
        category=_USAGE,
        concerns=the_caller,
        description="Lịch sử truy cập dữ liệu của tôi | Reads of my data: client, fields, time and purpose.",
    )


def childs_usage_field() -> Any:
    return answer(
        log_of_child,
        needs=("child_key",),
        about="child_key",
        question=lambda _arguments, _asking: None,  # every page of one log asks the same
        category=_USAGE,
        description="Lịch sử truy cập dữ liệu của trẻ; chỉ người đại diện hiện tại và chính trẻ | "
        "Who read what of the child; for a guardian of today and the child alone.",
        arguments={"first": Argument(int | None, FIRST, None), "after": Argument(str | None, AFTER, None)},
    )
