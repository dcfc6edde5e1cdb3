"""Global ids and cursors: values sealed so that only the client they were made for can hand them back."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from auth.errors import Refused

Scalar = str | int | float | bool | date | datetime | None
Sealable = str | int | tuple[Scalar, ...]

_TEXT, _INTEGER, _TUPLE = b"s", b"i", b"t"
LONGEST_TOKEN = 8192
"""Characters of the longest token that is handed out, and that is looked at: about 2,000 letters of Vietnamese."""


class Sealer:
    """Seals for one client, deterministically (AES-SIV, RFC 5297): the same value has the same token every time."""

    __slots__ = ("_opening", "_siv")

    def __init__(self, key: bytes, earlier: Sequence[bytes] = ()) -> None:
        """`key`: 32 bytes, this client's own; what `earlier` ones have sealed opens too."""
        self._siv = AESSIV(key)
        self._opening = [self._siv, *map(AESSIV, earlier)]

    def seal(self, kind: str, value: Sealable) -> str:
        """Return `value` as a token in base64url without padding, to be opened as the same `kind` only.

        Raises ValueError for a value so long that the token would not be looked at again.
        """
        sealed = self._siv.encrypt(_packed(value), [kind.encode()])
        token = urlsafe_b64encode(sealed).rstrip(b"=").decode()
        if len(token) > LONGEST_TOKEN:
            raise ValueError(f"a token of {len(token)} characters would not be taken back")
        return token

    def open(self, token: str, kind: str, argument: str = "id") -> Sealable:
        """Return what was sealed; `argument` is how the caller named the token.

        Raises Refused for a token that is garbled, another client's or of another kind; all three look the same.
        """
        try:
            if len(token) > LONGEST_TOKEN:
                raise ValueError
            sealed = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
            # base64 decoding passes over foreign characters: only the one spelling that was handed out is accepted
            if urlsafe_b64encode(sealed).rstrip(b"=") != token.encode("ascii"):
                raise ValueError
            packed = self._decrypted(sealed, kind.encode())
        except (ValueError, binascii.Error, InvalidTag):
            raise Refused(f"`{argument}` is not one of yours") from None
        return _unpacked(packed)

    def _decrypted(self, sealed: bytes, kind: bytes) -> bytes:
        for siv in self._opening:
            with suppress(InvalidTag):
                return siv.decrypt(sealed, [kind])
        raise InvalidTag


def _packed(value: Sealable) -> bytes:
    if isinstance(value, str):
        return _TEXT + value.encode()
    if isinstance(value, tuple):
        return _TUPLE + orjson.dumps([[item.isoformat()] if isinstance(item, date) else item for item in value])
    return _INTEGER + str(value).encode()


def _unpacked(packed: bytes) -> Sealable:
    body = packed[1:]
    match packed[:1]:
        case b"s":
            return body.decode()
        case b"i":
            return int(body)
        case _:
            return tuple(_time(item[0]) if isinstance(item, list) else item for item in orjson.loads(body))


def _time(text: str) -> date:
    return date.fromisoformat(text) if len(text) == len("2026-11-21") else datetime.fromisoformat(text)
