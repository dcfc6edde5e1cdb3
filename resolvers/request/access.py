"""For what a principal asks: the purpose, the grants it falls under, and the profile that decisions are made for."""

import re
from dataclasses import dataclass, field
from datetime import date

from auth.agreements.grants import Grants
from auth.citizen_numbers import may_hold_a_number
from auth.errors import Refused, Unauthenticated
from auth.limits.shared_state import CITIZEN_REQUESTS_PER_MINUTE
from auth.policy.policy_set import PolicySet
from auth.principal import ANONYMOUS, Grant, Jurisdiction, Principal, PrincipalKind, Profile, Recipient
from reference.weighted_cache import ShelvedCache

PUBLIC_PURPOSE = "public"
CITIZENS_PURPOSE = "self-service"

_ANYBODY = Profile(ANONYMOUS.kind, ANONYMOUS.client_id, ANONYMOUS.roles, PUBLIC_PURPOSE, 0)
_UNLISTED = ShelvedCache[frozenset[str], frozenset[str]](4_000_000, 4_000_000)
"""By the categories that an agreement lists, those that it does not: as many as there are agreements."""
_UNLISTED_BYTES = 8_000

_CASE = re.compile(r"[A-Za-z0-9./_-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class AccessContext:
    """Who asks, under which profile, over whom, in which case, and how often at most."""

    principal: Principal
    profile: Profile
    jurisdiction: Jurisdiction
    case: str
    requests_per_minute: int | None
    """None of whoever asks without a token: the address and all of these together have limits instead."""
    grant: Grant | None = None
    """What a client's agreement says of the purpose; citizens and nobody in particular have none."""
    dossier: bytes | None = None
    """The pseudonym of the subject of the open dossier that a client's `case` names (resolvers/request/case.py)."""
    policies: PolicySet = field(kw_only=True, repr=False)
    """The rules in force when it was made: of the whole operation, whatever a reload puts in their place meanwhile."""
    emergency_reason: str | None = field(default=None, repr=False)
    """The reason for break-glass access, if used (resolvers/request/break_glass.py)."""

    @property
    def recipient(self) -> Recipient:
        """For whom ids are sealed: an agency by the issuer that its agreement names, which others can know too."""
        issuer = self.principal.issuer if self.grant is None else self.grant.issuer
        return Recipient(self.principal.kind, issuer, self.principal.client_id)


async def access_context_of(
    principal: Principal,
    purpose: str | None,
    case: str | None,
    grants: Grants,
    policies: PolicySet,
    today: date,
    *,
    citizen_requests_per_minute: int = CITIZEN_REQUESTS_PER_MINUTE,
) -> AccessContext:
    """Return the access context.

    Raises Refused for a purpose that is missing or not granted now, and for a garbled case; Unauthenticated for a
    client by the token of an issuer that does not speak for it.
    """
    if case is not None:
        checked_case(case, "Case")
    if principal.kind is PrincipalKind.CLIENT:
        grant = await _grant(principal, purpose, grants, today)
        return _agency(principal, grant, case or "", policies, today)
    own = PUBLIC_PURPOSE if principal.kind is PrincipalKind.ANONYMOUS else CITIZENS_PURPOSE
    allowed = {name for role in principal.roles for name in policies.roles[role].purposes}
    if purpose is not None and purpose not in allowed:
        raise Refused("`Purpose` is not one that this caller may name", "PURPOSE_NOT_GRANTED")
    profile = Profile(principal.kind, principal.client_id, principal.roles, purpose or own, principal.assurance)
    limit = None if principal.kind is PrincipalKind.ANONYMOUS else citizen_requests_per_minute
    return AccessContext(principal, profile, Jurisdiction(), case or "", limit, policies=policies)


def checked_case(number: str, name: str) -> str:
    """Return a dossier's number. Raises Refused for a garbled one, and for one that may be of a citizen."""
    if not _CASE.match(number) or may_hold_a_number(number):
        raise Refused(f"`{name}` must have 1 to 64 letters, digits or ./_- and name no citizen number")
    return number


async def _grant(principal: Principal, purpose: str | None, grants: Grants, today: date) -> Grant:
    """Return the grant that the client asks under. Raises Refused, and Unauthenticated for another issuer's token."""
    if purpose is None:
        raise Refused("the header `Purpose` is missing: one purpose for each operation", "PURPOSE_MISSING")
    held = [grant for grant in await grants.of(principal.client_id, today) if grant.purpose == purpose]
    known = held or (await grants.lapsed(principal.client_id, purpose, today))[:1]
    if any(grant.issuer not in (None, principal.issuer) for grant in known):
        raise Unauthenticated("the token's issuer is not the one that speaks for this client")
    if len(held) == 1:
        return held[0]
    if held:
        # nothing saves two such agreements; put together, each would lend the other its role and its places
        numbers = " and ".join(f"`{grant.agreement}`" for grant in held)
        raise Refused(f"agreements {numbers} both grant `Purpose`: one of them must end", "PURPOSE_NOT_GRANTED")
    if not known:
        raise Refused("`Purpose` is not among the purposes granted to this client", "PURPOSE_NOT_GRANTED")
    number = known[0].agreement
    if known[0].suspended:
        raise Refused(f"agreement `{number}`, which grants `Purpose`, is suspended", "AGREEMENT_SUSPENDED")
    raise Refused(f"agreement `{number}`, which granted `Purpose`, has ended", "AGREEMENT_EXPIRED")


def profile_of(
    grant: Grant, policies: PolicySet, today: date, *, assurance: int = 0, case_categories: frozenset[str] | None = None
) -> Profile:
    """Return the profile of a client under a grant. Any dossier is assumed unless `case_categories` are given."""
    return Profile(
        PrincipalKind.CLIENT,
        grant.client_id,
        frozenset({grant.role}),
        grant.purpose,
        assurance,
        frozenset(category for category, last in grant.category_expiry.items() if last < today),
        _unlisted(grant.categories, policies, today),
        case_categories,
    )


def _agency(principal: Principal, grant: Grant, case: str, policies: PolicySet, today: date) -> AccessContext:
    # a dossier opens nothing until one is found (resolvers/request/case.py)
    profile = profile_of(grant, policies, today, assurance=principal.assurance, case_categories=frozenset())
    return AccessContext(
        principal, profile, grant.jurisdiction, case, grant.requests_per_minute, grant, policies=policies
    )


def _unlisted(listed: frozenset[str] | None, policies: PolicySet, today: date) -> frozenset[str]:
    """Return the categories that an agreement leaves out. What anybody may read needs no agreement."""
    if listed is None:
        return frozenset()
    table = policies.table(_ANYBODY, today)
    known = _UNLISTED.get("", table.memo, listed)
    if known is None:
        kept_from_anybody = {category for category in policies.categories if not table.always(category)}
        known = _UNLISTED.put("", table.memo, listed, frozenset(kept_from_anybody - listed), _UNLISTED_BYTES)
    return known
