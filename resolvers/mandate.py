"""For what a principal asks: the purpose, the grants it falls under, and the profile that decisions are made for."""

import re
from dataclasses import dataclass
from datetime import date

from auth.errors import Refused
from auth.grants import Grants
from auth.policy import Policies
from auth.principal import Grant, Jurisdiction, Principal, PrincipalKind, Profile

PUBLIC_PURPOSE = "public"
CITIZENS_PURPOSE = "self-service"
CITIZEN_REQUESTS_PER_MINUTE = 120
ANONYMOUS_REQUESTS_PER_MINUTE = 6000

_LIKE_A_NUMBER = re.compile(r"[0-9]{12}")
_CASE = re.compile(r"[A-Za-z0-9./_-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Mandate:
    """Who asks, under which profile, over whom, in which case, and how often at most."""

    principal: Principal
    profile: Profile
    jurisdiction: Jurisdiction
    case: str
    requests_per_minute: int
    subjects_per_day: int | None = None
    """How many persons an agency's client may ask about in a day; citizens and nobody in particular: not counted."""


async def mandate_of(
    principal: Principal, purpose: str | None, case: str | None, grants: Grants, policies: Policies, today: date
) -> Mandate:
    """Return the mandate. Raises Refused for a purpose that is missing or not granted, and for a garbled case."""
    if case is not None and (not _CASE.match(case) or _LIKE_A_NUMBER.search(case)):
        raise Refused("`Case` must have 1 to 64 letters, digits or ./_- and name no citizen number")
    if principal.kind is PrincipalKind.CLIENT:
        return _agency(principal, purpose, case or "", await grants.of(principal.client_id, today), today)
    own = PUBLIC_PURPOSE if principal.kind is PrincipalKind.ANONYMOUS else CITIZENS_PURPOSE
    allowed = {name for role in principal.roles for name in policies.current.roles[role].purposes}
    if purpose is not None and purpose not in allowed:
        raise Refused("`Purpose` is not one that this caller may name", "PURPOSE_NOT_GRANTED")
    profile = Profile(principal.kind, principal.client_id, principal.roles, purpose or own, principal.assurance)
    limit = CITIZEN_REQUESTS_PER_MINUTE if principal.person_key is not None else ANONYMOUS_REQUESTS_PER_MINUTE
    return Mandate(principal, profile, Jurisdiction(), case or "", limit)


def _agency(principal: Principal, purpose: str | None, case: str, held: tuple[Grant, ...], today: date) -> Mandate:
    if purpose is None:
        raise Refused("the header `Purpose` is missing: one purpose for each operation", "PURPOSE_MISSING")
    granted = [grant for grant in held if grant.purpose == purpose]
    if not granted:
        raise Refused("`Purpose` is not among the purposes granted to this client", "PURPOSE_NOT_GRANTED")
    # one operation acts in one role, or the jurisdiction of one role would widen another's
    role = granted[0].role
    granted = [grant for grant in granted if grant.role == role]
    expired = frozenset(
        category for grant in granted for category, last in grant.category_expiry.items() if last < today
    )
    profile = Profile(principal.kind, principal.client_id, frozenset({role}), purpose, principal.assurance, expired)
    jurisdiction = Jurisdiction(
        any(grant.jurisdiction.country for grant in granted),
        frozenset().union(*(grant.jurisdiction.provinces for grant in granted)),
        frozenset().union(*(grant.jurisdiction.institutions for grant in granted)),
    )
    return Mandate(
        principal,
        profile,
        jurisdiction,
        case,
        max(grant.requests_per_minute for grant in granted),
        max(grant.subjects_per_day for grant in granted),
    )
