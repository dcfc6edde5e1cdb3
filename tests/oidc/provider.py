"""The OpenID provider as tests see it: where it is, tokens from it, and its change of signing key."""

import contextlib
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.installation import OPENID_FOLDER, OPENID_SOURCE, NotInstalled, installed
from tests.servers import LOOPBACK, free_port, running, temporary_folder

CLIENT_IDS = ("dept-hanoi", "school", "exam-office", "university", "employer", "police")


@dataclass(frozen=True)
class OpenIdProvider:
    """A running provider and the private keys of the clients registered there."""

    issuer: str
    key_by_client_id: Mapping[str, ECKey]

    @property
    def jwks_url(self) -> str:
        return f"{self.issuer}/jwks"

    def token(self, client_id: str, audience: str) -> str:
        """Return a JWT access token (RFC 9068) by client credentials with private_key_jwt (RFC 7523)."""
        form = {
            "grant_type": "client_credentials",
            "resource": f"urn:audience:{audience}",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self._assertion(client_id),
        }
        answer = httpx2.post(f"{self.issuer}/token", data=form)
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token

    def add_signing_key(self) -> None:
        """Sign with a new key from now on; earlier keys stay published."""
        httpx2.post(f"{self.issuer}/control/keys").raise_for_status()

    def is_ready(self) -> bool:
        with contextlib.suppress(httpx2.TransportError):
            return httpx2.get(self.jwks_url).is_success
        return False

    def _assertion(self, client_id: str) -> str:
        now = int(time.time())
        claims = {"iss": client_id, "sub": client_id, "aud": self.issuer, "jti": secrets.token_hex(16)}
        return jwt.encode({"alg": "ES256"}, {**claims, "iat": now, "exp": now + 60}, self.key_by_client_id[client_id])


@contextlib.contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    if not (OPENID_FOLDER / "installed.sha256").exists():
        raise NotInstalled("the OpenID provider is not installed: run `./lienthong test`")
    keys = {client_id: ECKey.generate_key("P-256") for client_id in CLIENT_IDS}
    port = free_port()
    provider = OpenIdProvider(f"http://{LOOPBACK}:{port}", keys)
    with temporary_folder() as folder:
        clients = folder / "clients.json"
        clients.write_text(json.dumps([_registration(client_id, key) for client_id, key in keys.items()]))
        command = [installed("node"), str(OPENID_SOURCE / "provider.mjs"), str(port), str(clients)]
        with running(command, provider.is_ready, folder, workplace=OPENID_FOLDER):
            yield provider


def _registration(client_id: str, key: ECKey) -> dict[str, object]:
    public = {**key.as_dict(private=False), "alg": "ES256", "use": "sig"}
    return {"client_id": client_id, "jwks": {"keys": [public]}}
