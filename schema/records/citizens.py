"""Citizens as the population register knows them: identity, guardianship, residence."""

from datetime import date
from typing import Optional

import strawberry

from engine.declarations import Filter
from resolvers.answers import units
from schema.audit.usage import DataUsageConnection, childs_usage_field
from schema.declaring.added_fields import AddedFields
from schema.declaring.enums import GuardianKind, IdentityMatch, ResidenceKind, Sex
from schema.declaring.fields import Argument, answer, column, edge, of_record
from schema.declaring.paging import Node, global_id
from schema.declaring.provenance import Provenance, provenance
from schema.records.answers import citizen_is_at_least, citizen_match, permanent_unit
from schema.records.units import SINCE, SINCE_VI, AdministrativeUnit

NEWEST_FIRST = (("from_date", True), ("id", False))
RESIDENCE_KIND = {
    "kind": (
        Filter("kind", "kind", "=", "residence.period"),
        Argument(ResidenceKind | None, "Chỉ loại cư trú này | Only periods of this kind.", None),
    )
}


@of_record("residence_period", key="id", category="residence.period")
@strawberry.federation.type(
    keys=["id"],
    description="Thời gian cư trú; mã đơn vị theo ngày bắt đầu | "
    "A time of residence; its unit code is that of its first day.",
)
class ResidencePeriod(Node):
    id: strawberry.ID = global_id("residence.period", "ResidencePeriod", "id")
    kind: ResidenceKind | None = column("residence.period", "Thường trú hay tạm trú | Permanent or temporary.")
    unit_code: str | None = column(
        "residence.period", "Mã xã, phường khi bắt đầu | Communal unit's code on the first day."
    )
    province_code: str | None = column("residence.period", "Mã tỉnh khi bắt đầu | Province's code on the first day.")
    unit: AdministrativeUnit | None = answer(
        units.unit_of_residence,
        needs=("unit_code", "from_date"),
        category="residence.period",
        description=f"Đơn vị hành chính khi bắt đầu cư trú; {SINCE_VI} | "
        f"The communal unit as of the first day; {SINCE}.",
    )
    recorded_unit: AdministrativeUnit | None = answer(
        units.recorded_unit_of_residence,
        needs=("unit_code", "from_date"),
        category="residence.period",
        description="Đơn vị mà mã đã ghi nhận có trong danh mục của ngày bắt đầu hoặc, nếu chưa có danh mục đó, "
        "trong danh mục đầu tiên; `asOf` là ngày của danh mục | The unit that the recorded code has in the list of the "
        "first day or, where that list is not known, in the first one that is; `asOf` is the day of the list.",
    )
    address: str | None = column("residence.address", "Địa chỉ | Address within the unit.")
    from_date: date | None = column("residence.period", "Từ ngày | First day.")
    to_date: date | None = column("residence.period", "Đến ngày | Last day; null while it lasts.")
    provenance: Provenance | None = provenance("residence_period")


@of_record("guardianship", key="id", category="guardianship")
@strawberry.federation.type(
    keys=["id"], description="Quan hệ đại diện theo pháp luật | A relation between a child and a parent or guardian."
)
class Guardianship(Node):
    id: strawberry.ID = global_id("guardianship", "Guardianship", "id")
    kind: GuardianKind | None = column("guardianship", "Quan hệ | Father, mother or another guardian.")
    valid_from: date | None = column("guardianship", "Có hiệu lực từ | First day.")
    valid_to: date | None = column("guardianship", "Hết hiệu lực | Day it ends: the child's 18th birthday.")
    guardian: Optional["CitizenIdentity"] = edge(
        "citizen",
        key="guardian_key",
        by="person_key",
        category="guardianship",
        description="Cha, mẹ hoặc người giám hộ | The parent or guardian.",
    )
    child: Optional["CitizenIdentity"] = edge(
        "citizen",
        key="child_key",
        by="person_key",
        category="guardianship",
        description="Con hoặc người được giám hộ | The child.",
    )
    data_usage: DataUsageConnection | None = childs_usage_field()
    provenance: Provenance | None = provenance("guardianship")


@of_record("citizen", key="person_key", category="identity.record")
@strawberry.federation.type(
    keys=["id"], description="Danh tính công dân | A citizen as the population register knows the person."
)
class CitizenIdentity(Node):
    id: strawberry.ID = global_id("identity.record", "CitizenIdentity", "person_key")
    citizen_id: str | None = column("identity.number", "Số định danh cá nhân | Citizen identification number.")
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
    nationality: str | None = column("identity.nationality", "Quốc tịch | Nationality, ISO 3166-1 alpha-2.")
    ethnicity: str | None = column("identity.ethnicity", "Dân tộc | Ethnic group.")
    religion: str | None = column("identity.religion", "Tôn giáo | Religion.")
    birth_province_code: str | None = column(
        "identity.birth-place",
        "Mã nơi đăng ký khai sinh (3 chữ số, danh mục trước 1/7/2025) | "
        "Code of the province of birth registration (3 digits, the list before 1 July 2025).",
    )
    is_at_least: bool | None = citizen_is_at_least()
    identity_match: IdentityMatch | None = citizen_match()
    guardians: list[Guardianship] | None = edge(
        "guardianship",
        key="person_key",
        by="child_key",
        many=True,
        order=(("id", False),),
        category="guardianship",
        description="Cha, mẹ và những người giám hộ | The person's parents and guardians, present and past.",
    )
    residence_periods: list[ResidencePeriod] | None = edge(
        "residence_period",
        key="person_key",
        by="person_key",
        many=True,
        order=NEWEST_FIRST,
        category="residence.period",
        description="Quá trình cư trú, mới nhất trước | Times of residence, the newest first.",
        filters=RESIDENCE_KIND,
    )
    permanent_unit: AdministrativeUnit | None = permanent_unit()
    provenance: Provenance | None = provenance("citizen")


ADDED_FIELDS: tuple[AddedFields, ...] = ()
