"""What citizens write, encrypted at rest: AES-SIV with a nonce (RFC 5297 section 3), bound to whom it is about."""

import os
from collections.abc import Sequence
from contextlib import suppress

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from auth.keys import Keys
from auth.rights_terms import Words

NONCE_BYTES = 16


class WordsUnreadable(Exception):
    """What is stored was changed, moved to another request, or sealed under a master secret that is gone."""


class WordsBox:
    """Seals and opens words under the master secret in use; what earlier ones have sealed opens too."""

    def __init__(self, keys: Keys) -> None:
        self._ciphers = [AESSIV(key) for key in keys.words_keys("rights")]

    def seal(self, words: Words, subject: bytes) -> bytes:
        """Return the words sealed for the row of this pseudonym, otherwise each time."""
        nonce = os.urandom(NONCE_BYTES)
        packed = orjson.dumps([words.person, words.record, words.text, words.proposed])
        return nonce + self._ciphers[0].encrypt(packed, [subject, nonce])

    def open(self, sealed: bytes, subject: bytes) -> Words:
        """Raises WordsUnreadable."""
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        person, (kind, key), text, proposed = orjson.loads(self._decrypted(body, [subject, nonce]))
        return Words(person, (kind, key), text, proposed)

    def _decrypted(self, body: bytes, bound_to: Sequence[bytes]) -> bytes:
        for cipher in self._ciphers:
            with suppress(InvalidTag):
                return cipher.decrypt(body, list(bound_to))
        raise WordsUnreadable("the words of a request cannot be opened")
