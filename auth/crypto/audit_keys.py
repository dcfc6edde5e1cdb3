"""The keys of the audit record, none of which the database holds: who may write to our state can forge neither.

A *tag* shows that a process of ours wrote an entry: BLAKE2b with a key (RFC 7693), 16 bytes, the key derived from the
master secret, over writer, sequence, hash and body. The hash covers the previous one, the body the digest of all
subjects, so an entry given to another writer, place or person has no tag that holds. The first byte is the version of
the master secret; its highest bit marks an entry that was recorded before there were tags, found under a signed root.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from hashlib import blake2b
from hmac import compare_digest
from typing import Any

from auth.crypto.keys import Keys
from auth.crypto.signing import PublicKeys, SigningKey

TAG_BYTES = 17
_EARLIER, _NOTE = 0x80, 0x40


class Origin(Enum):
    """How an entry is known to be ours."""

    WRITER = "tagged by the process that wrote it"
    EARLIER = "recorded before entries were tagged, found under a signed root"


class RecordKeys:
    """What entries are tagged and roots are signed with, and what both are checked with. Nothing shows the secrets."""

    def __init__(
        self, keys: Keys, signing: SigningKey | None = None, signed_before: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        """Roots are signed with `signing`, or with a key derived from the master secret where there is none.

        `signed_before`: public keys that have signed for us, as JWK.
        """
        derived = [SigningKey(master.signing_seed()) for master in (keys, *keys.earlier)]
        self.signing = signing or derived[0]
        own = {key.key_id: key.published() for key in (self.signing, *derived)}
        self._published = {self.signing.key_id: {}, **{str(key["kid"]): dict(key) for key in signed_before}, **own}
        self.public = PublicKeys(self._published.values())
        self._key_by_version = keys.by_version("audit entry")
        self._vouching_key_by_version = keys.by_version("public key")
        self.version = max(self._key_by_version)
        """The version of the master secret in use."""

    def published(self) -> list[dict[str, Any]]:
        """Return the public keys as JWK, the one in use first."""
        return list(self._published.values())

    def tag(self, writer: int, sequence: int, entry_hash: bytes, body: bytes, origin: Origin = Origin.WRITER) -> bytes:
        """Return the tag of an entry: 17 bytes."""
        version = self.version | _EARLIER if origin is Origin.EARLIER else self.version
        return _tag(self._key_by_version[self.version], version, writer, sequence, entry_hash, body)

    def origin(self, writer: int, sequence: int, entry_hash: bytes, body: bytes, tag: bytes | None) -> Origin | None:
        """Return how the entry is known to be ours, None where it is not."""
        if tag is None or len(tag) != TAG_BYTES:
            return None
        key = self._key_by_version.get(tag[0] & ~_EARLIER)
        if key is None or not compare_digest(tag, _tag(key, tag[0], writer, sequence, entry_hash, body)):
            return None
        return Origin.EARLIER if tag[0] & _EARLIER else Origin.WRITER

    def vouch(self, public_key: str) -> bytes:
        """Return the tag of a public key that signs for us."""
        led = self.version.to_bytes()
        key = self._vouching_key_by_version[self.version]
        return led + _mac(key, public_key.encode())

    def vouched(self, public_key: str, tag: bytes) -> bool:
        """Tell whether the public key is one that has signed for us."""
        key = self._vouching_key_by_version.get(tag[0]) if len(tag) == TAG_BYTES else None
        if key is None:
            return False
        return compare_digest(tag[1:], _mac(key, public_key.encode()))

    def note_tag(self, place: bytes, body: bytes) -> bytes:
        """Return the tag of what a change says of itself (auth/audit/writing/outbox.py): no entry has one like it."""
        led = (self.version | _NOTE).to_bytes()
        return led + _mac(self._key_by_version[self.version], led + place + body)

    def is_note(self, place: bytes, body: bytes, tag: bytes) -> bool:
        """Tell whether a process of ours has left the note at this place."""
        key = self._key_by_version.get(tag[0] & ~_NOTE) if len(tag) == TAG_BYTES and tag[0] & _NOTE else None
        if key is None:
            return False
        return compare_digest(tag[1:], _mac(key, tag[:1] + place + body))


def _tag(key: bytes, version: int, writer: int, sequence: int, entry_hash: bytes, body: bytes) -> bytes:
    led = version.to_bytes()
    # all before the body have a fixed length, so no other entry is the same message
    message = led + writer.to_bytes(8) + sequence.to_bytes(8) + entry_hash + body
    return led + _mac(key, message)


def _mac(key: bytes, message: bytes) -> bytes:
    return blake2b(message, digest_size=TAG_BYTES - 1, key=key).digest()
