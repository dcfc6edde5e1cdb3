"""The dossier that a client names: read anew for each operation, and what it opens at most."""

from dataclasses import replace
from datetime import date

from auth.dossiers.store import Dossiers
from auth.principal import PrincipalKind
from resolvers.request.access import AccessContext


async def with_dossier(access: AccessContext, dossiers: Dossiers, today: date) -> AccessContext:
    """Return the access context with the open dossier of this client and purpose that `case` names.

    Where there is none it is left as it is, whatever the reason: a wrong number tells nothing.
    """
    if access.principal.kind is not PrincipalKind.CLIENT or not access.case:
        return access
    dossier = await dossiers.named(access.principal.client_id, access.case, today)
    if dossier is None:
        return access
    procedure = access.policies.procedures.get(dossier.opening.procedure)
    if procedure is None or procedure.purpose != access.profile.purpose:
        return access
    profile = replace(access.profile, case_categories=procedure.categories)
    return replace(access, profile=profile, dossier=dossier.subject)
