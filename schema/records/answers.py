"""Answers that may be asked of a person by either record: the learner's or the population register's."""

from datetime import date
from typing import Any

import strawberry

from resolvers.answers import ages, identities, residences
from schema.declaring.added_fields import AddedFields
from schema.declaring.fields import Argument, answer

_YEARS = {"years": Argument(int, "Số tuổi tròn | Completed years of age.")}
_CLAIMED = {
    "name": Argument(str, "Họ và tên đã biết | Full name as the caller has it."),
    "birth_date": Argument(date, "Ngày sinh đã biết | Date of birth as the caller has it."),
}
_MATCHES_VI = "Họ tên và ngày sinh đã biết có khớp với CSDL dân cư không, không cho biết dữ liệu nào khác"
_MATCHES = (
    "Whether both the name and the date of birth that the caller already has are those of the population register"
)

_PERIODS = (
    "residence_periods.kind",
    "residence_periods.unit_code",
    "residence_periods.province_code",
    "residence_periods.from_date",
    "residence_periods.to_date",
)


@strawberry.input(description="Khoảng thời gian, cả hai ngày | A time from one day to another, both included.")
class DateRange:
    from_: date | None = strawberry.field(name="from", default=None, description="Từ ngày | First day; open if absent.")
    to: date | None = strawberry.field(default=None, description="Đến ngày | Last day; today if absent.")


_HELD = {
    "within": Argument(str, "Mã tỉnh hoặc xã | Code of a province or communal unit.", name="in"),
    "months_at_least": Argument(
        int | None, "Ít nhất số tháng này | At least so many months, in all; this or `monthsMoreThan`.", None
    ),
    "months_more_than": Argument(
        int | None, "Trên số tháng này | More than so many months, in all; this or `monthsAtLeast`.", None
    ),
    "as_of": Argument(
        date | None, "Ngày mà mã đơn vị có hiệu lực, mặc định hôm nay | Day for which the code is meant.", None
    ),
    "during": Argument(
        DateRange | None, "Chỉ tính trong khoảng thời gian này | Period to count; all time if absent.", None
    ),
}


def learner_is_at_least() -> Any:
    """Declare the answer about age of a learner."""
    return answer(
        ages.is_at_least,
        needs=("birth_period", "identity.birth_period"),
        may_lack=("birth_period", "identity"),
        category="identity.age",
        description="Đã đủ tuổi, không cho biết ngày sinh; theo CSDL dân cư nếu liên kết đã xác thực, nếu không theo "
        "hồ sơ ngành: `extensions.access.answeredFrom` | Whether of this age, without showing the date of birth: from "
        "the population register where the link is verified, else from the sector's record; "
        "`extensions.access.answeredFrom` says which.",
        arguments=_YEARS,
        about="sector_code",
        question=ages.age_asked,
    )


def citizen_is_at_least() -> Any:
    """Declare the answer about age of a citizen."""
    return answer(
        ages.citizen_is_at_least,
        needs=("birth_period",),
        category="identity.age",
        description="Đã đủ tuổi, không cho biết ngày sinh | Whether of this age, without showing the date of birth.",
        arguments=_YEARS,
        about="person_key",
        question=ages.age_asked,
    )


def learner_match() -> Any:
    """Declare the answer whether a claimed name and birth date are those of the citizen behind a learner."""
    return answer(
        identities.learner_match,
        needs=("identity.full_name", "identity.birth_period"),
        category="identity.match",
        description=f"{_MATCHES_VI}; chỉ khi liên kết đã xác thực | {_MATCHES}; only where the link is verified.",
        arguments=_CLAIMED,
        about="sector_code",
        question=identities.match_asked,
    )


def citizen_match() -> Any:
    """Declare the answer whether a claimed name and birth date are a citizen's."""
    return answer(
        identities.identity_match,
        needs=("full_name", "birth_period"),
        category="identity.match",
        description=f"{_MATCHES_VI} | {_MATCHES}.",
        arguments=_CLAIMED,
        about="person_key",
        question=identities.match_asked,
    )


def held_permanent_residence() -> Any:
    """Declare the answer about permanent residence of a learner."""
    return answer(
        residences.held_permanent_residence,
        needs=_PERIODS,
        may_lack=_PERIODS,
        category="residence.held",
        description="Đã thường trú đủ số tháng tại đơn vị, không cho biết nơi và ngày; null kèm lý do nếu không xác "
        "định được | Whether permanent residence was held there for so many months, without showing where or when; "
        "null with the reason where that is not known.",
        arguments=_HELD,
        about="sector_code",
        question=residences.residence_asked,
    )


def permanent_unit() -> Any:
    """Declare the answer where a citizen lives permanently."""
    return answer(
        residences.permanent_unit,
        needs=_PERIODS,
        may_lack=_PERIODS,
        category="residence.current",
        description="Đơn vị hành chính nơi thường trú hiện nay, như đã ghi nhận; đơn vị ngày nay ở `today` | "
        "The unit of the present permanent residence as it was recorded; today's is its `today`.",
    )


ADDED_FIELDS: tuple[AddedFields, ...] = ()
