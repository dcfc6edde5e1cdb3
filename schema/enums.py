"""The closed vocabularies of the registers. A member's value is the text in the canonical records."""

from enum import Enum

import strawberry


@strawberry.enum(description="Giới tính | Sex as registered.")
class Sex(Enum):
    MALE = "MALE"
    FEMALE = "FEMALE"


@strawberry.enum(
    description="Trạng thái liên kết với cơ sở dữ liệu dân cư | Whether a learner's link to the population "
    "register is verified."
)
class LinkState(Enum):
    VERIFIED = "VERIFIED"
    UNLINKED = "UNLINKED"
    MISMATCHED = "MISMATCHED"


@strawberry.enum(
    description="Kết quả đối chiếu danh tính | Whether what the caller already has is what the register has."
)
class IdentityMatch(Enum):
    MATCH = "MATCH"
    NO_MATCH = "NO_MATCH"


@strawberry.enum(
    description="Tình trạng người học | Where a learner stands; INDEPENDENT is a candidate without an institution."
)
class LearnerStatus(Enum):
    STUDYING = "STUDYING"
    GRADUATED = "GRADUATED"
    LEFT = "LEFT"
    INDEPENDENT = "INDEPENDENT"


@strawberry.enum(description="Loại hình cơ sở giáo dục | What kind of institution it is.")
class InstitutionKind(Enum):
    PRESCHOOL = "PRESCHOOL"
    PRIMARY = "PRIMARY"
    LOWER_SECONDARY = "LOWER_SECONDARY"
    UPPER_SECONDARY = "UPPER_SECONDARY"
    MULTI_LEVEL = "MULTI_LEVEL"
    VOCATIONAL = "VOCATIONAL"
    UNIVERSITY = "UNIVERSITY"
    CONTINUING = "CONTINUING"


@strawberry.enum(description="Công lập hay tư thục | Public or private.")
class Ownership(Enum):
    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


@strawberry.enum(description="Cấp học, trình độ | Level of education.")
class EducationLevel(Enum):
    PRESCHOOL = "PRESCHOOL"
    PRIMARY = "PRIMARY"
    LOWER_SECONDARY = "LOWER_SECONDARY"
    UPPER_SECONDARY = "UPPER_SECONDARY"
    VOCATIONAL_SECONDARY = "VOCATIONAL_SECONDARY"
    COLLEGE_VOCATIONAL = "COLLEGE_VOCATIONAL"
    BACHELOR = "BACHELOR"
    MASTER = "MASTER"
    DOCTOR = "DOCTOR"
    CONTINUING = "CONTINUING"


@strawberry.enum(description="Trạng thái nhập học | State of an enrolment.")
class EnrolmentStatus(Enum):
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    TRANSFERRED = "TRANSFERRED"
    WITHDRAWN = "WITHDRAWN"


@strawberry.enum(description="Xếp loại rèn luyện | Conduct level of the year.")
class Conduct(Enum):
    GOOD = "GOOD"
    FAIR = "FAIR"
    PASS = "PASS"
    FAIL = "FAIL"


@strawberry.enum(
    description="Loại văn bằng, chứng chỉ | Kind of diploma or certificate. Which kinds are issued depends on "
    "the date: no lower-secondary diploma since 15 April 2026 (Circular 10/2026/TT-BGDĐT)."
)
class CredentialKind(Enum):
    LOWER_SECONDARY = "LOWER_SECONDARY"
    UPPER_SECONDARY = "UPPER_SECONDARY"
    VOCATIONAL_SECONDARY = "VOCATIONAL_SECONDARY"
    COLLEGE = "COLLEGE"
    BACHELOR = "BACHELOR"
    MASTER = "MASTER"
    DOCTOR = "DOCTOR"
    LANGUAGE = "LANGUAGE"
    INFORMATICS = "INFORMATICS"
    SHORT_COURSE = "SHORT_COURSE"


@strawberry.enum(description="Trạng thái văn bằng | Status of a credential.")
class CredentialStatus(Enum):
    ISSUED = "ISSUED"
    CORRECTED = "CORRECTED"
    REVOKED = "REVOKED"
    CANCELLED = "CANCELLED"


@strawberry.enum(description="Xếp loại tốt nghiệp | Classification of a credential.")
class Classification(Enum):
    EXCELLENT = "EXCELLENT"
    VERY_GOOD = "VERY_GOOD"
    GOOD = "GOOD"
    AVERAGE = "AVERAGE"


@strawberry.enum(description="Quan hệ giám hộ | How the guardian is related to the child.")
class GuardianKind(Enum):
    FATHER = "FATHER"
    MOTHER = "MOTHER"
    GUARDIAN = "GUARDIAN"


@strawberry.enum(description="Loại cư trú | Permanent or temporary residence (Law on Residence 2020).")
class ResidenceKind(Enum):
    PERMANENT = "PERMANENT"
    TEMPORARY = "TEMPORARY"


@strawberry.enum(description="Thứ tự danh sách người học | How a list of learners is sorted.")
class LearnerOrder(Enum):
    SECTOR_CODE = "SECTOR_CODE"
    FULL_NAME = "FULL_NAME"
    BIRTH_DATE = "BIRTH_DATE"


@strawberry.enum(description="Thứ tự danh sách cơ sở giáo dục | How a list of institutions is sorted.")
class InstitutionOrder(Enum):
    CODE = "CODE"
    NAME = "NAME"


@strawberry.enum(description="Bên phải đồng ý | Whose agreement a consent takes.")
class ConsentParty(Enum):
    SUBJECT = "SUBJECT"
    GUARDIAN = "GUARDIAN"
