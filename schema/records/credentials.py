"""Credentials: diplomas and certificates."""

from datetime import date

import strawberry

from schema.declaring.added_fields import AddedFields
from schema.declaring.enums import Classification, CredentialKind, CredentialStatus
from schema.declaring.fields import column, edge, of_record
from schema.declaring.paging import Node, global_id
from schema.declaring.provenance import Provenance, provenance
from schema.records.institutions import Institution


@of_record("credential", key="id", category="credential.status")
@strawberry.federation.interface(description="Văn bằng, chứng chỉ | A diploma or a certificate.")
class Credential(Node):
    id: strawberry.ID = global_id("credential.status", "Credential", "id")
    kind: CredentialKind | None = column("credential", "Loại văn bằng, chứng chỉ | Kind of credential.")
    title: str | None = column("credential", "Tên văn bằng | Title.")
    issued_on: date | None = column("credential", "Ngày cấp | Day of issue.")
    serial: str | None = column("credential.number", "Số hiệu | Serial number printed on it.")
    register_number: str | None = column("credential.number", "Số vào sổ gốc | Number in the issuer's register.")
    status: CredentialStatus | None = column("credential.status", "Trạng thái | State of the credential.")
    status_on: date | None = column("credential.status", "Ngày thay đổi trạng thái | Day of the last change of status.")
    status_reason: str | None = column("credential.status", "Lý do thay đổi | Why the status changed.")
    institution: Institution | None = edge(
        "institution",
        key="institution_code",
        by="code",
        category="credential",
        description="Cơ sở cấp | The institution that issued it.",
    )
    provenance: Provenance | None = provenance("credential")


@of_record("credential", key="id", category="credential.status", tag=("form", "DIPLOMA"))
@strawberry.federation.type(keys=["id"], description="Văn bằng | A diploma.")
class Diploma(Credential):
    classification: Classification | None = column("credential", "Xếp loại tốt nghiệp | Classification.")


@of_record("credential", key="id", category="credential.status", tag=("form", "CERTIFICATE"))
@strawberry.federation.type(keys=["id"], description="Chứng chỉ | A certificate.")
class Certificate(Credential):
    pass


ADDED_FIELDS: tuple[AddedFields, ...] = ()
