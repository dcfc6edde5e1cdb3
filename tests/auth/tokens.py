"""Tokens of an issuer of our own, right and wrong in every way."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey

from auth.authentication.issuers import ClaimsMapper, Issuer

ISSUER, AUDIENCE = "https://issuer.example", "lienthong"
NUMBER = "001099012345"
NOW = 1_795_000_000
"""When the tokens here are looked at, in seconds since 1970."""
KEY = ECKey.generate_key("P-256", parameters={"kid": "first"})


def jwks(*keys: ECKey) -> dict[str, Any]:
    return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": "ES256"} for key in keys]}


def issuer(jwks_url: str | None = None, person: str | None = "citizen_id", clients: bool | None = True) -> Issuer:
    return Issuer(
        issuer=ISSUER,
        audience=AUDIENCE,
        jwks_url=jwks_url,
        jwks=jwks(KEY) if jwks_url is None else None,
        claims=ClaimsMapper(person=person, levels={"vneid:1": 1, "vneid:2": 2}),
        clients=clients,
    )


def claims(**changed: Any) -> dict[str, Any]:
    """Return a client's claims with some changed; None leaves one out."""
    about = {"iss": ISSUER, "aud": AUDIENCE, "sub": "s", "client_id": "school", "jti": "t"}
    whole = {**about, "iat": NOW, "nbf": NOW, "exp": NOW + 60, **changed}
    return {name: value for name, value in whole.items() if value is not None}


def signed(content: Mapping[str, Any], key: ECKey = KEY, **header: Any) -> str:
    whole = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid, **header}
    return jwt.encode({name: value for name, value in whole.items() if value is not None}, dict(content), key)


def unsigned(header: object, content: object, signature: str = "") -> str:
    return ".".join(
        (*(urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=").decode() for part in (header, content)), signature)
    )
