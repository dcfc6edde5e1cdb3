"""Free words at rest: AES-SIV with a nonce (RFC 5297 section 3), bound to the row that they stand in."""

import os
from contextlib import suppress
from unicodedata import normalize

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from auth.keys import Keys

_NONCE_BYTES = 16


class Unreadable(Exception):
    """What is stored was changed, moved to another row, or sealed under a master secret that is gone."""


class SealedWords:
    """Seals under the master secret in use; what earlier ones have sealed opens too."""

    def __init__(self, keys: Keys, about: str) -> None:
        """`about` names what the words are: each has keys of its own."""
        self._ciphers = [AESSIV(key) for key in keys.words_keys(about)]

    def seal(self, words: str, bound_to: str) -> bytes:
        """Return the words in NFC, sealed for the row, otherwise each time."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(normalize("NFC", words).encode(), [bound_to.encode(), nonce])

    def open(self, sealed: bytes, bound_to: str) -> str:
        """Raises Unreadable."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        for cipher in self._ciphers:
            with suppress(InvalidTag):
                return cipher.decrypt(body, [bound_to.encode(), nonce]).decode()
        raise Unreadable("words cannot be opened")
