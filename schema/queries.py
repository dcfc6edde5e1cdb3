"""Where queries enter."""

from datetime import date

import strawberry

from resolvers.answers import units
from resolvers.reference_executor import roots
from schema.allowances import Limit, limits_field
from schema.audit.oversight import (
    AuditAlarm,
    AuditEntryConnection,
    ReaderUse,
    alarms_field,
    audit_entries_field,
    minimisation_report_field,
)
from schema.consent.consents import ClientConsentConnection, my_consents_field
from schema.declaring.fields import Argument, local, pages, root
from schema.declaring.lists import INSTITUTION_ARGUMENTS, INSTITUTION_PAGES, LEARNER_ARGUMENTS, learner_pages
from schema.declaring.paging import Connection, Node
from schema.dossiers import DossierConnection, my_dossiers
from schema.emergencies import EmergencyReadingConnection, emergency_readings
from schema.explain import Explanation, FieldAccess, access_map_field, explain_field
from schema.me import Me
from schema.records.institutions import Institution
from schema.records.learners import Learner
from schema.records.units import SINCE, SINCE_VI, AdministrativeUnit
from schema.rights import RightsRequestConnection, rights_queue_field
from schema.statistics import LearnerCount, learner_counts_field


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


AS_OF = Argument(date | None, "Vào ngày, mặc định hôm nay | As of this day, today by default.", None)


@strawberry.type(description="Truy vấn | Root type of queries.")
class Query:
    me: Me | None = root(
        roots.me, category="identity.record", description="Công dân đang đăng nhập | The authenticated citizen."
    )
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
    learner_counts: list[LearnerCount] | None = learner_counts_field()
    institution: Institution | None = root(
        roots.institution,
        category="institution",
        description="Một cơ sở giáo dục | One institution.",
        arguments={"code": Argument(strawberry.ID, "Mã cơ sở | Code in the education sector.")},
    )
    institutions: Connection[Institution] | None = pages(
        INSTITUTION_PAGES, description="Các cơ sở giáo dục | Institutions.", arguments=INSTITUTION_ARGUMENTS
    )
    administrative_unit: AdministrativeUnit | None = local(
        "administrative-unit",
        f"Đơn vị hành chính có mã này vào một ngày; {SINCE_VI} | The unit that has the code on a day; {SINCE}.",
        units.unit_on,
        {"code": Argument(str, "Mã 2 hoặc 5 chữ số | Code of 2 or 5 digits."), "as_of": AS_OF},
    )
    administrative_units: list[AdministrativeUnit] | None = local(
        "administrative-unit",
        f"Các tỉnh, hoặc các xã của một tỉnh, vào một ngày; {SINCE_VI} | "
        f"The provinces of a day, or one province's communal units; {SINCE}.",
        units.units_on,
        {"as_of": AS_OF, "province_code": Argument(str | None, "Mã tỉnh | Province's code.", None)},
    )
    my_consents: ClientConsentConnection | None = my_consents_field()
    node: Node | None = root(
        roots.node,
        category="paging",  # whether the row may be known of is decided by its own type
        description="Bản ghi theo mã toàn cục | The record behind a global id given to this client.",
        arguments={"id": Argument(strawberry.ID, "Mã toàn cục | Global id.")},
    )
    nodes: list[Node | None] | None = root(
        roots.nodes,
        many=True,
        apart=True,
        category="paging",  # whether the row may be known of is decided by its own type
        description="Các bản ghi theo mã toàn cục (tối đa 100) | The records behind global ids (at most 100).",
        arguments={"ids": Argument(list[strawberry.ID], "Các mã toàn cục | Global ids.")},
    )
    rights_queue: RightsRequestConnection | None = rights_queue_field
    my_dossiers: DossierConnection | None = my_dossiers
    emergency_readings: EmergencyReadingConnection | None = emergency_readings
    audit_entries: AuditEntryConnection | None = audit_entries_field()
    minimisation_report: list[ReaderUse] | None = minimisation_report_field()
    alarms: list[AuditAlarm] | None = alarms_field()
    explain: Explanation | None = explain_field()
    access_map: list[FieldAccess] | None = access_map_field()
    limits: list[Limit] | None = limits_field()
