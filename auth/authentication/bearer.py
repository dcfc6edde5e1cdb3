"""From the Authorization header to a principal: bearer JWTs (RFC 6750, RFC 9068) of configured issuers."""

import re
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

import httpx2
import orjson
from joserfc import jwt
from joserfc.errors import BadSignatureError, ClaimError, ExpiredTokenError, JoseError, MissingClaimError
from joserfc.jws import JWSRegistry

from auth.authentication.issuers import Issuer
from auth.authentication.published_keys import FixedKeys, PublicKey, PublishedKeys
from auth.authentication.recent import Recent
from auth.errors import Unauthenticated
from auth.principal import ANONYMOUS, Principal, PrincipalKind

SKEW_S = 10
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,255}\Z")
"""What names a client, a subject or a token: such names are kept, and no database takes every character."""
LONGEST_TOKEN = 8192
REMEMBERED = 10_000
REMEMBER_S = 300.0
"""How long a verified token is not verified again, at most: less where its issuer withdraws the key."""


class KeySource(Protocol):
    """The keys of one issuer, by `kid`."""

    async def key(self, kid: str) -> PublicKey | None: ...

    def holds(self, kid: str) -> bool:
        """Tell whether the set that was published last has the key; nothing is fetched."""
        ...


class _Verified(NamedTuple):
    """A token that was verified: whom it speaks for, and the key that its issuer must still publish."""

    principal: Principal
    kid: str
    keys: KeySource


class Authentication:
    """Tells who asks. Verified tokens are remembered by their hash, never beyond `exp`."""

    def __init__(
        self, issuers: Sequence[Issuer], client: httpx2.AsyncClient, now: Callable[[], float] = time.time
    ) -> None:
        """`client` fetches the issuers' keys and stays the caller's to close. `now`: seconds since 1970.

        Raises ValueError, which names the issuer, where its fixed keys are unusable.
        """
        self._verifiers = {issuer.issuer: _Verifier(issuer, _keys(issuer, client), now) for issuer in issuers}
        self._remembered: Recent[bytes, _Verified] = Recent(REMEMBERED, now)
        self._now = now

    async def principal(self, authorization: str | None) -> Principal:
        """Return the principal, ANONYMOUS without a header.

        A citizen has the role `citizen`; a client's roles are empty here, they come from its grants. Raises
        Unauthenticated, or IssuerUnavailable where the issuer's keys cannot be had.
        """
        if authorization is None:
            return ANONYMOUS
        token = _bearer(authorization)
        digest = sha256(token.encode()).digest()
        remembered = self._remembered.get(digest)
        if remembered is not None and remembered.keys.holds(remembered.kid):
            return remembered.principal
        verifier = self._verifiers.get(_unverified_issuer(token))
        if verifier is None:
            raise Unauthenticated("the token's issuer is not known here")
        verified, expires_at = await verifier.verified(token)
        self._remembered.put(digest, verified, min(expires_at, self._now() + REMEMBER_S))
        return verified.principal


class _Verifier:
    """Checks the tokens of one issuer."""

    def __init__(self, issuer: Issuer, keys: KeySource, now: Callable[[], float]) -> None:
        self._issuer = issuer
        self._keys = keys
        # header parameters that are neither known nor critical are passed over (RFC 7515 section 4)
        self._signatures = JWSRegistry(algorithms=sorted(issuer.algorithms), strict_check_header=False)
        required: dict[str, jwt.ClaimsOption] = {
            issuer.claims.client: {"essential": True},
            "iss": {"essential": True, "value": issuer.issuer},
            "aud": {"essential": True, "value": issuer.audience},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "sub": {"essential": True},
            "jti": {"essential": True},
        }
        self._claims = jwt.JWTClaimsRegistry(now=lambda: int(now()), leeway=SKEW_S, **required)

    async def verified(self, token: str) -> tuple[_Verified, float]:
        """Return who the token speaks for by which key, and when it expires."""
        kid = self._kid(_part(token, 0))
        key = await self._keys.key(kid)
        if key is None:
            raise Unauthenticated("the token is signed with a key that its issuer does not publish")
        claims = self._claims_of(token, key)
        return _Verified(self._mapped(claims), kid, self._keys), claims["exp"]

    def _kid(self, header: Mapping[str, Any]) -> str:
        if (
            "crit" in header
        ):  # no extension is understood here, and an empty list is malformed (RFC 7515 section 4.1.11)
            raise Unauthenticated("the token's `crit` asks for what is not understood here")
        algorithm, kid, typ = header.get("alg"), header.get("kid"), header.get("typ")
        if not isinstance(algorithm, str) or algorithm not in self._issuer.algorithms:
            raise Unauthenticated("the token's `alg` is not one its issuer may use")
        # RFC 9068 section 4: with or without "application/"; media types ignore case (RFC 7515 section 4.1.9)
        if not isinstance(typ, str) or typ.lower().removeprefix("application/") != self._issuer.typ:
            raise Unauthenticated(f"the token's `typ` must be `{self._issuer.typ}`")
        if not isinstance(kid, str):
            raise Unauthenticated("the token names no key: `kid` is missing")
        return kid

    def _claims_of(self, token: str, key: PublicKey) -> dict[str, Any]:
        try:
            claims = jwt.decode(token, key, registry=self._signatures).claims
            self._claims.validate(claims)
        except ExpiredTokenError:
            raise Unauthenticated("the token has expired") from None
        except MissingClaimError:
            raise Unauthenticated("the token lacks a claim that is required") from None
        except ClaimError as error:
            raise Unauthenticated(f"the token's claim `{error.claim}` is not as required") from None
        except BadSignatureError:
            raise Unauthenticated("the token's signature is wrong") from None
        except (JoseError, ValueError, TypeError):
            raise Unauthenticated("the token is malformed") from None
        if claims["exp"] - claims["iat"] > self._issuer.longest_token_s:
            raise Unauthenticated(f"the token lives for more than {self._issuer.longest_token_s} seconds")
        if "cnf" in claims:  # RFC 7800: whoever presents it must prove to hold the key that it names
            raise Unauthenticated("the token is bound to a key by `cnf`, and none was proven: it is no bearer token")
        return claims

    def _mapped(self, claims: Mapping[str, Any]) -> Principal:
        mapper = self._issuer.claims
        client_id, token_id = claims[mapper.client], claims["jti"]
        for name in (mapper.client, "sub", "jti"):
            if not isinstance(claims[name], str) or not _NAME.match(claims[name]):
                raise Unauthenticated(f"the token's claim `{name}` is not as required")
        level = claims.get(mapper.assurance)
        assurance = mapper.levels.get(level, 0) if isinstance(level, str) else 0
        person = claims.get(mapper.person) if mapper.person else None
        issuer = self._issuer.issuer
        if person is None and not self._issuer.speaks_for_clients:
            raise Unauthenticated(f"the token lacks the claim `{mapper.person}`")
        if person is None:
            return Principal(PrincipalKind.CLIENT, client_id, frozenset(), assurance, token_id=token_id, issuer=issuer)
        if not (isinstance(person, str) and len(person) == 12 and person.isascii() and person.isdigit()):
            raise Unauthenticated(f"the token's claim `{mapper.person}` is not a citizen number")
        return Principal(PrincipalKind.CITIZEN, client_id, frozenset({"citizen"}), assurance, person, token_id, issuer)


def _keys(issuer: Issuer, client: httpx2.AsyncClient) -> KeySource:
    if issuer.jwks_url is None:
        try:
            return FixedKeys(issuer.jwks or {})
        except ValueError as error:
            raise ValueError(f"issuer `{issuer.issuer}`: {error}") from None
    return PublishedKeys(issuer.jwks_url, client, stale_s=issuer.stale_keys_s)


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    token = token.strip(" ")
    if scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN or not token.isascii():
        raise Unauthenticated("the authorization header must be `Bearer` and a token")
    return token


def _unverified_issuer(token: str) -> str:
    issuer = _part(token, 1).get("iss")
    return issuer if isinstance(issuer, str) else ""


def _part(token: str, index: int) -> dict[str, Any]:
    """Return the token's header (0) or its claims (1), neither of them verified."""
    parts = token.split(".")
    if len(parts) != 3:
        raise Unauthenticated("the token is malformed")
    try:
        part = orjson.loads(urlsafe_b64decode(parts[index] + "=" * (-len(parts[index]) % 4)))
    except ValueError:
        raise Unauthenticated("the token is malformed") from None
    if not isinstance(part, dict):
        raise Unauthenticated("the token is malformed")
    return part
