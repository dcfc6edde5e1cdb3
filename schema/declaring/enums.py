"""The closed vocabularies of the registers. A member's value is the text in the canonical records."""

from enum import Enum

import strawberry


@strawberry.enum(description="Giới tính | Sex as registered.")
class Sex(Enum):
    MALE = strawberry.enum_value("MALE", description="Nam | Male.")
    FEMALE = strawberry.enum_value("FEMALE", description="Nữ | Female.")


@strawberry.enum(
    description="Trạng thái liên kết với cơ sở dữ liệu dân cư | Whether a learner's link to the population "
    "register is verified."
)
class LinkState(Enum):
    VERIFIED = strawberry.enum_value("VERIFIED", description="Đã xác thực | Verified.")
    UNLINKED = strawberry.enum_value("UNLINKED", description="Chưa liên kết | Not linked yet.")
    MISMATCHED = strawberry.enum_value(
        "MISMATCHED", description="Thông tin không khớp | The registers' data about the person differ."
    )


@strawberry.enum(description="Kết quả đối chiếu danh tính | Result of comparing the caller's data with the register's.")
class IdentityMatch(Enum):
    MATCH = strawberry.enum_value("MATCH", description="Khớp | Name and birth date are the register's.")
    NO_MATCH = strawberry.enum_value("NO_MATCH", description="Không khớp | At least one of them differs.")


@strawberry.enum(
    description="Tình trạng người học | Status of a learner. INDEPENDENT is a candidate without an institution."
)
class LearnerStatus(Enum):
    STUDYING = strawberry.enum_value("STUDYING", description="Đang học | Enrolled somewhere.")
    GRADUATED = strawberry.enum_value("GRADUATED", description="Đã tốt nghiệp | Graduated.")
    LEFT = strawberry.enum_value("LEFT", description="Đã thôi học | Left without graduating.")
    INDEPENDENT = strawberry.enum_value("INDEPENDENT", description="Thí sinh tự do | Candidate without an institution.")


@strawberry.enum(description="Loại hình cơ sở giáo dục | Kinds of institution.")
class InstitutionKind(Enum):
    PRESCHOOL = strawberry.enum_value("PRESCHOOL", description="Trường mầm non | Nursery school or kindergarten.")
    PRIMARY = strawberry.enum_value("PRIMARY", description="Trường tiểu học | Primary school.")
    LOWER_SECONDARY = strawberry.enum_value(
        "LOWER_SECONDARY", description="Trường trung học cơ sở | Lower-secondary school."
    )
    UPPER_SECONDARY = strawberry.enum_value(
        "UPPER_SECONDARY", description="Trường trung học phổ thông | Upper-secondary school."
    )
    MULTI_LEVEL = strawberry.enum_value(
        "MULTI_LEVEL", description="Trường phổ thông có nhiều cấp học | School of several levels."
    )
    VOCATIONAL = strawberry.enum_value("VOCATIONAL", description="Cơ sở giáo dục nghề nghiệp | Vocational institution.")
    UNIVERSITY = strawberry.enum_value("UNIVERSITY", description="Cơ sở giáo dục đại học | University.")
    CONTINUING = strawberry.enum_value(
        "CONTINUING", description="Cơ sở giáo dục thường xuyên | Centre of continuing education."
    )


@strawberry.enum(description="Công lập hay tư thục | Public or private.")
class Ownership(Enum):
    PUBLIC = strawberry.enum_value("PUBLIC", description="Công lập | Public.")
    PRIVATE = strawberry.enum_value("PRIVATE", description="Tư thục | Private.")


@strawberry.enum(description="Cấp học, trình độ | Level of education.")
class EducationLevel(Enum):
    PRESCHOOL = strawberry.enum_value("PRESCHOOL", description="Mầm non | Pre-school.")
    PRIMARY = strawberry.enum_value("PRIMARY", description="Tiểu học | Primary.")
    LOWER_SECONDARY = strawberry.enum_value("LOWER_SECONDARY", description="Trung học cơ sở | Lower secondary.")
    UPPER_SECONDARY = strawberry.enum_value("UPPER_SECONDARY", description="Trung học phổ thông | Upper secondary.")
    VOCATIONAL_SECONDARY = strawberry.enum_value(
        "VOCATIONAL_SECONDARY", description="Trung học nghề | Vocational secondary."
    )
    COLLEGE_VOCATIONAL = strawberry.enum_value("COLLEGE_VOCATIONAL", description="Cao đẳng | College.")
    BACHELOR = strawberry.enum_value("BACHELOR", description="Đại học | Bachelor's.")
    MASTER = strawberry.enum_value("MASTER", description="Thạc sĩ | Master's.")
    DOCTOR = strawberry.enum_value("DOCTOR", description="Tiến sĩ | Doctoral.")
    CONTINUING = strawberry.enum_value("CONTINUING", description="Giáo dục thường xuyên | Continuing education.")


@strawberry.enum(description="Tình trạng học tập | State of an enrolment.")
class EnrolmentStatus(Enum):
    ACTIVE = strawberry.enum_value("ACTIVE", description="Đang học | Active.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Đã hoàn thành | Completed.")
    TRANSFERRED = strawberry.enum_value("TRANSFERRED", description="Đã chuyển trường | Ended by a transfer.")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="Đã thôi học | Ended early.")


@strawberry.enum(description="Xếp loại rèn luyện | Conduct level of the year.")
class Conduct(Enum):
    GOOD = strawberry.enum_value("GOOD", description="Tốt | Good.")
    FAIR = strawberry.enum_value("FAIR", description="Khá | Fair.")
    PASS = strawberry.enum_value("PASS", description="Đạt | Pass.")
    FAIL = strawberry.enum_value("FAIL", description="Chưa đạt | Not passed.")


@strawberry.enum(
    description="Loại văn bằng, chứng chỉ | Kind of diploma or certificate. Which kinds are issued depends on "
    "the date: no lower-secondary diploma since 15 April 2026 (Circular 10/2026/TT-BGDĐT)."
)
class CredentialKind(Enum):
    LOWER_SECONDARY = strawberry.enum_value(
        "LOWER_SECONDARY", description="Bằng tốt nghiệp trung học cơ sở | Lower-secondary diploma."
    )
    UPPER_SECONDARY = strawberry.enum_value(
        "UPPER_SECONDARY", description="Bằng tốt nghiệp trung học phổ thông | Upper-secondary diploma."
    )
    VOCATIONAL_SECONDARY = strawberry.enum_value(
        "VOCATIONAL_SECONDARY", description="Bằng tốt nghiệp trung học nghề | Vocational-secondary diploma."
    )
    COLLEGE = strawberry.enum_value("COLLEGE", description="Bằng cao đẳng | College diploma.")
    BACHELOR = strawberry.enum_value("BACHELOR", description="Bằng cử nhân | Bachelor's degree.")
    MASTER = strawberry.enum_value("MASTER", description="Bằng thạc sĩ | Master's degree.")
    DOCTOR = strawberry.enum_value("DOCTOR", description="Bằng tiến sĩ | Doctorate.")
    LANGUAGE = strawberry.enum_value("LANGUAGE", description="Chứng chỉ ngoại ngữ | Certificate of a foreign language.")
    INFORMATICS = strawberry.enum_value("INFORMATICS", description="Chứng chỉ tin học | Certificate of informatics.")
    SHORT_COURSE = strawberry.enum_value(
        "SHORT_COURSE", description="Chứng chỉ khóa học ngắn hạn | Certificate of a short course."
    )


@strawberry.enum(description="Trạng thái văn bằng | Status of a credential.")
class CredentialStatus(Enum):
    ISSUED = strawberry.enum_value("ISSUED", description="Đã cấp | Issued and valid.")
    CORRECTED = strawberry.enum_value("CORRECTED", description="Đã chỉnh sửa | Valid as corrected.")
    REVOKED = strawberry.enum_value("REVOKED", description="Đã thu hồi | Revoked.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Đã hủy bỏ | Cancelled.")


@strawberry.enum(description="Xếp loại tốt nghiệp | Classification of a credential.")
class Classification(Enum):
    EXCELLENT = strawberry.enum_value("EXCELLENT", description="Xuất sắc | Excellent.")
    VERY_GOOD = strawberry.enum_value("VERY_GOOD", description="Giỏi | Very good.")
    GOOD = strawberry.enum_value("GOOD", description="Khá | Good.")
    AVERAGE = strawberry.enum_value("AVERAGE", description="Trung bình | Average.")


@strawberry.enum(description="Quan hệ đại diện theo pháp luật | The guardian's relation to the child.")
class GuardianKind(Enum):
    FATHER = strawberry.enum_value("FATHER", description="Cha | Father.")
    MOTHER = strawberry.enum_value("MOTHER", description="Mẹ | Mother.")
    GUARDIAN = strawberry.enum_value("GUARDIAN", description="Người giám hộ | Guardian other than a parent.")


@strawberry.enum(description="Loại cư trú | Permanent or temporary residence (Law on Residence 2020).")
class ResidenceKind(Enum):
    PERMANENT = strawberry.enum_value("PERMANENT", description="Thường trú | Permanent.")
    TEMPORARY = strawberry.enum_value("TEMPORARY", description="Tạm trú | Temporary.")


@strawberry.enum(description="Thứ tự danh sách người học | Sort orders of a list of learners.")
class LearnerOrder(Enum):
    SECTOR_CODE = strawberry.enum_value(
        "SECTOR_CODE", description="Theo mã định danh ngành | By code in the education sector."
    )
    FULL_NAME = strawberry.enum_value("FULL_NAME", description="Theo họ tên | By name.")
    BIRTH_DATE = strawberry.enum_value("BIRTH_DATE", description="Theo ngày sinh | By date of birth.")


@strawberry.enum(description="Thứ tự danh sách cơ sở giáo dục | Sort orders of a list of institutions.")
class InstitutionOrder(Enum):
    CODE = strawberry.enum_value("CODE", description="Theo mã | By code.")
    NAME = strawberry.enum_value("NAME", description="Theo tên | By name.")


@strawberry.enum(description="Bên phải đồng ý | Parties whose agreement a consent needs.")
class ConsentParty(Enum):
    SUBJECT = strawberry.enum_value("SUBJECT", description="Chủ thể dữ liệu | The data subject.")
    GUARDIAN = strawberry.enum_value("GUARDIAN", description="Người đại diện của trẻ | The child's guardian.")
