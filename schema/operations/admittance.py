"""Admission of requests: authentication, the access context, and the quota that every request counts against."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from starlette.requests import HTTPConnection

from auth.agreements.grants import Grants
from auth.authentication.bearer import Authentication
from auth.crypto.keys import Keys
from auth.errors import IssuerUnavailable, Refused, Unauthenticated
from auth.limits.address_quotas import AddressQuotas
from auth.limits.addresses import Addresses, lines_of
from auth.limits.shared_state import WINDOW_S, Quota, SharedState
from auth.policy.policy_set import Policies
from auth.principal import Principal, PrincipalKind
from resolvers.request.access import AccessContext, access_context_of


class Doorkeepers(Protocol):
    """What of the services decides who comes in."""

    @property
    def addresses(self) -> Addresses: ...

    @property
    def authentication(self) -> Authentication: ...

    @property
    def grants(self) -> Grants: ...

    @property
    def policies(self) -> Policies: ...

    @property
    def shared(self) -> SharedState: ...

    @property
    def keys(self) -> Keys: ...

    @property
    def address_quotas(self) -> AddressQuotas: ...

    @property
    def citizen_requests_per_minute(self) -> int: ...


Address = Callable[[], bytes]
"""Tells where a request comes from, as far as it can be believed; most are never asked."""


def address_of(services: Doorkeepers, http: HTTPConnection) -> Address:
    def address() -> bytes:
        peer, addresses = http.scope.get("client"), services.addresses
        return addresses.of(peer[0] if peer else None, lines_of(http.scope["headers"], addresses.header))

    return address


async def admitted(
    services: Doorkeepers,
    address: Address,
    authorization: str | None,
    purpose: str | None,
    case: str | None,
    now: datetime,
) -> tuple[AccessContext, Quota]:
    """Return the access context and the quota after this request. Raises Unauthenticated, and Refused beyond the quota.

    What is refused on the way counts too: against the address while nobody is known, else against who asks.
    """
    principal: Principal | None = None
    try:
        principal = await services.authentication.principal(authorization)
        access = await access_context_of(
            principal,
            purpose,
            case,
            services.grants,
            services.policies.current,
            now.date(),
            citizen_requests_per_minute=services.citizen_requests_per_minute,
        )
    except IssuerUnavailable:
        raise
    except Unauthenticated:
        # also where the token is sound and its issuer does not speak for the client that it names
        check(await services.address_quotas.failed(address()), "failed requests of this address")
        raise
    except Refused:
        await _count_refusal(services, address, principal)
        raise
    quota = await _counted(services, address, principal, access.requests_per_minute)
    check(quota, "requests")
    return access, quota


async def priced(services: Doorkeepers, address: Address, principal: Principal, quota: Quota, requests: int) -> Quota:
    """Return how the quota stands when an operation counts as so many requests, one of which is counted.

    What is dearer than the whole quota counts as the whole: else it could never run. Raises Refused where fewer are
    left; then only the one is counted.
    """
    counting = min(requests, quota.limit)
    if counting == 1:
        return quota
    after = await _counted(services, address, principal, quota.limit, counting - 1)
    if not after.allowed:
        said = f"the operation counts as {counting} of {quota.limit} requests in a minute, and fewer are left"
        raise Refused(said, "RATE_LIMITED", {**after.headers(), "Retry-After": str(_wait_s(after, counting))})
    return after


def _wait_s(quota: Quota, requests: int) -> int:
    """Return after how many seconds so many are left, if nothing else is asked.

    The windows' edges are not known: all that counts may have been asked just now, at the start of a window. In the
    next one it counts as much as is still to come of that one.
    """
    used = max(1, quota.limit - quota.remaining)
    share = min(1.0, (quota.limit - requests + 1) / used)
    return max(quota.reset_s, int(WINDOW_S * (2 - share)) + 1)


async def count_unread(http: HTTPConnection) -> None:
    """Count a request that cannot be read. Raises Refused for an address with too many of these."""
    services: Doorkeepers = http.app.state.services
    check(await services.address_quotas.failed(address_of(services, http)()), "failed requests of this address")


def check(quota: Quota, what: str) -> None:
    """Raise Refused where the request is beyond the quota."""
    if not quota.allowed:
        raise Refused(f"more than {quota.limit} {what} in a minute", "RATE_LIMITED", quota.headers())


async def _counted(
    services: Doorkeepers, address: Address, principal: Principal, limit: int | None, cost: int = 1
) -> Quota:
    if limit is None or principal.kind is PrincipalKind.ANONYMOUS:
        return await services.address_quotas.anonymous(address(), cost)
    return await services.shared.quota(_quota_key(principal, services.keys), limit, cost)


async def _count_refusal(services: Doorkeepers, address: Address, principal: Principal | None) -> None:
    if principal is None or principal.kind is PrincipalKind.ANONYMOUS:
        check(await services.address_quotas.failed(address()), "failed requests of this address")
        return
    caller = _quota_key(principal, services.keys)
    check(await services.address_quotas.refused(principal.issuer or "", caller), "refused requests")


def _quota_key(principal: Principal, keys: Keys) -> str:
    """Return whose quota a request counts against: a client's, or a citizen's own."""
    if principal.person_key is None:
        return principal.client_id
    return f"{principal.client_id}/{keys.pseudonym(principal.person_key).hex()}"
