"""The terms of consents, as they are given and shown: language, frequency, and what all inputs share."""

from datetime import date
from enum import Enum

import strawberry

from auth.consent.terms import Frequency as FrequencyTerms
from auth.consent.terms import Period
from resolvers.consent.offers import Wording
from schema.declaring.fields import local


@strawberry.enum(description="Ngôn ngữ của văn bản đồng ý | Language of the text that is shown.")
class NoticeLanguage(Enum):
    VI = strawberry.enum_value("VI", description="Tiếng Việt | Vietnamese.")
    EN = strawberry.enum_value("EN", description="Tiếng Anh | English.")

    @property
    def code(self) -> str:
        return self.name.lower()


@strawberry.enum(description="Khoảng thời gian tính số lần đọc | Period of a limit on readings: 1, 7, 30 or 365 days.")
class ConsentPeriod(Enum):
    DAY = strawberry.enum_value("DAY", description="Ngày | 1 day.")
    WEEK = strawberry.enum_value("WEEK", description="Tuần | 7 days.")
    MONTH = strawberry.enum_value("MONTH", description="Tháng | 30 days.")
    YEAR = strawberry.enum_value("YEAR", description="Năm | 365 days.")


@strawberry.enum(description="Việc đã xảy ra với sự đồng ý | Events in the history of a consent.")
class ConsentEventKind(Enum):
    GIVEN = strawberry.enum_value("GIVEN", description="Đồng ý | Given.")
    AMENDED = strawberry.enum_value("AMENDED", description="Sửa đổi | Amended.")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="Rút lại | It was withdrawn.")


CATEGORIES = "Các loại dữ liệu | Data categories."
UNTIL = "Ngày cuối cùng có hiệu lực | Last day."
RECIPIENT = "Bên nhận dữ liệu | Client that may read."
PURPOSE = "Mục đích | Purpose of the operation."
FREQUENCY = "Số lần đọc tối đa; null là không giới hạn | Limit on the number of readings; null: no limit."
DATA_LIFE = "Số ngày bên nhận được giữ dữ liệu | Number of days for which the recipient may keep the data."
LANGUAGE = "Ngôn ngữ của văn bản | Language of the text."
DIGEST = "SHA-256 của văn bản, dạng hệ 16 | SHA-256 of the text, in hexadecimal."
CHILD = "Mã danh tính của con hoặc người được đại diện | `CitizenIdentity.id` of a child in one's care."


@strawberry.type(description="Số lần đọc tối đa | Limit on the number of readings.")
class ConsentFrequency:
    reads: int = local("consent", "Số lần đọc | So many readings at most: operations that concern the subject.")
    period: ConsentPeriod = local("consent", "Trong mỗi | Length of the period.")


@strawberry.input(description="Số lần đọc tối đa | Limit on the number of readings.")
class ConsentFrequencyInput:
    reads: int = strawberry.field(description="Số lần đọc | So many readings at most.")
    period: ConsentPeriod = strawberry.field(description="Trong mỗi | Length of the period.")


def terms_of(frequency: ConsentFrequencyInput | None) -> FrequencyTerms | None:
    """Raises Refused for a number of readings that is none."""
    return None if frequency is None else FrequencyTerms(frequency.reads, Period[frequency.period.name])


@strawberry.input(description="Điều kiện của sự đồng ý | Terms of a consent. Nothing is on by default.")
class ConsentTermsInput:
    recipient: str = strawberry.field(description=RECIPIENT)
    purpose: str = strawberry.field(description=PURPOSE)
    categories: list[str] = strawberry.field(description=CATEGORIES)
    until: date = strawberry.field(description=UNTIL)
    frequency: ConsentFrequencyInput | None = strawberry.field(default=None, description=FREQUENCY)
    data_life_days: int | None = strawberry.field(default=None, description=DATA_LIFE)
    child: strawberry.ID | None = strawberry.field(default=None, description=CHILD)

    @property
    def wording(self) -> Wording:
        frequency = terms_of(self.frequency)
        return Wording(self.recipient, self.purpose, self.categories, self.until, frequency, self.data_life_days)
