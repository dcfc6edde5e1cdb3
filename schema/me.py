"""The citizen who asks: the way to one's own records, consents and log."""

import strawberry

from schema.audit.usage import DataUsageConnection, own_usage_field
from schema.consent.consents import (
    Consent,
    ConsentNotice,
    ConsentRequest,
    consent_notice_field,
    consent_requests_field,
    consents_field,
)
from schema.declaring.fields import edge, of_record
from schema.dossiers import Dossier, own_dossiers
from schema.emergencies import EmergencyNotice, notices
from schema.records.citizens import CitizenIdentity, Guardianship
from schema.rights import RightsRequest, rights_requests


@of_record("principal", key="person_key", category="identity.record")
@strawberry.type(description="Công dân đang đăng nhập | The authenticated citizen.")
class Me:
    identity: CitizenIdentity | None = edge(
        "citizen",
        key="person_key",
        by="person_key",
        category="identity.record",
        description="Danh tính của tôi | My identity in the population register.",
    )
    children: list[Guardianship] | None = edge(
        "guardianship",
        key="person_key",
        by="guardian_key",
        many=True,
        order=(("id", False),),
        category="guardianship",
        description="Con và người được tôi đại diện | Children whose parent or guardian I am.",
    )
    consents: list[Consent] | None = consents_field()
    consent_requests: list[ConsentRequest] | None = consent_requests_field()
    consent_notice: ConsentNotice | None = consent_notice_field()
    rights_requests: list[RightsRequest] | None = rights_requests
    dossiers: list[Dossier] | None = own_dossiers
    notices: list[EmergencyNotice] | None = notices
    data_usage: DataUsageConnection | None = own_usage_field()
