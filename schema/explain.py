"""What the caller may expect before asking: `explain` for one operation, `accessMap` for every field."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from graphql.execution.values import VariableValues, get_variable_values
from strawberry.scalars import JSON

from auth.errors import Refused
from resolvers.explain.access_map import FieldAccessValue, access_map
from resolvers.explain.explanations import Outline
from resolvers.request.accounts import nobody
from resolvers.request.memo import MemoKey
from resolvers.request.request import Request
from schema.declaring.fields import handwritten, local
from schema.documents.documents import Document, DocumentInvalid, Documents, without_values

DOCUMENTS = MemoKey[Documents]()
"""The documents of the process."""

_ACCESS = "access"
_EXPLAINED = MemoKey[bool]()
_MOST_VARIABLE_ERRORS = 10


@strawberry.enum(description="Khi nào một trường dữ liệu được cung cấp | Conditions under which a field is released.")
class FieldAccessLevel(Enum):
    ALLOWED = strawberry.enum_value("ALLOWED", description="Luôn luôn | Always, whatever the facts.")
    CONDITIONAL = strawberry.enum_value("CONDITIONAL", description="Tùy điều kiện | If one of the ways applies.")
    DENIED = strawberry.enum_value("DENIED", description="Không bao giờ | Never, for this caller and purpose.")


@strawberry.enum(
    description="Điều kiện giữa bên truy vấn và chủ thể dữ liệu | Facts about the caller and the data subject."
)
class AccessFact(Enum):
    SELF = strawberry.enum_value("SELF", description="Chính là người đó | The caller is that person.")
    GUARDIAN = strawberry.enum_value(
        "GUARDIAN", description="Cha, mẹ hoặc người giám hộ | The caller is the child's parent or guardian."
    )
    CONSENT = strawberry.enum_value("CONSENT", description="Người đó đồng ý | That person agreed.")
    JURISDICTION = strawberry.enum_value(
        "JURISDICTION", description="Thuộc phạm vi được giao | The caller's grant covers the person or institution."
    )
    CASE = strawberry.enum_value("CASE", description="Có hồ sơ | The caller has an open dossier of that person.")


@strawberry.type(description="Nội dung bằng hai thứ tiếng | A text in both languages.")
class Bilingual:
    vi: str = local(_ACCESS, "Tiếng Việt | In Vietnamese.")
    en: str = local(_ACCESS, "Tiếng Anh | In English.")


@strawberry.type(description="Một cách để được cung cấp | Facts that permit the release, with the law.")
class AccessWay:
    facts: list[AccessFact] = local(_ACCESS, "Các điều kiện phải có | Facts that must hold; none: always.")
    unless: list[AccessFact] = local(_ACCESS, "Các điều kiện không được có | Facts that must not hold.")
    rule: str = local(_ACCESS, "Quy tắc | Rule that permits.")
    basis: str = local(_ACCESS, "Cơ sở pháp lý | Legal basis of the rule.")
    citation: str = local(_ACCESS, "Căn cứ | Citation of the law.")
    obtain: Bilingual | None = local(_ACCESS, "Điều kiện để được truy cập | Steps that establish the facts.")


@strawberry.type(
    description="Điều còn thiếu | What is missing where none of the facts holds; "
    "for a field that is never released, though all hold."
)
class AccessMissing:
    code: str = local(_ACCESS, "Mã lý do | Code of the reason, as in `extensions.access`.")
    rule: str | None = local(_ACCESS, "Quy tắc gần nhất | Rule that would permit, or that forbids.")
    citation: str = local(_ACCESS, "Căn cứ | Citation of the law.")
    obtain: Bilingual = local(_ACCESS, "Điều kiện để được truy cập | Steps to obtain access.")


@strawberry.type(description="Giá trị được phép của một tham số | Permitted values of an argument.")
class PermittedArgument:
    name: str = local(_ACCESS, "Tên tham số | Name of the argument.")
    values: JSON = local(_ACCESS, "Các giá trị | The permitted values; null means that the argument is absent.")


@strawberry.type(description="Cách truy vấn được phép | Permitted arguments of a field.")
class PermittedQuestions:
    arguments: list[PermittedArgument] = local(
        _ACCESS, "Các tham số có giá trị ấn định | Arguments with fixed values; the others are free."
    )
    distinct: int = local(
        _ACCESS, "Số câu truy vấn khác nhau về một người | Maximum number of different argument values per person."
    )
    days: int = local(_ACCESS, "Trong số ngày | Length of the period in days, from the first question.")
    rule: str | None = local(_ACCESS, "Quy định | Entry of the policy; null if only the agreement sets the terms.")
    citation: str | None = local(_ACCESS, "Căn cứ | Citation of the law.")


@strawberry.type(description="Khả năng đọc một trường dữ liệu | The caller's access to one field.")
class FieldAccess:
    coordinate: str = local(_ACCESS, "Tên trường dữ liệu trong lược đồ (Kiểu.trường) | Schema coordinate.")
    category: str = local(_ACCESS, "Loại dữ liệu | Data category.")
    access: FieldAccessLevel = local(_ACCESS, "Khi nào được cung cấp | Conditions of its release.")
    ways: list[AccessWay] = local(
        _ACCESS, "Các cách | Ways to obtain the field, each sufficient alone; empty if it is denied."
    )
    missing: AccessMissing | None = local(
        _ACCESS, "Điều còn thiếu | Missing conditions; null if the field is always released."
    )
    questions: PermittedQuestions | None = local(
        _ACCESS, "Cách truy vấn được phép | Permitted arguments; null if the field has none or all are free."
    )


@strawberry.type(description="Số lần gọi tới một cơ sở dữ liệu | Calls to one register.")
class RegisterCalls:
    register: str = local(_ACCESS, "Cơ sở dữ liệu | The register.")
    reads: int = local(_ACCESS, "Để đọc bản ghi, nhiều nhất | For rows, at most; each call is for all rows of a place.")
    proofs: int = local(_ACCESS, "Để xác định điều kiện, nhiều nhất | For facts about those rows, at most.")


@strawberry.type(description="Lỗi của văn bản truy vấn | An error of the document, without its values.")
class ExplainedError:
    message: str = local(_ACCESS, "Nội dung | Message of the error.")
    code: str = local(_ACCESS, "Mã lỗi | Code of the error.")


@strawberry.type(description="Giải thích một truy vấn | Explanation of an operation, which is not executed.")
class Explanation:
    errors: list[ExplainedError] = local(_ACCESS, "Các lỗi | Errors of the operation; empty if it is valid.")
    cost: float | None = local(_ACCESS, "Chi phí | Estimated number of rows read; null if the operation is not valid.")
    fields: list[FieldAccess] = local(_ACCESS, "Các trường dữ liệu | Fields of the operation, in document order.")
    calls: list[RegisterCalls] = local(_ACCESS, "Các lần gọi | Registers that the operation would call, by name.")
    unforeseen: list[str] = local(
        _ACCESS, "Các trường dữ liệu có lần gọi riêng | Fields whose calls are not included in `calls`."
    )


@dataclass(frozen=True, slots=True)
class _Error:
    message: str
    code: str


@dataclass(frozen=True, slots=True)
class _Calls:
    register: str
    reads: int
    proofs: int


@dataclass(frozen=True, slots=True)
class _Explanation:
    errors: list[_Error]
    cost: float | None = None
    fields: list[FieldAccessValue] | tuple[()] = ()
    calls: list[_Calls] | tuple[()] = ()
    unforeseen: list[str] | tuple[()] = ()


def explained(request: Request, text: str, variables: Any, name: str | None) -> _Explanation:
    """Return what an operation would come to; no register is asked. What is wrong with it is part of the answer.

    Raises Refused for a second explanation in one request: each may cost as much as a document of its own.
    """
    if request.memo.known(_EXPLAINED):
        raise Refused("`explain` may be asked once in an operation")
    request.memo.put(_EXPLAINED, True)
    documents = request.memo.known(DOCUMENTS)
    assert documents is not None  # every operation has them (schema/operations/operation.py)
    try:
        document = documents.get(text, request.table.holder)
        operation = document.operation(name)
    except DocumentInvalid as invalid:
        return _Explanation([_Error(error.message, str((error.extensions or {})["code"])) for error in invalid.errors])
    except Refused as refused:
        return _Explanation([_Error(refused.message, refused.code)])
    if not isinstance(variables, dict | None):
        return _Explanation([_Error("`variables` must be an object or null", "BAD_USER_INPUT")])
    try:
        document.check_values(name, variables)
    except Refused as refused:
        return _Explanation([_Error(refused.message, refused.code)])
    coerced = get_variable_values(
        request.catalogue.schema, operation.variable_definitions or (), variables or {}, _MOST_VARIABLE_ERRORS
    )
    if not isinstance(coerced, VariableValues):
        return _Explanation([_Error(without_values(error).message, "BAD_USER_INPUT") for error in coerced])
    return _outlined(request, document, name, variables, coerced)


def _outlined(
    request: Request, document: Document, name: str | None, variables: dict[str, Any] | None, coerced: VariableValues
) -> _Explanation:
    errors: list[_Error] = []
    try:
        document.check_cost(name, variables)
    except Refused as refused:
        errors.append(_Error(refused.message, refused.code))
    try:
        outline = Outline(request, document.ast, document.operation(name), coerced)
    except GraphQLError as error:  # a null where none may be, found only now that variables are known
        return _Explanation([*errors, _Error(without_values(error).message, "BAD_USER_INPUT")])
    errors += [_Error(message, "BAD_USER_INPUT") for message in outline.refusals]
    registers = sorted(outline.reads.keys() | outline.proofs.keys())
    calls = [_Calls(register, outline.reads[register], outline.proofs[register]) for register in registers]
    return _Explanation(errors, document.cost(name, variables), outline.accesses(), calls, outline.unforeseen)


def _explain(
    info: strawberry.Info,
    document: Annotated[str, strawberry.argument(description="Văn bản truy vấn | The document to explain.")],
    variables: Annotated[
        JSON | None, strawberry.argument(description="Các biến | The operation's variables, an object.")
    ] = None,
    operation_name: Annotated[
        str | None, strawberry.argument(description="Tên thao tác | Name of the operation in the document.")
    ] = None,
) -> _Explanation | None:
    if not info.context.gate.permitted(_ACCESS, "Query.explain"):
        return None
    return explained(info.context, document, variables, operation_name)


def _access_map(info: strawberry.Info) -> Sequence[FieldAccessValue] | None:
    return access_map(info.context) if info.context.gate.permitted(_ACCESS, "Query.accessMap") else None


def explain_field() -> Explanation | None:
    """Declare the root that explains an operation."""
    return handwritten(  # type: ignore[no-any-return]
        _explain,
        category=_ACCESS,
        concerns=nobody,
        description="Truy vấn được cung cấp dữ liệu gì, theo quy định nào, còn thiếu gì; không đọc dữ liệu của ai | "
        "What an operation would release to the caller, by which law, what is missing; reads nobody's data.",
    )


def access_map_field() -> list[FieldAccess] | None:
    """Declare the root with every field of the schema."""
    return handwritten(  # type: ignore[no-any-return]
        _access_map,
        category=_ACCESS,
        concerns=nobody,
        description="Mọi trường dữ liệu: được, tùy điều kiện hay không, với bên truy vấn và mục đích này | "
        "Every field: allowed, conditional or denied, for this caller and purpose.",
    )
