"""The keys that everything secret is made with, all derived from one master secret."""

import hmac
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from auth.sealing import Sealer

MASTER_BYTES = 32
PSEUDONYM_BYTES = 17
_VERSION = b"\x01"
"""Leads every pseudonym, so that those of a later master secret can be told from these."""
_SEALERS_KEPT = 1024

Key = str | int


class Keys:
    """Derives by HKDF-SHA256 (RFC 5869); nothing shows the secrets it holds."""

    def __init__(self, master: bytes) -> None:
        """Raises ValueError unless `master` has 32 bytes."""
        if len(master) != MASTER_BYTES:
            raise ValueError(f"the master secret must have {MASTER_BYTES} bytes, not {len(master)}")
        self._master = master
        self._hmac = hmac.new(self._derived("pseudonym"), digestmod="sha256")
        self.sealer = lru_cache(_SEALERS_KEPT)(self._sealer)
        """The Sealer of a client, from its `client_id`."""

    def pseudonym(self, key: Key) -> bytes:
        """Return the 17 bytes that stand for a person or learner in what we keep: version, then HMAC-SHA256 cut to 16.

        A text and a number of the same digits are different keys.
        """
        keyed = self._hmac.copy()
        keyed.update(b"s" + key.encode() if isinstance(key, str) else b"i%d" % key)
        return _VERSION + keyed.digest()[:16]

    def _sealer(self, client_id: str) -> Sealer:
        return Sealer(self._derived(f"seal:{client_id}"))

    def _derived(self, purpose: str) -> bytes:
        return HKDF(SHA256(), length=32, salt=None, info=f"lienthong/1/{purpose}".encode()).derive(self._master)
