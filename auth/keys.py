"""The keys that everything secret is made with, all derived from one master secret."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from auth.sealing import Sealer

MASTER_BYTES = 32
PSEUDONYM_BYTES = 17
VERSIONS = 16
"""Master secrets at most, the one in use included."""
_SEALERS_KEPT = 1024
_BLOCK_BYTES = 64  # of SHA-256
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))

Key = str | int


class Keys:
    """Derives by HKDF-SHA256 (RFC 5869); nothing shows the secrets it holds.

    The master secret in use has a version, which leads every pseudonym made with it: 1 for the first, one more for each
    that it has replaced. What earlier ones have made is still found and opened.
    """

    def __init__(self, master: bytes, earlier: Sequence[bytes] = ()) -> None:
        """`earlier`: the master secrets used before, the oldest first. Raises ValueError unless all have 32 bytes."""
        if len(master) != MASTER_BYTES:
            raise ValueError(f"the master secret must have {MASTER_BYTES} bytes, not {len(master)}")
        if master in earlier or len(earlier) >= VERSIONS:
            raise ValueError(f"master secrets must differ and be at most {VERSIONS}")
        self._master = master
        before = Keys(earlier[-1], earlier[:-1]) if earlier else None
        self._lineage: tuple[Keys, ...] = (self, *(before._lineage if before else ()))
        self._version = bytes([len(earlier) + 1])
        key = self._derived("pseudonym").ljust(_BLOCK_BYTES, b"\0")
        # HMAC is two hashes of which each begins with a padded key (RFC 2104): hashed once here, copied for each key
        self._inner = sha256(key.translate(_INNER)).copy
        self._outer = sha256(key.translate(_OUTER)).copy
        self.sealer = lru_cache(_SEALERS_KEPT)(self._sealer)
        """The Sealer of a client, from its `client_id`."""

    def pseudonym(self, key: Key) -> bytes:
        """Return the 17 bytes that stand for a person or learner in what we keep: version, then HMAC-SHA256 cut to 16.

        A text and a number of the same digits are different keys.
        """
        inner, outer = self._inner(), self._outer()
        inner.update(b"s" + key.encode() if isinstance(key, str) else b"i%d" % key)
        outer.update(inner.digest())
        return self._version + outer.digest()[:16]

    @property
    def earlier(self) -> tuple["Keys", ...]:
        """The keys of earlier master secrets, the latest first."""
        return self._lineage[1:]

    def pseudonyms(self, key: Key) -> list[bytes]:
        """Return the pseudonym in use, then those that earlier master secrets made: older rows are found by them."""
        return [keys.pseudonym(key) for keys in self._lineage]

    def signing_seed(self) -> bytes:
        """Return the seed of the key that signs where the deployment has named none."""
        return self._derived("sign")

    def words_keys(self, about: str) -> list[bytes]:
        """Return the keys for what persons have written, the one in use first, then those of earlier master secrets."""
        return [keys._derived(f"words:{about}") for keys in self._lineage]

    def _sealer(self, client_id: str) -> Sealer:
        key, *earlier = (keys._derived(f"seal:{client_id}") for keys in self._lineage)
        return Sealer(key, earlier)

    def _derived(self, purpose: str) -> bytes:
        return HKDF(SHA256(), length=32, salt=None, info=f"lienthong/1/{purpose}".encode()).derive(self._master)


class Pseudonyms(dict[Key, bytes]):
    """The pseudonyms in use, each made when it is first asked for: for one operation, with which they go."""

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self._made = keys.pseudonym

    def __missing__(self, key: Key) -> bytes:
        pseudonym = self[key] = self._made(key)
        return pseudonym
