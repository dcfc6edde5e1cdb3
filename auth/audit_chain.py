"""The audit record's chain of hashes, and how to check it without the server.

Every writer (one start of a process, or what follows a failed write) has a chain of its own, numbered from 1. The hash
of an entry is SHA-256 over the previous hash, writer, sequence (8 bytes each, big-endian) and the entry's body.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import orjson

from auth.keys import Key
from auth.principal import PrincipalKind

GENESIS = bytes(32)
"""What stands for the previous hash before the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation: who asked, why, what was released and denied, and about whom.

    `released` are schema coordinates; `denied` are coordinate, code and rule. `subjects` are keys of persons and
    learners: only their pseudonyms are written.
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
    subjects: tuple[Key, ...]
    rows: int
    rules: tuple[str, ...]
    bases: tuple[str, ...]
    latency_us: int


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
    """Return the entry's body. It holds the SHA-256 of `subjects`, the joined pseudonyms; the index has themselves."""
    return orjson.dumps(
        {
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "bases": entry.bases,
            "case": entry.case,
            "client_id": entry.client_id,
            "denied": entry.denied,
            "latency_us": entry.latency_us,
            "operation_hash": entry.operation_hash,
            "operation_name": entry.operation_name,
            "principal_kind": entry.principal_kind.value,
            "purpose": entry.purpose,
            "released": entry.released,
            "request_id": entry.request_id,
            "rows": entry.rows,
            "rules": entry.rules,
            "subjects": sha256(subjects).hexdigest(),
        },
        option=orjson.OPT_SORT_KEYS,
    )


def hash_of(previous: bytes, writer: int, sequence: int, body: bytes) -> bytes:
    return sha256(previous + writer.to_bytes(8) + sequence.to_bytes(8) + body).digest()


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
