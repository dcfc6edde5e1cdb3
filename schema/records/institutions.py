"""Institutions of the education registers: public data."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers.answers import units
from schema.declaring.enums import InstitutionKind, Ownership
from schema.declaring.fields import answer, column, of_record, pages
from schema.declaring.lists import LEARNER_ARGUMENTS, learner_pages
from schema.declaring.paging import Connection, Node, global_id
from schema.declaring.provenance import Provenance, provenance
from schema.records.units import AdministrativeUnit

if TYPE_CHECKING:
    from schema.records.learners import Learner

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
    learners: Connection[Annotated["Learner", strawberry.lazy("schema.records.learners")]] | None = pages(
        learner_pages(key="code", by="institution_code"),
        description="Người học của cơ sở mà người gọi được biết | Its learners that the caller may know of.",
        arguments=LEARNER_ARGUMENTS,
    )
    provenance: Provenance | None = provenance("institution")
