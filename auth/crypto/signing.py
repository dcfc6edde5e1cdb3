"""Signatures that others can check: statements of ours as JWS (RFC 7515) with Ed25519 (RFC 8037, RFC 9864)."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

SEED_BYTES = 32
_ALGORITHM = "Ed25519"


class SignatureInvalid(Exception):
    """A statement is malformed, of another type, or signed by none of the keys given."""


class SigningKey:
    """A private key; nothing shows it."""

    def __init__(self, seed: bytes) -> None:
        """Raises ValueError unless `seed` has 32 bytes."""
        if len(seed) != SEED_BYTES:
            raise ValueError(f"a signing key must have {SEED_BYTES} bytes, not {len(seed)}")
        self._key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))
        self.key_id = self._key.thumbprint()
        """The key's thumbprint (RFC 7638), which each signature names."""

    def signed(self, kind: str, statement: Mapping[str, Any]) -> str:
        """Return the statement as a compact JWS whose `typ` is `kind`."""
        header = {"alg": _ALGORITHM, "kid": self.key_id, "typ": kind}
        payload = orjson.dumps(statement, option=orjson.OPT_SORT_KEYS)
        return jws.serialize_compact(header, payload, self._key, algorithms=[_ALGORITHM])

    def published(self) -> dict[str, Any]:
        """Return the public key as a JWK, to be published in a JWK set."""
        return published_key(str(self._key.as_dict(private=False)["x"]), self.key_id)


def published_key(public_key: str, key_id: str) -> dict[str, Any]:
    """Return a public key, given as its `x`, as a JWK that is published."""
    return {"crv": "Ed25519", "x": public_key, "kty": "OKP", "kid": key_id, "alg": _ALGORITHM, "use": "sig"}


class PublicKeys:
    """The keys that a verifier trusts, by key id."""

    def __init__(self, keys: Iterable[Mapping[str, Any]]) -> None:
        """`keys`: Ed25519 keys as JWK. Raises ValueError for any other; a private key counts by its public half."""
        self._keys: dict[str, OKPKey] = {}
        for key in keys:
            if (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519"):
                raise ValueError("a public key must be a JWK of type `OKP` and curve `Ed25519`")
            try:
                imported = OKPKey.import_key({name: key[name] for name in ("kty", "crv", "x")})
            except (JoseError, KeyError, ValueError):
                raise ValueError("a public key is malformed") from None
            self._keys[imported.thumbprint()] = imported

    @classmethod
    def read(cls, text: bytes) -> "PublicKeys":
        """Return the keys of a JWK set, or of a single JWK; raises ValueError for anything else."""
        held = orjson.loads(text)
        if not isinstance(held, dict):
            raise ValueError("the public key must be a JWK or a JWK set")
        return cls(held.get("keys", [held]))

    def opened(self, kind: str, statement: str) -> dict[str, Any]:
        """Return what was signed as `kind`; raises SignatureInvalid."""
        try:
            key = self._keys[str(jws.extract_compact(statement.encode()).headers().get("kid"))]
            opened = jws.deserialize_compact(statement, key, algorithms=[_ALGORITHM])
            held = orjson.loads(opened.payload)
        except KeyError:
            raise SignatureInvalid("signed by a key that was not given") from None
        except (JoseError, ValueError):
            raise SignatureInvalid("not signed by the key that it names") from None
        if opened.headers().get("typ") != kind or not isinstance(held, dict):
            raise SignatureInvalid(f"not a statement of type `{kind}`")
        return held
