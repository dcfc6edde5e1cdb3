"""The keys an issuer publishes (a JWK set, RFC 7517), fetched when needed and kept for a while."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from auth.errors import IssuerUnavailable

PublicKey = RSAKey | ECKey | OKPKey

LIFETIME_S = 300.0
REFETCH_S = 10.0
"""An unknown `kid` makes us ask again at most so often, or anybody could make us flood the issuer."""
STALE_S = 3600.0
"""How long known keys serve while the issuer does not answer, unless its configuration says otherwise."""
_TIMEOUT_S = 5.0
_LARGEST_SET = 256 * 1024


class PublishedKeys:
    """The keys of one issuer. They are fetched once at a time, however many tokens wait.

    A key set that the issuer answers with replaces the one before at once, an empty set too: an issuer withdraws all
    its keys so. Anything else is an outage, and the keys of before serve for `stale_s` seconds.
    """

    def __init__(
        self,
        url: str,
        client: httpx2.AsyncClient,
        now: Callable[[], float] = time.monotonic,
        stale_s: float = STALE_S,
    ) -> None:
        self._url = httpx2.URL(url)
        self._stale_s = stale_s
        self._client = client
        self._now = now
        self._key_by_kid: dict[str, PublicKey] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._sought_at = float("-inf")
        """When an unknown `kid` last made us ask."""
        self._fetching = asyncio.Lock()

    async def key(self, kid: str) -> PublicKey | None:
        """Return the key, None where the issuer publishes none of that id; raises IssuerUnavailable."""
        # a key that is known serves on while somebody else is asking
        if self._is_due(kid) and not (kid in self._key_by_kid and self._fetching.locked()):
            async with self._fetching:
                if self._is_due(kid):
                    await self._fetch()
        if self._is_stale():
            raise IssuerUnavailable("the keys of the token's issuer cannot be fetched now")
        return self._key_by_kid.get(kid)

    def holds(self, kid: str) -> bool:
        """Tell whether the set that was published last has the key and is not due to be fetched again."""
        return kid in self._key_by_kid and not self._is_due(kid) and not self._is_stale()

    def _is_stale(self) -> bool:
        return self._age() > max(self._stale_s, LIFETIME_S)

    def _age(self) -> float:
        return self._now() - self._fetched_at

    def _is_due(self, kid: str) -> bool:
        if self._age() > LIFETIME_S:
            return self._now() - self._tried_at >= REFETCH_S
        return kid not in self._key_by_kid and self._now() - self._sought_at >= REFETCH_S

    async def _fetch(self) -> None:
        """Replace the keys; keep them as they are where no usable set is to be had."""
        was_sought = self._age() <= LIFETIME_S
        key_by_kid = await self._published()
        self._tried_at = self._now()
        if was_sought:
            self._sought_at = self._tried_at
        if key_by_kid is not None:
            self._key_by_kid = key_by_kid
            self._fetched_at = self._tried_at

    async def _published(self) -> dict[str, PublicKey] | None:
        """Return the keys that the issuer publishes now, or None where it does not answer with a key set."""
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                jwks = orjson.loads(await self._body())
        except (httpx2.HTTPError, ValueError, TimeoutError):
            return None
        return keys_of(jwks) if isinstance(jwks, dict) and isinstance(jwks.get("keys"), list) else None

    async def _body(self) -> bytes:
        """Return the body of the answer. Raises ValueError for one that is no success or too large to be a key set."""
        body = bytearray()
        async with self._client.stream("GET", self._url, timeout=_TIMEOUT_S, follow_redirects=False) as answer:
            if answer.status_code != httpx2.codes.OK:
                raise ValueError("no success")
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > _LARGEST_SET:
                    raise ValueError("too large")
        return bytes(body)


class FixedKeys:
    """The keys that configuration itself gives."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        """Raises ValueError where the set holds no usable key."""
        self._key_by_kid = keys_of(jwks)
        if not self._key_by_kid:
            raise ValueError("`jwks` holds no public key with a `kid` to verify signatures with")

    async def key(self, kid: str) -> PublicKey | None:
        return self._key_by_kid.get(kid)

    def holds(self, kid: str) -> bool:
        return kid in self._key_by_kid


def keys_of(jwks: object) -> dict[str, PublicKey]:
    """Return the keys of a JWK set that can verify signatures, by `kid`; those not understood are passed over."""
    listed = jwks.get("keys") if isinstance(jwks, Mapping) else None
    key_by_kid: dict[str, PublicKey] = {}
    for jwk in listed if isinstance(listed, list) else ():
        if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig" or not isinstance(jwk.get("kid"), str):
            continue
        try:
            key = import_key(jwk)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        # a symmetric key must never verify: whoever can read the set could sign with it
        if isinstance(key, RSAKey | ECKey | OKPKey):
            key_by_kid[jwk["kid"]] = key
    return key_by_kid
