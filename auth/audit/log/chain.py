"""The audit record's chain of hashes, and how to check it without the server.

Every writer (one start of a process, or what follows a failed write) has a chain of its own, numbered from 1. The hash
of an entry is SHA-256 over the previous hash, writer, sequence (8 bytes each, big-endian) and the entry's body.

A body is one JSON object in two lines: what a person whom it concerns may be shown, and what tells of others. Of the
second only the digest is hashed, so that the first can be proved without it. Older bodies are one line, hashed whole.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from hashlib import sha256

import orjson

from auth.crypto.keys import PSEUDONYM_BYTES
from auth.principal import HiddenUse, PrincipalKind

GENESIS = bytes(32)
"""The previous hash of the first entry."""
_SALT_BYTES = 16


class Band(Enum):
    """How many persons and learners an entry concerns, as those are told whom it concerns, and as bodies have it."""

    ONE = "1"
    UP_TO_10 = "2-10"
    UP_TO_100 = "11-100"
    MORE = "101+"


_MOST = ((1, Band.ONE), (10, Band.UP_TO_10), (100, Band.UP_TO_100))


@dataclass(slots=True, eq=False)
class Entry:
    """One operation: who asked, why, what was released and denied, and about whom.

    `released` are schema coordinates; `denied` are coordinate, code and rule. `subjects` are pseudonyms of persons
    and learners. `hidden`: by which law its subjects do not see it, and until when.
    `agreement`: the number of the one that a client asked under.
    """

    at: datetime
    request_id: str
    client_id: str
    principal_kind: PrincipalKind
    purpose: str
    case: str | None
    operation_hash: str
    operation_name: str | None
    released: tuple[str, ...]
    denied: tuple[tuple[str, str, str], ...]
    subjects: Sequence[bytes]
    rows: int
    rules: tuple[str, ...]
    bases: tuple[str, ...]
    latency_us: int
    hidden: HiddenUse | None = None
    agreement: str | None = None
    sought: int = 0
    """How many of the subjects were named, and nothing shown of them, whether they are there or not."""


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """An entry as it is kept; `body` is canonical JSON: keys sorted, no spaces."""

    writer: int
    sequence: int
    body: str
    hash: bytes


def joined(pseudonyms: Iterable[bytes]) -> bytes:
    """Return the distinct pseudonyms in ascending order, one after the other."""
    return b"".join(sorted(set(pseudonyms)))


def body_of(entry: Entry, subjects: bytes) -> bytes:
    """Return the entry's body. It holds the SHA-256 of `subjects`, the joined pseudonyms; the index has themselves.

    The second line has a salt: nobody can guess what it says from its digest.
    """
    band = band_of(len(subjects) // PSEUDONYM_BYTES)
    of_one = {"case": entry.case} if band is Band.ONE and not entry.sought else {}
    of_others = {} if of_one else {"case": entry.case}  # the dossier may be of any of them
    shown = {  # in the order of the keys, or the text would not be canonical
        "agreement": entry.agreement,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "band": band,
        "bases": entry.bases,
        **of_one,
        "client_id": entry.client_id,
        "denied": entry.denied,
        "hidden": entry.hidden,
        "principal_kind": entry.principal_kind.value,
        "purpose": entry.purpose,
        "released": entry.released,
        "request_id": entry.request_id,
        "rules": entry.rules,
    }
    withheld = {
        **of_others,
        "latency_us": entry.latency_us,
        "operation_hash": entry.operation_hash,
        "operation_name": entry.operation_name,
        "rows": entry.rows,
        "salt": os.urandom(_SALT_BYTES).hex(),
        "subjects": sha256(subjects).hexdigest(),
    }
    return orjson.dumps(shown)[:-1] + b"\n," + orjson.dumps(withheld)[1:]


def band_of(subjects: int) -> Band | None:
    """Return about how many subjects there are, None where there are none."""
    if not subjects:
        return None
    return next((band for most, band in _MOST if subjects <= most), Band.MORE)


def hash_of(previous: bytes, writer: int, sequence: int, body: bytes) -> bytes:
    first, newline, second = body.partition(b"\n")
    return _hashed(previous, writer, sequence, first + newline + sha256(second).digest() if newline else body)


def parts_of(body: str) -> tuple[str, bytes] | None:
    """Return what a person may be shown of a body, as JSON, and the digest of the rest; None for one of before."""
    first, newline, second = body.partition("\n")
    return (first + "}", sha256(second.encode()).digest()) if newline else None


def hash_of_parts(previous: bytes, writer: int, sequence: int, shown: str, withheld: bytes) -> bytes:
    """Return the hash of the entry of which this may be shown, and the rest has this digest."""
    return _hashed(previous, writer, sequence, shown.removesuffix("}").encode() + b"\n" + withheld)


def _hashed(previous: bytes, writer: int, sequence: int, committed: bytes) -> bytes:
    return sha256(previous + writer.to_bytes(8) + sequence.to_bytes(8) + committed).digest()


def chain_breaks(entries: Iterable[ChainedEntry], previous: bytes = GENESIS, first: int = 1) -> int | None:
    """Return the sequence at which one writer's chain is broken first, None where it is whole.

    `entries` in ascending order, from number `first` on, which follows the hash `previous`. An entry changed, left
    out, put in or moved breaks the chain there; entries missing at its end do not show.
    """
    writer: int | None = None
    expected = first
    for entry in entries:
        writer = entry.writer if writer is None else writer
        if (entry.writer, entry.sequence) != (writer, expected):
            return expected
        if hash_of(previous, writer, expected, entry.body.encode()) != entry.hash:
            return expected
        previous, expected = entry.hash, expected + 1
    return None
