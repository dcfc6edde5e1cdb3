"""Where queries enter."""

import strawberry

from resolvers.reference_executor import roots
from schema.allowances import Limit, limits_field
from schema.audit.oversight import (
    AuditAlarm,
    AuditEntryConnection,
    ReaderUse,
    alarms_field,
    audit_entries_field,
    minimisation_report_field,
)
from schema.consent.consents import ClientConsentConnection, my_consents_field
from schema.declaring.fields import Argument, root
from schema.declaring.paging import Node
from schema.dossiers import DossierConnection, my_dossiers
from schema.emergencies import EmergencyReadingConnection, emergency_readings
from schema.explain import Explanation, FieldAccess, access_map_field, explain_field
from schema.me import Me
from schema.rights import RightsRequestConnection, rights_queue_field
from schema.statistics import LearnerCount, learner_counts_field


@strawberry.type(description="Truy vấn | Root type of queries.")
class Query:
    me: Me | None = root(
        roots.me, category="identity.record", description="Công dân đang đăng nhập | The authenticated citizen."
    )
    learner_counts: list[LearnerCount] | None = learner_counts_field()
    my_consents: ClientConsentConnection | None = my_consents_field()
    node: Node | None = root(
        roots.node,
        category="paging",  # whether the row may be known of is decided by its own type
        description="Bản ghi theo mã toàn cục | The record behind a global id given to this client.",
        arguments={"id": Argument(strawberry.ID, "Mã toàn cục | Global id.")},
    )
    nodes: list[Node | None] | None = root(
        roots.nodes,
        many=True,
        apart=True,
        category="paging",  # whether the row may be known of is decided by its own type
        description="Các bản ghi theo mã toàn cục (tối đa 100) | The records behind global ids (at most 100).",
        arguments={"ids": Argument(list[strawberry.ID], "Các mã toàn cục | Global ids.")},
    )
    rights_queue: RightsRequestConnection | None = rights_queue_field
    my_dossiers: DossierConnection | None = my_dossiers
    emergency_readings: EmergencyReadingConnection | None = emergency_readings
    audit_entries: AuditEntryConnection | None = audit_entries_field()
    minimisation_report: list[ReaderUse] | None = minimisation_report_field()
    alarms: list[AuditAlarm] | None = alarms_field()
    explain: Explanation | None = explain_field()
    access_map: list[FieldAccess] | None = access_map_field()
    limits: list[Limit] | None = limits_field()
