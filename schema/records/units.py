"""Administrative units, from dated reference tables."""

from datetime import date
from enum import Enum
from typing import Optional

import strawberry

from reference.units import COMMUNES_SINCE, PROVINCES_SINCE
from resolvers.answers import units
from schema.declaring.added_fields import AddedFields
from schema.declaring.fields import Argument, local

_PUBLIC = "administrative-unit"
SINCE_VI = f"tỉnh từ {PROVINCES_SINCE:%d/%m/%Y}, xã từ {COMMUNES_SINCE:%d/%m/%Y}; trước đó null kèm lý do"
SINCE = f"provinces are known from {PROVINCES_SINCE}, communes from {COMMUNES_SINCE}; before, null with that reason"
"""From which day the lists are known, for descriptions."""


@strawberry.enum(description="Loại đơn vị hành chính | Kinds of administrative unit.")
class AdministrativeUnitKind(Enum):
    PROVINCE = strawberry.enum_value(
        "PROVINCE", description="Tỉnh, thành phố trực thuộc trung ương | Province or city."
    )
    COMMUNE = strawberry.enum_value("COMMUNE", description="Xã | Commune.")
    WARD = strawberry.enum_value("WARD", description="Phường | Ward.")
    TOWNSHIP = strawberry.enum_value("TOWNSHIP", description="Thị trấn | Township, before 1 July 2025.")
    SPECIAL_ZONE = strawberry.enum_value("SPECIAL_ZONE", description="Đặc khu | Special zone, since 1 July 2025.")


@strawberry.type(
    description="Đơn vị hành chính vào một ngày: cùng một mã có thể là hai nơi khác nhau trước và sau 1/7/2025 | "
    "An administrative unit as of a day: one code can be two places before and after 1 July 2025."
)
class AdministrativeUnit:
    code: str = local(
        _PUBLIC, "Mã đơn vị | Code: 2 digits for a province, 5 for a communal unit.", lambda v, _: v.unit.code
    )
    name: str = local(_PUBLIC, "Tên riêng | Name without its designation.", lambda v, _: v.unit.name)
    full_name: str = local(_PUBLIC, "Tên đầy đủ | Name with its designation.", lambda v, _: v.unit.full_name)
    kind: AdministrativeUnitKind = local(_PUBLIC, "Loại đơn vị | Kind of unit.", lambda v, _: v.unit.kind.value)
    valid_from: date | None = local(
        _PUBLIC,
        "Có hiệu lực từ ngày | First day of validity; null if the table does not reach back so far.",
        lambda v, _: v.unit.valid_from,
    )
    valid_to: date | None = local(
        _PUBLIC, "Hiệu lực đến ngày | Last day of validity; null while in force.", lambda v, _: v.unit.valid_to
    )
    as_of: date = local(_PUBLIC, "Ngày tra cứu | The day of the list that the unit belongs to.")
    province: Optional["AdministrativeUnit"] = local(
        _PUBLIC, "Tỉnh, thành phố | Its province on that day.", units.province_of
    )
    today: Optional["AdministrativeUnit"] = local(
        _PUBLIC,
        "Đơn vị ngày nay, nếu chắc chắn là một; null kèm lý do nếu đã chia | "
        "The unit of today in which all of it lies; null with the reason where it was divided.",
        units.today_of,
    )
    candidates: list["AdministrativeUnit"] | None = local(
        _PUBLIC,
        "Các đơn vị có thể tương ứng vào một ngày khác; nhiều đơn vị nếu đã chia, nhập; null nếu chưa có danh mục của "
        "ngày đó | The units of another day in which a place of this unit may lie; several where it was split or "
        "merged; null with the reason before the list of that day is known.",
        units.candidates_on,
        {"on": Argument(date, "Ngày cần tra | The other day.")},
    )


AS_OF = Argument(date | None, "Vào ngày, mặc định hôm nay | As of this day, today by default.", None)


@strawberry.type
class QueryOfUnits:
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


ADDED_FIELDS = (AddedFields("Query", QueryOfUnits, after="institutions"),)
