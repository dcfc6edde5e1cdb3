"""State shared by replicas: quotas, used tokens, persons that clients have read about, the policy in force."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import NamedTuple, Protocol

WINDOW_S = 60
CITIZEN_REQUESTS_PER_MINUTE = 120


class Quota(NamedTuple):
    """A client's quota after a request. `reset_s`: whole seconds until more becomes available."""

    limit: int
    remaining: int
    reset_s: int
    allowed: bool

    def headers(self) -> dict[str, str]:
        """Return the response's fields (draft-ietf-httpapi-ratelimit-headers-11), Retry-After where it is refused."""
        fields = {
            "RateLimit-Policy": f'"per-minute";q={self.limit};w={WINDOW_S}',
            "RateLimit": f'"per-minute";r={self.remaining};t={self.reset_s}',
        }
        return fields if self.allowed else {**fields, "Retry-After": str(self.reset_s)}


class Harvest(NamedTuple):
    """What one client has come to: distinct subjects and misses of a day, and what they are in all its purposes.

    `in_all`: of several purposes the sums. `wait_s`: seconds until more subjects may be counted; then none was.
    `ahead_s`: by how many seconds what was counted so far is ahead of the pace, rounded down.
    """

    subjects: int
    misses: int
    misses_in_month: int
    subjects_in_all: int
    misses_in_all: int
    wait_s: int = 0
    ahead_s: int = 0


class SharedState(Protocol):
    """One promise, kept in this process (LocalState) or in Redis (RedisState).

    When it cannot be reached, quotas are counted in each replica by itself; the rest raises SharedStateUnavailable.
    """

    async def quota(self, client_id: str, limit_per_minute: int, cost: int = 1) -> Quota:
        """Count a request of this cost against the client's window, which slides, and return how it stands.

        Where less than the cost is left it is refused and nothing is counted; a cost over the limit is the limit.
        """
        ...

    async def seen(self, token_id: str, expires_at: int) -> bool:
        """Return whether the id was passed before, remembering it until `expires_at` (seconds since 1970).

        `expires_at` is when the token would be refused anyway. Raises SharedStateUnavailable where nothing is known.
        """
        ...

    async def harvested(
        self,
        client_id: str,
        purpose: str,
        day: date,
        subjects: Sequence[bytes],
        misses: Sequence[bytes],
        per_minute: int,
    ) -> Harvest:
        """Count the subjects, by their pseudonyms, and the misses, by digests, and return what it then comes to.

        A subject counts once a day, and so does a miss, but that any misses at all cost one. Where more subjects are
        new than a minute and `per_minute` allow, those of the next call wait. Both may be counted to within 2 %.
        Raises SharedStateUnavailable where nothing is known.
        """
        ...

    async def ready(self) -> None:
        """Return when it can be asked; raises SharedStateUnavailable where it cannot."""
        ...

    async def publish_policy(self, version: str) -> None:
        """Tell every replica which policy version is in force; raises SharedStateUnavailable."""
        ...

    def policy_versions(self) -> AsyncIterator[str]:
        """Yield the version in force, if one was ever published, and then later ones, of several at once the last."""
        ...

    async def close(self) -> None: ...
