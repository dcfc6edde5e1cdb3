"""Free text at rest: AES-SIV with a nonce (RFC 5297 section 3), bound to its row."""

import os
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from auth.crypto.keys import Keys

NONCE_BYTES = 16


class WordsUnreadable(Exception):
    """What is stored was changed, moved to another row, or sealed under a master secret that is gone."""


class SealedWords:
    """Seals under the master secret in use; what earlier ones have sealed opens too."""

    def __init__(self, keys: Keys, about: str) -> None:
        """`about` names what the words are: each has keys of its own."""
        self._ciphers = [AESSIV(key) for key in keys.words_keys(about)]

    def seal(self, words: str, row: bytes) -> bytes:
        """Return the words sealed for the row, otherwise each time."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(words.encode(), [row, nonce])

    def open(self, sealed: bytes, row: bytes) -> str:
        """Raises WordsUnreadable."""
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        for cipher in self._ciphers:
            with suppress(InvalidTag):
                return cipher.decrypt(body, [row, nonce]).decode()
        raise WordsUnreadable("words cannot be opened")
