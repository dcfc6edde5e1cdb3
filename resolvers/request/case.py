"""The dossier that a client names: read anew for each operation, and what it opens at most."""

from dataclasses import replace
from datetime import date

from auth.dossiers.store import Dossiers
from auth.principal import PrincipalKind
from resolvers.request.mandate import AccessContext


async def with_dossier(mandate: AccessContext, dossiers: Dossiers, today: date) -> AccessContext:
    """Return the mandate with the open dossier of this client and purpose that `case` names.

    Where there is none it is left as it is, whatever the reason: a wrong number tells nothing.
    """
    if mandate.principal.kind is not PrincipalKind.CLIENT or not mandate.case:
        return mandate
    dossier = await dossiers.named(mandate.principal.client_id, mandate.case, today)
    if dossier is None:
        return mandate
    procedure = mandate.policies.procedures.get(dossier.opening.procedure)
    if procedure is None or procedure.purpose != mandate.profile.purpose:
        return mandate
    profile = replace(mandate.profile, case_categories=procedure.categories)
    return replace(mandate, profile=profile, dossier=dossier.subject)
