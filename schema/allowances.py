"""The limits of whoever asks, and what is left of them."""

from collections.abc import Sequence
from enum import Enum

import strawberry

from auth.limits.allowances import Allowance
from resolvers.allowances import allowances
from resolvers.request.accounts import nobody
from schema.declaring.fields import handwritten, local

_ACCESS = "access"


@strawberry.enum(description="Loại hạn mức | Kinds of limit.")
class LimitKind(Enum):
    REQUESTS_PER_MINUTE = strawberry.enum_value(
        "REQUESTS_PER_MINUTE", description="Số yêu cầu mỗi phút | Requests in a minute."
    )
    PERSONS_PER_DAY = strawberry.enum_value(
        "PERSONS_PER_DAY",
        description="Số người mỗi ngày cho mục đích này; lượt truy vấn không có kết quả tính gấp năm | "
        "Persons in a day for this purpose, misses counted five times.",
    )
    PERSONS_PER_MINUTE = strawberry.enum_value(
        "PERSONS_PER_MINUTE", description="Số người mới mỗi phút | Persons, new today, in a minute."
    )
    MISSES_PER_DAY = strawberry.enum_value(
        "MISSES_PER_DAY",
        description="Số lượt truy vấn không có kết quả mỗi ngày, mọi mục đích; tăng theo số người tìm thấy | "
        "Questions of a day that find nobody, over all purposes; it grows with the persons found.",
    )
    MISSES_PER_MONTH = strawberry.enum_value(
        "MISSES_PER_MONTH", description="Như trên, mỗi tháng cho mục đích này | The same in a month, for this purpose."
    )


@strawberry.type(description="Một hạn mức của bên truy vấn | A limit of the caller.")
class Limit:
    kind: LimitKind = local(_ACCESS, "Loại | Kind of limit.", lambda limit, _request: limit.limited.name)
    quota: int = local(_ACCESS, "Hạn mức | Maximum within the window.")
    remaining: int = local(_ACCESS, "Còn lại, trước thao tác này | Remaining amount before this operation.")
    window_seconds: int = local(_ACCESS, "Độ dài kỳ | Length of the window.", lambda limit, _request: limit.window_s)
    reset_seconds: int = local(
        _ACCESS,
        "Số giây đến khi có thêm | Seconds until more becomes available.",
        lambda limit, _request: limit.reset_s,
    )


async def _limits(info: strawberry.Info) -> Sequence[Allowance] | None:
    return await allowances(info.context)


def limits_field() -> list[Limit] | None:
    """Declare the root with the caller's limits."""
    return handwritten(  # type: ignore[no-any-return]
        _limits,
        category=_ACCESS,
        concerns=nobody,
        description="Các hạn mức của bên truy vấn và phần còn lại | The caller's limits and their remaining amounts.",
    )
