"""The closed vocabularies of the registers. A member's value is the text in the canonical records."""

from enum import Enum

import strawberry


def vocabulary(name: str, description: str, values: str) -> type[Enum]:
    return strawberry.enum(Enum(name, {value: value for value in values.split()}), description=description)  # type: ignore[arg-type,return-value]


Sex = vocabulary("Sex", "Giới tính | Sex as registered.", "MALE FEMALE")
LinkState = vocabulary(
    "LinkState",
    "Trạng thái liên kết với cơ sở dữ liệu dân cư | Whether a learner's link to the population register is verified.",
    "VERIFIED UNLINKED MISMATCHED",
)
LearnerStatus = vocabulary(
    "LearnerStatus",
    "Tình trạng người học | Where a learner stands; INDEPENDENT is a candidate without an institution.",
    "STUDYING GRADUATED LEFT INDEPENDENT",
)
InstitutionKind = vocabulary(
    "InstitutionKind",
    "Loại hình cơ sở giáo dục | What kind of institution it is.",
    "PRESCHOOL PRIMARY LOWER_SECONDARY UPPER_SECONDARY MULTI_LEVEL VOCATIONAL UNIVERSITY CONTINUING",
)
Ownership = vocabulary("Ownership", "Công lập hay tư thục | Public or private.", "PUBLIC PRIVATE")
EducationLevel = vocabulary(
    "EducationLevel",
    "Cấp học, trình độ | Level of education.",
    "PRESCHOOL PRIMARY LOWER_SECONDARY UPPER_SECONDARY VOCATIONAL_SECONDARY COLLEGE_VOCATIONAL BACHELOR MASTER DOCTOR "
    "CONTINUING",
)
EnrolmentStatus = vocabulary(
    "EnrolmentStatus", "Trạng thái nhập học | State of an enrolment.", "ACTIVE COMPLETED TRANSFERRED WITHDRAWN"
)
Conduct = vocabulary("Conduct", "Xếp loại rèn luyện | Conduct level of the year.", "GOOD FAIR PASS FAIL")
CredentialKind = vocabulary(
    "CredentialKind",
    "Loại văn bằng, chứng chỉ | Kind of diploma or certificate. Which kinds are issued depends on the date: "
    "no lower-secondary diploma since 15 April 2026 (Circular 10/2026/TT-BGDĐT).",
    "LOWER_SECONDARY UPPER_SECONDARY VOCATIONAL_SECONDARY COLLEGE BACHELOR MASTER DOCTOR LANGUAGE INFORMATICS "
    "SHORT_COURSE",
)
CredentialStatus = vocabulary(
    "CredentialStatus", "Trạng thái văn bằng | Status of a credential.", "ISSUED CORRECTED REVOKED CANCELLED"
)
Classification = vocabulary(
    "Classification", "Xếp loại tốt nghiệp | Classification of a credential.", "EXCELLENT VERY_GOOD GOOD AVERAGE"
)
GuardianKind = vocabulary(
    "GuardianKind", "Quan hệ giám hộ | How the guardian is related to the child.", "FATHER MOTHER GUARDIAN"
)
ResidenceKind = vocabulary(
    "ResidenceKind", "Loại cư trú | Permanent or temporary residence (Law on Residence 2020).", "PERMANENT TEMPORARY"
)
LearnerOrder = vocabulary(
    "LearnerOrder", "Thứ tự danh sách người học | How a list of learners is sorted.", "SECTOR_CODE FULL_NAME BIRTH_DATE"
)
InstitutionOrder = vocabulary(
    "InstitutionOrder", "Thứ tự danh sách cơ sở giáo dục | How a list of institutions is sorted.", "CODE NAME"
)
