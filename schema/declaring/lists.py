"""Lists of learners and of institutions: what narrows and sorts them, and under which category that may be done."""

from datetime import date

import strawberry

from engine.declarations import Filter, Pages
from resolvers.answers.units import checked_commune, checked_province
from schema.declaring.enums import InstitutionKind, InstitutionOrder, LearnerOrder, LearnerStatus
from schema.declaring.fields import Argument
from schema.declaring.paging import AFTER, FIRST

_PUBLIC = "institution"


def _province_today(code: str, today: date) -> str:
    return checked_province(code, "filter.provinceCode", today)


def _commune_today(code: str, today: date) -> str:
    return checked_commune(code, "filter.unitCode", today)


@strawberry.input(description="Điều kiện lọc người học | Filter of a list of learners. All conditions given must hold.")
class LearnerFilter:
    institution_code: strawberry.ID | None = strawberry.field(
        default=None, description="Mã cơ sở giáo dục đang theo học | Code of the current institution."
    )
    province_code: str | None = strawberry.field(
        default=None, description="Mã tỉnh hiện hành | Code that a province has today."
    )
    status: LearnerStatus | None = strawberry.field(default=None, description="Tình trạng | Status of the learner.")
    name_starts_with: str | None = strawberry.field(
        default=None, description="Họ tên bắt đầu bằng | Start of the name."
    )
    born_from: date | None = strawberry.field(default=None, description="Sinh từ ngày | Born on or after.")
    born_to: date | None = strawberry.field(default=None, description="Sinh đến ngày | Born on or before.")


LEARNER_FILTERS = (
    Filter("institution_code", "institution_code", "=", "schooling"),
    Filter("province_code", "province_code", "=", "schooling", _province_today),
    Filter("status", "status", "=", "learner.status"),
    Filter("name_starts_with", "full_name", "starts-with", "identity.name"),
    Filter("born_from", "birth_date", ">=", "identity.birth"),
    Filter("born_to", "birth_date", "<=", "identity.birth"),
)
LEARNER_SORTS = {
    "SECTOR_CODE": ("sector_code", False, "learner.record"),
    "FULL_NAME": ("full_name", False, "identity.name"),
    "BIRTH_DATE": ("birth_date", False, "identity.birth"),
}


def learner_pages(key: str | None = None, by: str | None = None) -> Pages:
    """Return the declaration of a list of learners, of all or of those whose column `by` is the row's `key`."""
    return Pages("learner.record", "learner", "sector_code", LEARNER_FILTERS, LEARNER_SORTS, key, by)


LEARNER_ARGUMENTS = {
    "filter": Argument(LearnerFilter | None, "Điều kiện lọc | Filter of the list.", None),
    "order_by": Argument(LearnerOrder | None, "Thứ tự | Order; by sector code unless given.", None),
    "first": FIRST,
    "after": AFTER,
}


@strawberry.input(description="Điều kiện lọc cơ sở giáo dục | Filter of a list of institutions.")
class InstitutionFilter:
    province_code: str | None = strawberry.field(
        default=None, description="Mã tỉnh hiện hành | Code that a province has today."
    )
    unit_code: str | None = strawberry.field(
        default=None, description="Mã xã, phường hiện hành | Code that a communal unit has today."
    )
    kind: InstitutionKind | None = strawberry.field(default=None, description="Loại hình | Kind of institution.")
    name_starts_with: str | None = strawberry.field(default=None, description="Tên bắt đầu bằng | Start of the name.")


INSTITUTION_PAGES = Pages(
    _PUBLIC,
    "institution",
    "code",
    (
        Filter("province_code", "province_code", "=", _PUBLIC, _province_today),
        Filter("unit_code", "unit_code", "=", _PUBLIC, _commune_today),
        Filter("kind", "kind", "=", _PUBLIC),
        Filter("name_starts_with", "name", "starts-with", _PUBLIC),
    ),
    {"CODE": ("code", False, _PUBLIC), "NAME": ("name", False, _PUBLIC)},
)
INSTITUTION_ARGUMENTS = {
    "filter": Argument(InstitutionFilter | None, "Điều kiện lọc | Filter of the list.", None),
    "order_by": Argument(InstitutionOrder | None, "Thứ tự | Order; by code unless given.", None),
    "first": FIRST,
    "after": AFTER,
}
