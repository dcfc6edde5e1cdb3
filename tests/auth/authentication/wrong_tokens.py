"""Tokens that are wrong in one respect each, by the reason for which they must be refused."""

from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey

from tests.auth.tokens import KEY, NOW, claims, signed, unsigned

_STRANGER = ECKey.generate_key("P-256", parameters={"kid": "first"})
_HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": "first"}


def signed_with_empty_crit() -> str:
    """Return a token whose signature is right over a header that the standard forbids."""
    signing = ECDSA(SHA256())
    head = unsigned({**_HEADER, "crit": []}, claims()).removesuffix(".")
    r, s = decode_dss_signature(KEY.get_op_key("sign").sign(head.encode(), signing))
    signature = urlsafe_b64encode(r.to_bytes(32) + s.to_bytes(32)).rstrip(b"=").decode()
    return f"{head}.{signature}"


_BY_REASON = {
    "the token has expired": {"expired": signed(claims(exp=NOW - 11))},
    "the token lacks a claim that is required": {
        "without end": signed(claims(exp=None)),
        "for no audience": signed(claims(aud=None)),
        "without client": signed(claims(client_id=None)),
        "without the time it was issued": signed(claims(iat=None)),
        "without subject": signed(claims(sub=None)),
        "without an id of its own": signed(claims(jti=None)),
    },
    "the token's claim `exp` is not as required": {"with an end that is no number": signed(claims(exp="tomorrow"))},
    "the token's claim `nbf` is not as required": {"of tomorrow": signed(claims(nbf=NOW + 3600))},
    "the token's claim `iat` is not as required": {"issued tomorrow": signed(claims(iat=NOW + 3600))},
    "the token's claim `aud` is not as required": {"for another audience": signed(claims(aud="elsewhere"))},
    "the token's claim `client_id` is not as required": {
        "with a client that is no text": signed(claims(client_id=7)),
        "with a client whose name holds a NUL": signed(claims(client_id="school\0")),
        "with a client whose name is too long": signed(claims(client_id="s" * 256)),
    },
    "the token's claim `jti` is not as required": {"with an id that is no text": signed(claims(jti=["t"]))},
    "the token's claim `sub` is not as required": {"with a subject that is no text": signed(claims(sub=7))},
    "the token lives for more than 3600 seconds": {"good for a day": signed(claims(exp=NOW + 86_400))},
    "the token is bound to a key by `cnf`, and none was proven: it is no bearer token": {
        "bound to a key": signed(claims(cnf={"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})),
        "bound to nothing": signed(claims(cnf={})),
    },
    "the token's claim `citizen_id` is not a citizen number": {
        "with a number of letters": signed(claims(citizen_id="x" * 12)),
        "with a number too short": signed(claims(citizen_id="00109901234")),
    },
    "the token's issuer is not known here": {
        "of another issuer": signed(claims(iss="https://other.example")),
        "of no issuer": signed(claims(iss=None)),
    },
    "the token's `typ` must be `at+jwt`": {
        "an id token": signed(claims(), typ="JWT"),
        "without typ": unsigned({"alg": "ES256", "kid": "first"}, claims(), "AA"),
    },
    "the token's signature is wrong": {
        "signed by a stranger": signed(claims(), _STRANGER),
        "with a short signature": unsigned(_HEADER, claims(), "AA"),
    },
    "the token is signed with a key that its issuer does not publish": {
        "signed with an unknown key": signed(claims(), KEY, kid="second"),
    },
    "the token names no key: `kid` is missing": {
        "without kid": unsigned({"alg": "ES256", "typ": "at+jwt"}, claims(), "AA"),
    },
    "the token's `alg` is not one its issuer may use": {
        "unsigned": unsigned({**_HEADER, "alg": "none"}, claims()),
        "of another algorithm": unsigned({**_HEADER, "alg": "HS256"}, claims(), "AA"),
        "of a strange algorithm": unsigned({**_HEADER, "alg": ["ES256"]}, claims(), "AA"),
    },
    "the token's `crit` asks for what is not understood here": {
        "with a critical unknown": unsigned({**_HEADER, "crit": ["x"], "x": 1}, claims(), "AA"),
        "with an empty list of critical parameters": signed_with_empty_crit(),
    },
    "the token is malformed": {
        "of one part": "abc",
        "of text parts": "a.b.c",
        "of lists": unsigned([], []),
    },
}
WRONG = {name: (token, reason) for reason, tokens in _BY_REASON.items() for name, token in tokens.items()}
