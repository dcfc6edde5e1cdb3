"""Our own state, as requests use it: what agreements, citizens and earlier requests have left there."""

from dataclasses import dataclass

from auth.agreements.grants import Grants
from auth.audit.record import Audit
from auth.consent.consents import Consents
from auth.crypto.keys import Keys
from auth.dossiers.store import Dossiers
from auth.emergencies import Emergencies
from auth.limits.published_counts import PublishedCounts
from auth.limits.query_budget import QueryBudget
from auth.rights.requests import Rights


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnState:
    """The stores of one process, over one database and under the same keys."""

    keys: Keys
    grants: Grants
    consents: Consents
    audit: Audit
    rights: Rights
    query_budget: QueryBudget
    dossiers: Dossiers
    emergencies: Emergencies
    published: PublishedCounts
