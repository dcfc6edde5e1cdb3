"""A statement opens with the public key alone, as the type it was signed as, and not once a character has changed."""

import orjson
import pytest

from auth.crypto.signing import PublicKeys, SignatureInvalid, SigningKey

KEY, OTHER = SigningKey(bytes(32)), SigningKey(bytes(range(32)))
STATEMENT = {"number": 1, "head": "ab"}
SIGNED = KEY.signed("a-root+jws", STATEMENT)
PUBLISHED = PublicKeys([OTHER.published(), KEY.published()])


def test_a_statement_opens_with_the_published_key() -> None:
    assert PUBLISHED.opened("a-root+jws", SIGNED) == STATEMENT
    assert SigningKey(bytes(32)).signed("a-root+jws", STATEMENT) == SIGNED


def test_the_published_key_holds_nothing_secret() -> None:
    assert KEY.published() == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik",  # the public key of the seed of zeros
        "kid": KEY.key_id,
        "alg": "Ed25519",
        "use": "sig",
    }


@pytest.mark.parametrize(
    "text", [orjson.dumps(KEY.published()), orjson.dumps({"keys": [OTHER.published(), KEY.published()]})]
)
def test_a_key_is_read_alone_or_in_a_set(text: bytes) -> None:
    assert PublicKeys.read(text).opened("a-root+jws", SIGNED) == STATEMENT


def test_no_changed_character_goes_unnoticed() -> None:
    for place, character in enumerate(SIGNED):
        changed = SIGNED[:place] + ("A" if character != "A" else "Q") + SIGNED[place + 1 :]
        with pytest.raises(SignatureInvalid):
            PUBLISHED.opened("a-root+jws", changed)


@pytest.mark.parametrize(
    ("kind", "statement", "message"),
    [
        ("a-receipt+jws", SIGNED, "not a statement of type `a-receipt\\+jws`"),
        ("a-root+jws", SigningKey(b"x" * 32).signed("a-root+jws", STATEMENT), "signed by a key that was not given"),
        ("a-root+jws", "", "not signed by the key"),
        ("a-root+jws", "a.b", "not signed by the key"),
        ("a-root+jws", "chữ ký", "not signed by the key"),
    ],
)
def test_anything_else_is_not_signed(kind: str, statement: str, message: str) -> None:
    with pytest.raises(SignatureInvalid, match=message):
        PUBLISHED.opened(kind, statement)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys":[{"kty":"EC"}]}',
        b'{"kty":"OKP","crv":"Ed25519"}',
        b'{"kty":"OKP","crv":"Ed25519","x":"AA"}',
    ],
)
def test_what_is_no_key_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        PublicKeys.read(text)


def test_a_signing_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="must have 32 bytes, not 3"):
        SigningKey(b"abc")
