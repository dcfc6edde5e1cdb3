"""Quotas by address: of those who ask without a token, and of requests that are refused before any other quota."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

import structlog

from auth.limits.shared_state import WINDOW_S, Quota, SharedState

PER_ADDRESS = 600
"""Requests without a token in a minute: many share an address, of a school or behind a carrier's translation."""
FOR_ALL = 6_000
"""Limits of all addresses combined: the load that the server can serve beside its clients."""
FAILURES_PER_ADDRESS = 60
REFUSALS_PER_CLIENT = 600
"""Requests of a known client that are refused before its grant is known."""
ADDRESSES_KEPT = 20_000
"""Addresses of a minute that have a counter of their own in this process; all others share one."""
_DIGEST = 12

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AddressLimits:
    """Requests a minute: of one address without a token, of all of them, and failed ones of one address."""

    per_address: int = PER_ADDRESS
    for_all: int = FOR_ALL
    failures: int = FAILURES_PER_ADDRESS


class AddressQuotas:
    """Counts by a keyed digest: neither Redis nor a log holds an address, and a counter ends with its window."""

    def __init__(
        self,
        shared: SharedState,
        key: bytes,
        limits: AddressLimits | None = None,
        kept: int = ADDRESSES_KEPT,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shared = shared
        self._key = key
        self._limits = limits or AddressLimits()
        self._kept = kept
        self._now = now
        self._known: set[str] = set()
        self._until = 0.0
        self._told_at = float("-inf")

    async def anonymous(self, address: bytes, cost: int = 1) -> Quota:
        """Count a request without a token, of this cost, and return how its address stands.

        It is refused too where all addresses together have had theirs; then it is not the address's remaining count
        that says when to return.
        """
        quota = await self._shared.quota(f"address:{self._name(address)}", self._limits.per_address, cost)
        if not quota.allowed:
            return quota
        all_of_them = await self._shared.quota("public", self._limits.for_all, cost)
        if all_of_them.allowed:
            return quota
        self._tell()
        return quota._replace(remaining=0, reset_s=all_of_them.reset_s, allowed=False)

    async def failed(self, address: bytes) -> Quota:
        """Count a request that failed before anybody was known to ask it: no client pays for who only names it."""
        return await self._shared.quota(f"failed:{self._name(address)}", self._limits.failures)

    async def refused(self, issuer: str, caller: str) -> Quota:
        """Count a request of somebody known that was refused before the quota of a grant was."""
        return await self._shared.quota(f"refused:{issuer}:{caller}", REFUSALS_PER_CLIENT)

    def _name(self, address: bytes) -> str:
        """Return the counter's name. Whoever comes when the memory is full shares a counter until the window ends."""
        now = self._now()
        if now >= self._until:
            self._known, self._until = set(), now + WINDOW_S
        name = blake2b(address, key=self._key, digest_size=_DIGEST).hexdigest()
        if name not in self._known:
            if len(self._known) >= self._kept:
                return "others"
            self._known.add(name)
        return name

    def _tell(self) -> None:
        now = self._now()
        if now - self._told_at >= WINDOW_S:
            self._told_at = now
            _log.warning("anonymous requests are beyond the limit of all addresses", limit=self._limits.for_all)
