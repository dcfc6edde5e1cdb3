"""The keys that everything secret is made with, all derived from one master secret."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from hashlib import blake2b
from struct import iter_unpack

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from auth.crypto.sealing import Sealer
from auth.principal import PrincipalKind, Recipient

MASTER_BYTES = 32
PSEUDONYM_BYTES = 17
CHECK_BYTES = 16
VERSIONS = 16
"""Master secrets at most, the one in use included."""
_SEALERS_KEPT = 1024
_BLOCK_BYTES = 16  # of AES
_ENDS = ["\x80".ljust(_BLOCK_BYTES - length, "\0") for length in range(_BLOCK_BYTES)]
"""What completes a block, by the length of the message in it."""

Key = str | int


def unlinked_subject(kind: str, key: Key) -> str:
    """Return the key under which a subject of a kind is accounted for while no verified person is known behind it.

    Its own key may have the digits of somebody's citizen number, or of another kind's subject: by itself it would
    stand for them.
    """
    return f"{kind}:{key}"


def learner_subject(sector_code: Key) -> str:
    """Return the key under which a learner is a subject while no verified person is known behind the record."""
    return unlinked_subject("learner", sector_code)


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
        self._pseudonym_key = AES(self._derived("pseudonym"))
        self._operation_key = self._derived("operation")
        self._encrypted = Cipher(self._pseudonym_key, ECB()).encryptor().update  # noqa: S305 - the block cipher itself
        self._of_short = _subkey_of_short(self._encrypted(bytes(_BLOCK_BYTES)))
        self.sealer = lru_cache(_SEALERS_KEPT)(self._sealer)
        """The Sealer of ids for a Recipient."""
        self.kept_subjects = lru_cache(_SEALERS_KEPT)(self._kept_subjects)
        """The Sealer of subjects in rows of our own state about a client, from its `client_id`."""

    def pseudonym(self, key: Key) -> bytes:
        """Return the 17 bytes that stand for a person or learner in what we keep: version, then AES-CMAC (RFC 4493).

        A text and a number of the same digits are different keys.
        """
        made = CMAC(self._pseudonym_key)
        made.update(b"s" + key.encode() if isinstance(key, str) else b"i%d" % key)
        return self._version + made.finalize()

    def pseudonyms_in_use(self, keys: Collection[Key]) -> list[bytes]:
        """Return the pseudonyms in use, in the order of the keys: the same as one by one, at a quarter of the cost.

        The CMAC of a message shorter than a block is one encryption: of the message with a bit and zeros after it,
        combined with a subkey. So all short keys go at once, as the numbers of persons are.
        """
        texts = [f"s{key}" if isinstance(key, str) else f"i{key:d}" for key in keys]
        if max(map(len, texts), default=0) >= _BLOCK_BYTES or not "".join(texts).isascii():
            short = [key for key, text in zip(keys, texts, strict=True) if len(text) < _BLOCK_BYTES and text.isascii()]
            made = dict(zip(short, self.pseudonyms_in_use(short), strict=True))
            return [made.get(key) or self.pseudonym(key) for key in keys]
        blocks = "".join([text + _ENDS[len(text)] for text in texts]).encode("latin-1")
        combined = int.from_bytes(blocks) ^ int.from_bytes(self._of_short * len(texts))
        encrypted = self._encrypted(combined.to_bytes(len(blocks)))
        return [self._version + block for (block,) in iter_unpack(f"{_BLOCK_BYTES}s", encrypted)]

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

    def by_version(self, purpose: str) -> dict[int, bytes]:
        """Return the keys for a purpose, by the version of the master secret that each is derived from."""
        return {keys._version[0]: keys._derived(purpose) for keys in self._lineage}

    def check_values(self) -> list[bytes]:
        """Return what tells each master secret from others, the oldest first: nothing of a secret follows from it."""
        return [keys._derived("check")[:CHECK_BYTES] for keys in reversed(self._lineage)]

    def guard_key(self, what: str) -> bytes:
        """Return the key for what guards count without knowing it: misses, addresses."""
        return self._derived(f"guard:{what}")

    def operation_hash(self, text: str) -> str:
        """Return what the audit record names an operation by: a keyed hash, so nobody else can try what it was of."""
        return blake2b(text.encode(), key=self._operation_key, digest_size=16).hexdigest()

    def words_keys(self, about: str) -> list[bytes]:
        """Return the keys for what persons have written, the one in use first, then those of earlier master secrets."""
        return [keys._derived(f"words:{about}") for keys in self._lineage]

    def _sealer(self, recipient: Recipient) -> Sealer:
        kind, issuer, client_id = recipient
        key, *earlier = (keys._derived_of("ids", kind.value, issuer, client_id) for keys in self._lineage)
        if kind is PrincipalKind.CLIENT:
            earlier += self._of_client_id(client_id)
        return Sealer(key, earlier)

    def _kept_subjects(self, client_id: str) -> Sealer:
        key, *earlier = (keys._derived_of("kept subjects", client_id) for keys in self._lineage)
        return Sealer(key, earlier + self._of_client_id(client_id))

    def _of_client_id(self, client_id: str) -> list[bytes]:
        """Return the keys that ids were once sealed with, by the name of the client alone: agencies still hold such."""
        return [keys._derived(f"seal:{client_id}") for keys in self._lineage]

    def _derived_of(self, purpose: str, *parts: str | None) -> bytes:
        """Return the key of a purpose for these parts, each led by its length so that none runs into the next."""
        encoded = [b"" if part is None else b"+" + part.encode() for part in (purpose, *parts)]
        info = b"".join(len(part).to_bytes(4) + part for part in encoded)
        return HKDF(SHA256(), length=32, salt=None, info=b"lienthong/2/" + info).derive(self._master)

    def _derived(self, purpose: str) -> bytes:
        return HKDF(SHA256(), length=32, salt=None, info=f"lienthong/1/{purpose}".encode()).derive(self._master)


class Pseudonyms(dict[Key, bytes]):
    """The pseudonyms in use, each made when it is first asked for: for one operation, with which they go."""

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self._keys = keys

    def __missing__(self, key: Key) -> bytes:
        pseudonym = self[key] = self._keys.pseudonym(key)
        return pseudonym

    def of(self, keys: Collection[Key]) -> list[bytes]:
        """Return those of the keys, in their order, all that are missing made at once."""
        missing = set(keys).difference(self)
        if missing:
            self.update(zip(missing, self._keys.pseudonyms_in_use(missing), strict=True))
        return list(map(self.__getitem__, keys))


def _subkey_of_short(encrypted_zeros: bytes) -> bytes:
    """Return the subkey for messages that do not fill a block, K2 of RFC 4493: twice doubled in GF(2^128)."""
    subkey = int.from_bytes(encrypted_zeros)
    for _ in range(2):
        subkey = subkey << 1 ^ (0x87 if subkey >> 127 else 0)
        subkey &= (1 << 128) - 1
    return subkey.to_bytes(_BLOCK_BYTES)
