"""The issuers whose tokens are believed, as configuration names them."""

from collections.abc import Mapping
from typing import Any

from msgspec import field

from reference.toml_table import NameSet, Number, Text, TOMLTable, validated
from reference.web_addresses import address_fault

SIGNATURES = frozenset({"ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "Ed25519"})
"""Algorithms an issuer may be allowed. All are asymmetric: a published key must never be a shared secret."""


class ClaimsMapper(TOMLTable, frozen=True):
    """Where an issuer's tokens say who asks.

    `person`: the claim with the citizen number, None for an issuer that may not speak for citizens.
    `levels`: assurance level by value of the claim `assurance`; any other value is level 0.
    """

    client: Text = "client_id"
    person: Text | None = None
    assurance: Text = "acr"
    levels: Mapping[str, int] = field(default_factory=dict)


class Issuer(TOMLTable, frozen=True):
    """One issuer. Its keys are at `jwks_url` or, where that is None, those in `jwks` (RFC 7517).

    `clients`: whether a token without the claim `person` speaks for its client; where that claim is configured, tokens
    without it are refused unless this says so. An issuer of citizens' applications must not speak for agencies too.
    """

    issuer: Text
    audience: Text
    jwks_url: Text | None = None
    jwks: Mapping[str, Any] | None = None
    algorithms: NameSet = frozenset({"ES256"})
    claims: ClaimsMapper = field(default_factory=ClaimsMapper)
    typ: Text = "at+jwt"
    clients: bool | None = None
    longest_token_s: Number = 3600
    """Seconds from `iat` to `exp` at most: a token that lives longer is refused."""
    stale_keys_s: Number = 3600
    """Seconds that the keys fetched last serve while `jwks_url` does not answer."""
    plain_http_hosts: tuple[Text, ...] = ()
    """Hosts from which keys may be fetched over http; this machine always may."""

    def __post_init__(self) -> None:
        if (self.jwks_url is None) == (self.jwks is None):
            raise ValueError(f"issuer `{self.issuer}`: give either `jwks_url` or `jwks`")
        if self.jwks_url is not None and (fault := address_fault(self.jwks_url, self.plain_http_hosts)):
            raise ValueError(f"issuer `{self.issuer}`: `jwks_url` {fault}")
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
    return validated(Issuer, settings, "an issuer", ValueError)
