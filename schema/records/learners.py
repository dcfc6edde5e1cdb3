"""Learners and their enrolments."""

from datetime import date
from typing import Any, Optional

import strawberry

from engine.declarations import Filter
from resolvers.reference_executor import roots
from schema.declaring.added_fields import AddedFields
from schema.declaring.enums import (
    Conduct,
    CredentialKind,
    EducationLevel,
    EnrolmentStatus,
    IdentityMatch,
    LearnerStatus,
    LinkState,
    Sex,
)
from schema.declaring.fields import Argument, column, edge, of_record, pages, root
from schema.declaring.lists import LEARNER_ARGUMENTS, learner_pages
from schema.declaring.paging import Connection, Node, global_id
from schema.declaring.provenance import Provenance, provenance
from schema.records.answers import held_permanent_residence, learner_is_at_least, learner_match
from schema.records.citizens import (
    NEWEST_FIRST,
    RESIDENCE_KIND,
    CitizenIdentity,
    ResidencePeriod,
)
from schema.records.conflicts import LearnerConflicts
from schema.records.credentials import Credential
from schema.records.institutions import Institution


@of_record("enrolment", key="id", category="schooling")
@strawberry.federation.type(keys=["id"], description="Quá trình học tập | A learner's time at an institution, by year.")
class Enrolment(Node):
    id: strawberry.ID = global_id("schooling", "Enrolment", "id")
    level: EducationLevel | None = column("schooling", "Cấp học | Level of education.")
    grade: int | None = column("schooling", "Lớp hoặc năm học thứ | Grade 1-12, or year of study.")
    class_name: str | None = column("schooling", "Tên lớp | Class.")
    school_year: str | None = column("schooling", "Năm học | School year, as 2025-2026.")
    started_on: date | None = column("schooling", "Ngày bắt đầu | First day.")
    ended_on: date | None = column("schooling", "Ngày kết thúc | Last day; null while it lasts.")
    status: EnrolmentStatus | None = column("schooling", "Trạng thái | State.")
    average_mark: float | None = column("schooling.result", "Điểm trung bình | Average mark of the year, 0-10.")
    conduct: Conduct | None = column("schooling.result", "Kết quả rèn luyện | Conduct level.")
    discipline: str | None = column("schooling.discipline", "Kỷ luật | Disciplinary measure, if any.")
    institution: Institution | None = edge(
        "institution",
        key="institution_code",
        by="code",
        category="schooling",
        description="Cơ sở giáo dục | The institution.",
    )
    learner: Optional["Learner"] = edge(
        "learner",
        key="learner_code",
        by="sector_code",
        category="learner.record",
        description="Người học | The learner.",
    )
    provenance: Provenance | None = provenance("enrolment")


@of_record("learner", key="sector_code", category="learner.record")
@strawberry.federation.type(keys=["id"], description="Người học | A learner in the education registers.")
class Learner(Node):
    id: strawberry.ID = global_id("learner.record", "Learner", "sector_code")
    sector_code: strawberry.ID | None = column(
        "learner.code", "Mã định danh ngành | Immutable code in the education sector."
    )
    link_state: LinkState | None = column(
        "learner.link", "Liên kết dân cư | Whether the link to the population register is verified."
    )
    status: LearnerStatus | None = column("learner.status", "Tình trạng | Status of the learner.")
    full_name: str | None = column("identity.name", "Họ và tên | Full name, NFC.")
    birth_date: date | None = column(
        "identity.birth", "Ngày sinh; null nếu không rõ ngày | Date of birth; null unless the day is known."
    )
    birth_period: str | None = column(
        "identity.birth",
        "Thời gian sinh đã biết: năm, năm và tháng, hoặc ngày | What is known of the date of birth: 1950, 1950-07 or "
        "1950-07-21 (ISO 8601).",
    )
    sex: Sex | None = column("identity.sex", "Giới tính | Sex.")
    ethnicity: str | None = column("identity.ethnicity", "Dân tộc | Ethnic group.")
    nationality: str | None = column("identity.nationality", "Quốc tịch | Nationality, ISO 3166-1 alpha-2.")
    citizen_id: str | None = column("identity.number", "Số định danh cá nhân | Citizen number as the sector has it.")
    disability: str | None = column("learner.welfare", "Dạng khuyết tật | Kind of disability, if any.")
    poor_household: bool | None = column("learner.welfare", "Hộ nghèo | Whether of a poor household.")
    phone: str | None = column("learner.contact", "Điện thoại | Telephone.")
    email: str | None = column("learner.contact", "Thư điện tử | E-mail.")
    province_code: str | None = column("schooling", "Mã tỉnh nơi học | Code of the province of schooling.")
    institution: Institution | None = edge(
        "institution",
        key="institution_code",
        by="code",
        category="schooling",
        description="Cơ sở giáo dục đang theo học | The current institution.",
    )
    enrolments: list[Enrolment] | None = edge(
        "enrolment",
        key="sector_code",
        by="learner_code",
        many=True,
        order=(("school_year", False), ("id", False)),
        category="schooling",
        description="Quá trình học tập, theo năm học | Enrolments, by school year.",
        filters={
            "level": (
                Filter("level", "level", "=", "schooling"),
                Argument(EducationLevel | None, "Chỉ cấp học này | Only of this level.", None),
            )
        },
    )
    credentials: list[Credential] | None = edge(
        "credential",
        key="sector_code",
        by="learner_code",
        many=True,
        order=(("issued_on", False), ("id", False)),
        category="credential.status",
        description="Văn bằng, chứng chỉ | Diplomas and certificates, by day of issue.",
        filters={
            "kind": (
                Filter("kind", "kind", "=", "credential"),
                Argument(CredentialKind | None, "Chỉ loại này | Only of this kind.", None),
            )
        },
    )
    identity: CitizenIdentity | None = edge(
        "citizen",
        key="person_key",
        by="person_key",
        category="identity.record",
        description="Danh tính trong CSDL dân cư; chỉ khi liên kết đã xác thực | "
        "The citizen in the population register; only where the link is verified.",
    )
    residence_periods: list[ResidencePeriod] | None = edge(
        "residence_period",
        key="person_key",
        by="person_key",
        many=True,
        order=NEWEST_FIRST,
        category="residence.period",
        description="Quá trình cư trú, mới nhất trước; chỉ khi liên kết đã xác thực | "
        "Times of residence, the newest first; only where the link is verified.",
        filters=RESIDENCE_KIND,
    )
    conflicts: LearnerConflicts | None = edge(
        "learner",
        key="sector_code",
        by="sector_code",
        category="identity.record",
        description="Các trường dữ liệu khác với CSDL dân cư, không cho biết giá trị | "
        "The fields on which the population register differs, without showing the values.",
    )
    is_at_least: bool | None = learner_is_at_least()
    identity_match: IdentityMatch | None = learner_match()
    held_permanent_residence: bool | None = held_permanent_residence()
    provenance: Provenance | None = provenance("learner")


@strawberry.input(
    one_of=True,
    description="Cách chỉ định một người học | The identifier of a learner. Exactly one field must be given.",
)
class LearnerBy:
    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Mã định danh toàn cục | Global id given to this client."
    )
    sector_code: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Mã định danh ngành | Code in the education sector."
    )
    citizen_id: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Số định danh cá nhân; nếu có nhiều hồ sơ thì lấy hồ sơ đang học | "
        "Citizen number; of several records the one still studying.",
    )


@strawberry.type
class QueryOfLearners:
    learner: Learner | None = root(
        roots.learner,
        category="learner.record",
        description="Một người học; null nếu không có hoặc không được biết | "
        "One learner; null if unknown or not visible to the caller.",
        arguments={"by": Argument(LearnerBy, "Người học cần tra cứu | The learner.")},
    )
    learners_by_citizen_ids: list[Learner | None] | None = root(
        roots.learners_by_citizen_ids,
        many=True,
        category="learner.record",
        description="Người học theo danh sách số định danh (tối đa 500), giữ thứ tự | "
        "Learners by citizen numbers (at most 500), in their order; null if unknown or not visible to the caller.",
        arguments={"citizen_ids": Argument(list[str], "Các số định danh cá nhân | Citizen numbers.")},
        deprecated="Chỉ cho một trong nhiều hồ sơ của một người: dùng `learnerRecordsByCitizenIds` | "
        "Of several records of a person it gives one: use `learnerRecordsByCitizenIds`.",
    )
    learner_records_by_citizen_ids: list[list[Learner]] | None = root(
        roots.learners_by_citizen_ids,
        many=True,
        grouped=True,
        category="learner.record",
        description="Mọi hồ sơ người học đã xác thực theo danh sách số định danh (tối đa 500): mỗi số một danh sách, "
        "giữ thứ tự, hồ sơ đang học trước; rỗng nếu không có hoặc không được biết | All learner records with a "
        "verified link by citizen numbers (at most 500): a list for each number, in their order, the one still "
        "studying first; empty if unknown or not visible to the caller.",
        arguments={"citizen_ids": Argument(list[str], "Các số định danh cá nhân | Citizen numbers.")},
    )
    learners: Connection[Learner] | None = pages(
        learner_pages(),
        description="Người học mà người gọi được biết | The learners that the caller may know of.",
        arguments=LEARNER_ARGUMENTS,
    )


def _learners_of_person(description: str) -> Any:
    """Declare the learner records whose link to the person is verified."""
    return edge(
        "learner",
        key="person_key",
        by="person_key",
        many=True,
        order=(("sector_code", False),),
        category="learner.record",
        description=description,
    )


@strawberry.type
class LearnersOfMe:
    learners: list[Learner] | None = _learners_of_person(
        "Các hồ sơ người học của tôi | My learner records whose link is verified."
    )


@strawberry.type
class LearnersOfCitizen:
    learners: list[Learner] | None = _learners_of_person(
        "Các hồ sơ người học đã xác thực | The learner records whose link to this person is verified."
    )


@strawberry.type
class LearnersOfInstitution:
    learners: Connection[Learner] | None = pages(
        learner_pages(key="code", by="institution_code"),
        description="Người học của cơ sở mà người gọi được biết | Its learners that the caller may know of.",
        arguments=LEARNER_ARGUMENTS,
    )


ADDED_FIELDS = (
    AddedFields("Query", QueryOfLearners, after="me"),
    AddedFields("Me", LearnersOfMe, after="identity"),
    AddedFields(CitizenIdentity, LearnersOfCitizen, after="guardians"),
    AddedFields(Institution, LearnersOfInstitution, after="closed_on"),
)
