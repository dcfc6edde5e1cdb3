"""Where the education and the population register contradict each other about a learner."""

from typing import Any

import strawberry

from resolvers.answers.conflicts import BIRTH_PERIOD, conflict_on
from schema.declaring.added_fields import AddedFields
from schema.declaring.fields import answer, edge, identifier, local, of_record
from schema.declaring.provenance import Provenance
from schema.records.citizens import CitizenIdentity


@strawberry.type(
    description="Hai cơ sở dữ liệu khác nhau về một trường dữ liệu | A field on which two registers differ."
)
class Conflict:
    coordinate: str = local(
        "provenance", "Tên trường dữ liệu trong lược đồ (Kiểu.trường) | Schema coordinate of the field."
    )
    registers: list[Provenance] = local(
        "provenance", "Các cơ sở dữ liệu khác nhau, tại thời điểm | The registers that differ, each as of its time."
    )


def _conflict(column: str, coordinate: str, category: str, words: str) -> Any:
    """Declare the conflict on one column, told only to those who may read its category on both sides."""
    vietnamese, english = words.split(" | ")
    return answer(
        conflict_on(column, coordinate),
        needs=(column, "as_of", f"identity.{column}", "identity.as_of"),
        may_lack=("as_of", "identity.as_of"),
        category=category,
        description=f"Khác nhau về {vietnamese}, không cho biết giá trị; null nếu không khác, hoặc kèm lý do nếu không "
        f"biết | A difference on {english}; null if none, or with the reason where that is not known.",
    )


@of_record("learner", key="sector_code", category="identity.record")
@strawberry.type(
    description="Khác biệt giữa hồ sơ ngành và dữ liệu dân cư; chỉ khi liên kết đã xác thực | "
    "Where the sector's record and the population register differ; only where the link is verified."
)
class LearnerConflicts:
    id: strawberry.ID = identifier("learner.record", "Learner", "sector_code")
    identity: CitizenIdentity | None = edge(
        "citizen",
        key="person_key",
        by="person_key",
        category="identity.record",
        description="Bên kia: danh tính trong CSDL dân cư | The other side: the citizen in the population register.",
    )
    full_name: Conflict | None = _conflict(
        "full_name", "Learner.fullName", "identity.name", "họ và tên | the full name"
    )
    birth_date: Conflict | None = _conflict(
        BIRTH_PERIOD, "Learner.birthDate", "identity.birth", "ngày sinh | the date of birth"
    )
    sex: Conflict | None = _conflict("sex", "Learner.sex", "identity.sex", "giới tính | the sex")
    ethnicity: Conflict | None = _conflict(
        "ethnicity", "Learner.ethnicity", "identity.ethnicity", "dân tộc | the ethnic group"
    )
    nationality: Conflict | None = _conflict(
        "nationality", "Learner.nationality", "identity.nationality", "quốc tịch | the nationality"
    )


ADDED_FIELDS: tuple[AddedFields, ...] = ()
