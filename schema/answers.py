"""Answers that may be asked of a person by either record: the learner's or the population register's."""

from datetime import date
from typing import Any

from resolvers.answers import ages, identities
from schema.fields import Argument, answer

_YEARS = {"years": Argument(int, "Số tuổi tròn | Completed years of age.")}
_CLAIMED = {
    "name": Argument(str, "Họ và tên đã biết | Full name as the caller has it."),
    "birth_date": Argument(date, "Ngày sinh đã biết | Date of birth as the caller has it."),
}
_MATCHES = (
    "Họ tên và ngày sinh đã biết có khớp không, không cho biết dữ liệu nào khác | "
    "Whether both the name and the date of birth that the caller already has are those of the register."
)


def is_at_least(about: str) -> Any:
    """Declare the answer about age of a record; `about` is the column that says of whom it is asked."""
    return answer(
        ages.is_at_least,
        needs=("birth_date",),
        category="identity.age",
        description="Đã đủ tuổi, không cho biết ngày sinh | Whether of this age, without showing the date of birth.",
        arguments=_YEARS,
        about=about,
        question=ages.age_asked,
    )


def identity_match(about: str) -> Any:
    """Declare the answer whether a claimed name and birth date are a record's; `about` as above."""
    return answer(
        identities.identity_match,
        needs=("full_name", "birth_date"),
        category="identity.match",
        description=_MATCHES,
        arguments=_CLAIMED,
        about=about,
        question=identities.match_asked,
    )
