"""The issuers whose tokens are believed, as configuration names them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from reference.web_addresses import address_fault

SIGNATURES = frozenset({"ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "Ed25519"})
"""Algorithms an issuer may be allowed. All are asymmetric: a published key must never be a shared secret."""


@dataclass(frozen=True, slots=True)
class ClaimsMapper:
    """Where an issuer's tokens say who asks.

    `person`: the claim with the citizen number, None for an issuer that may not speak for citizens.
    `levels`: assurance level by value of the claim `assurance`; any other value is level 0.
    """

    client: str = "client_id"
    person: str | None = None
    assurance: str = "acr"
    levels: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Issuer:
    """One issuer. Its keys are at `jwks_url` or, where that is None, those in `jwks` (RFC 7517).

    `clients`: whether a token without the claim `person` speaks for its client; where that claim is configured, tokens
    without it are refused unless this says so. An issuer of citizens' applications must not speak for agencies too.
    """

    issuer: str
    audience: str
    jwks_url: str | None = None
    jwks: Mapping[str, Any] | None = None
    algorithms: frozenset[str] = frozenset({"ES256"})
    claims: ClaimsMapper = field(default_factory=ClaimsMapper)
    typ: str = "at+jwt"
    clients: bool | None = None
    longest_token_s: int = 3600
    """Seconds from `iat` to `exp` at most: a token that lives longer is refused."""
    stale_keys_s: int = 3600
    """Seconds that the keys fetched last serve while `jwks_url` does not answer."""
    plain_http_hosts: tuple[str, ...] = ()
    """Hosts from which keys may be fetched over http; this machine always may."""

    def __post_init__(self) -> None:
        if (self.jwks_url is None) == (self.jwks is None):
            raise ValueError(f"issuer `{self.issuer}`: give either `jwks_url` or `jwks`")
        if self.jwks_url is not None and (fault := address_fault(self.jwks_url, self.plain_http_hosts)):
            raise ValueError(f"issuer `{self.issuer}`: `jwks_url` {fault}")
        for name in ("longest_token_s", "stale_keys_s"):
            if type(getattr(self, name)) is not int or getattr(self, name) <= 0:
                raise ValueError(f"issuer `{self.issuer}`: `{name}` must be a whole number of seconds above zero")
        if not self.algorithms or not self.algorithms <= SIGNATURES:
            raise ValueError(f"issuer `{self.issuer}`: `algorithms` must be some of {sorted(SIGNATURES)}")
        if self.clients is False and self.claims.person is None:
            raise ValueError(f"issuer `{self.issuer}`: speaks for nobody: neither `claims.person` nor `clients`")

    @property
    def speaks_for_clients(self) -> bool:
        return self.claims.person is None if self.clients is None else self.clients


def issuer_of(settings: Mapping[str, Any]) -> Issuer:
    """Return the issuer that a table of the configuration describes, `claims` being a table in it.

    Raises ValueError naming what is missing, unknown or wrong.
    """
    known = {item.name for item in fields(Issuer)}
    if unknown := sorted(settings.keys() - known):
        raise ValueError(f"an issuer has no setting `{unknown[0]}`; it has {sorted(known)}")
    if missing := sorted({"issuer", "audience"} - settings.keys()):
        raise ValueError(f"an issuer lacks `{missing[0]}`")
    claims = settings.get("claims", {})
    mapped = {item.name for item in fields(ClaimsMapper)}
    if unknown := sorted(claims.keys() - mapped):
        raise ValueError(f"the `claims` of an issuer have no setting `{unknown[0]}`; they have {sorted(mapped)}")
    algorithms = frozenset(settings.get("algorithms", ("ES256",)))
    hosts = tuple(settings.get("plain_http_hosts", ()))
    given = {"claims": ClaimsMapper(**claims), "algorithms": algorithms, "plain_http_hosts": hosts}
    return Issuer(**{**settings, **given})
