"""The sandbox's issuer: signs tokens for personas with a key of its own. It exists in sandbox mode only."""

import contextlib
import os
import secrets
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.personas import PERSONAS, Persona

ISSUER = "urn:lienthong:sandbox"
AUDIENCE = "lienthong"
LIFETIME_S = 3600
_KEY_FILE = "sandbox-issuer.jwk"
_LARGEST_REQUEST = 4096


class UnknownPersona(Exception):
    """There is no persona of that name; the message lists those there are."""


class UnknownPurpose(Exception):
    """The persona has no such purpose; the message lists those it has."""


class SandboxIssuer:
    """One key, made on first use and kept in the data folder."""

    def __init__(self, folder: Path) -> None:
        self._key = ECKey.import_key(orjson.loads(_kept_key(folder)))

    def jwks(self) -> dict[str, Any]:
        """Return the published key set (RFC 7517)."""
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": "ES256"}]}

    def settings(self) -> dict[str, Any]:
        """Return what configuration would say of this issuer, for `auth.authentication.issuers.issuer_of`."""
        return {
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "jwks": self.jwks(),
            "claims": {"person": "citizen_id", "levels": {"vneid:1": 1, "vneid:2": 2}},
            "clients": True,
        }

    def issue(self, persona: Persona, purpose: str | None = None) -> str:
        """Return an access token (RFC 9068) for the persona, good for an hour.

        The purpose is named with each request, not in the token; it is only checked. Raises UnknownPurpose.
        """
        if purpose is not None and purpose not in persona.purposes:
            raise UnknownPurpose(f"`{persona.name}` has no such purpose; it has: {', '.join(persona.purposes)}")
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            # a pseudonym: the subject of a token may end up in a log, a citizen number must not
            "sub": f"persona:{persona.name}",
            "client_id": persona.client_id,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_S,
            "jti": secrets.token_hex(16),
        }
        if persona.person_key is not None:
            claims |= {"citizen_id": persona.person_key, "acr": f"vneid:{persona.assurance}"}
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": self._key.kid}, claims, self._key)

    def routes(self) -> list[Route]:
        """Return `GET /sandbox/jwks.json` and `POST /sandbox/token`."""
        return [
            Route("/sandbox/jwks.json", self._answer_jwks, methods=["GET"]),
            Route("/sandbox/token", self._answer_token, methods=["POST"]),
        ]

    async def _answer_jwks(self, _request: Request) -> Response:
        return JSONResponse(self.jwks())

    async def _answer_token(self, request: Request) -> Response:
        try:
            name, purpose = _asked(await request.body())
            token = self.issue(persona_named(name), purpose)
        except (UnknownPersona, UnknownPurpose, ValueError) as error:
            return JSONResponse({"error": "invalid_request", "error_description": str(error)}, status_code=400)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_S}
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def persona_named(name: str) -> Persona:
    """Raises UnknownPersona."""
    persona = PERSONAS.get(name)
    if persona is None:
        raise UnknownPersona(f"no such persona; there are: {', '.join(PERSONAS)}")
    return persona


def _asked(body: bytes) -> tuple[str, str | None]:
    """Return the persona and purpose that a request names; raises ValueError."""
    if len(body) > _LARGEST_REQUEST:
        raise ValueError(f"the request must have at most {_LARGEST_REQUEST} bytes")
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ValueError("the request must be JSON") from None
    persona = asked.get("persona") if isinstance(asked, dict) else None
    if not isinstance(persona, str):
        raise ValueError("the request must be an object with the name of a `persona`")
    purpose = asked.get("purpose")
    if not (purpose is None or isinstance(purpose, str)):
        raise ValueError("`purpose` must be a string")
    return persona, purpose


def _kept_key(folder: Path) -> bytes:
    """Return the private key in the folder, made if there is none; all who start at once get the same."""
    path = folder / _KEY_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        key = ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True)
        with tempfile.NamedTemporaryFile(dir=folder) as complete:  # readable by its owner only
            complete.write(orjson.dumps(key))
            complete.flush()
            with contextlib.suppress(FileExistsError):
                os.link(complete.name, path)
    return path.read_bytes()
