"""Where a value comes from."""

from datetime import datetime
from typing import Any

import strawberry

from resolvers.answers.provenance import provenance_of
from schema.declaring.fields import answer, local


@strawberry.type(description="Nguồn gốc của dữ liệu | Source of the values of a record.")
class Provenance:
    register: str = local("provenance", "Cơ sở dữ liệu nguồn | The register they were read from.")
    as_of: datetime | None = local(
        "provenance", "Thời điểm của dữ liệu | Time of the data; null if the register does not state it."
    )


def provenance(record: str) -> Any:
    """Declare the provenance of a record's values."""
    return answer(
        provenance_of(record),
        needs=("as_of",),
        may_lack=("as_of",),
        category="provenance",
        description="Nguồn gốc của các giá trị | Source register of the values and their time.",
    )
