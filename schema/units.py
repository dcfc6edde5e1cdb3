"""Administrative units, from dated reference tables."""

from datetime import date
from typing import Optional

import strawberry

from reference.units import UnitKind
from resolvers.answers import units
from schema.fields import Argument, local

strawberry.enum(
    UnitKind, name="AdministrativeUnitKind", description="Loại đơn vị hành chính | What kind of unit it is."
)

_PUBLIC = "administrative-unit"


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
    kind: UnitKind = local(_PUBLIC, "Loại đơn vị | What kind of unit it is.", lambda v, _: v.unit.kind.value)
    valid_from: date | None = local(
        _PUBLIC,
        "Có hiệu lực từ ngày | First day of validity; null where the table does not reach.",
        lambda v, _: v.unit.valid_from,
    )
    valid_to: date | None = local(
        _PUBLIC, "Hiệu lực đến ngày | Last day of validity; null while in force.", lambda v, _: v.unit.valid_to
    )
    as_of: date = local(_PUBLIC, "Ngày tra cứu | The day for which the unit was asked.")
    province: Optional["AdministrativeUnit"] = local(
        _PUBLIC, "Tỉnh, thành phố | Its province on that day.", units.province_of
    )
    candidates: list["AdministrativeUnit"] = local(
        _PUBLIC,
        "Các đơn vị có thể tương ứng vào một ngày khác; nhiều đơn vị nếu đã chia, nhập | "
        "The units of another day in which a place of this unit may lie; several where it was split or merged.",
        units.candidates_on,
        {"on": Argument(date, "Ngày cần tra | The other day.")},
    )
