"""Institutions of the education registers: public data."""

from datetime import date

import strawberry

from resolvers.answers import units
from resolvers.reference_executor import roots
from schema.declaring.added_fields import AddedFields
from schema.declaring.enums import InstitutionKind, Ownership
from schema.declaring.fields import Argument, answer, column, of_record, pages, root
from schema.declaring.lists import INSTITUTION_ARGUMENTS, INSTITUTION_PAGES
from schema.declaring.paging import Connection, Node, global_id
from schema.declaring.provenance import Provenance, provenance
from schema.records.units import AdministrativeUnit

_PUBLIC = "institution"


@of_record("institution", key="code", category=_PUBLIC)
@strawberry.federation.type(
    keys=["id", "code"], description="Cơ sở giáo dục | An institution of the education registers."
)
class Institution(Node):
    id: strawberry.ID = global_id(_PUBLIC, "Institution", "code")
    code: strawberry.ID = column(_PUBLIC, "Mã cơ sở giáo dục | Code in the education sector.")
    name: str | None = column(_PUBLIC, "Tên cơ sở | Name, NFC.")
    kind: InstitutionKind | None = column(_PUBLIC, "Loại hình | Kind of institution.")
    ownership: Ownership | None = column(_PUBLIC, "Công lập hay tư thục | Public or private.")
    province_code: str | None = column(_PUBLIC, "Mã tỉnh | Code of the province since 1 July 2025.")
    unit_code: str | None = column(_PUBLIC, "Mã xã, phường | Code of the communal unit since 1 July 2025.")
    unit: AdministrativeUnit | None = answer(
        units.unit_today,
        needs=("unit_code",),
        category=_PUBLIC,
        description="Đơn vị hành chính cấp xã | The communal unit of its location today.",
    )
    address: str | None = column(_PUBLIC, "Địa chỉ | Address.")
    founded_on: date | None = column(_PUBLIC, "Ngày thành lập | Day of foundation.")
    closed_on: date | None = column(_PUBLIC, "Ngày giải thể | Day of closure; null while it works.")
    provenance: Provenance | None = provenance("institution")


@strawberry.type
class QueryOfInstitutions:
    institution: Institution | None = root(
        roots.institution,
        category="institution",
        description="Một cơ sở giáo dục | One institution.",
        arguments={"code": Argument(strawberry.ID, "Mã cơ sở | Code in the education sector.")},
    )
    institutions: Connection[Institution] | None = pages(
        INSTITUTION_PAGES, description="Các cơ sở giáo dục | Institutions.", arguments=INSTITUTION_ARGUMENTS
    )


ADDED_FIELDS = (AddedFields("Query", QueryOfInstitutions, after="learner_counts"),)
