"""Stored entries, and the check that a process of ours wrote them unchanged.

Whatever reads the record reads it through here: what was put in, changed or moved by others is never shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
import structlog
from sqlalchemy import Column, Row

from auth.crypto.audit_keys import Origin, RecordKeys
from auth.crypto.keys import PSEUDONYM_BYTES
from auth.state.tables import AUDIT_ENTRIES

CHECKED: Sequence[Column[Any]] = (
    AUDIT_ENTRIES.c.writer,
    AUDIT_ENTRIES.c.sequence,
    AUDIT_ENTRIES.c.body,
    AUDIT_ENTRIES.c.hash,
    AUDIT_ENTRIES.c.tag,
    AUDIT_ENTRIES.c.at,
    AUDIT_ENTRIES.c.client_id,
    AUDIT_ENTRIES.c.purpose,
)
"""The columns that `kept` looks at."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry of ours; `stated` is what its body says."""

    body: str
    stated: Mapping[str, Any]
    origin: Origin

    def concerns(self, subjects: bytes | None, pseudonyms: Iterable[bytes]) -> bool:
        """Tell whether the entry is about one of the pseudonyms; `subjects` are all of its own, as they are kept."""
        if subjects is None or sha256(subjects).hexdigest() != self.stated["subjects"]:
            return False
        own = {subjects[start : start + PSEUDONYM_BYTES] for start in range(0, len(subjects), PSEUDONYM_BYTES)}
        return not own.isdisjoint(pseudonyms)


def kept(keys: RecordKeys, row: Row[Any]) -> Kept | None:
    """Return the entry in a row of the columns CHECKED; None if its tag is not ours."""
    if row.body is None:
        return None
    origin = keys.origin(row.writer, row.sequence, row.hash, row.body.encode(), row.tag)
    if origin is None:
        return None
    stated = orjson.loads(row.body)
    return None if contradicts(stated, row) else Kept(row.body, stated, origin)


def contradicts(stated: Mapping[str, Any], row: Row[Any]) -> bool:
    """Tell whether an entry is searched by another time, client or purpose than its body states."""
    searched_by = row.at, row.client_id, row.purpose
    return (datetime.fromisoformat(stated["at"]), stated["client_id"], stated["purpose"]) != searched_by


def tell_foreign(places: Sequence[tuple[int, int]], reading: str) -> None:
    """Raise the alarm for entries, by writer and sequence, that are not ours or not as they were written."""
    if places:
        writer, entry = places[0]
        _log.error(
            "audit entries not ours", alarm=True, reading=reading, entries=len(places), writer=writer, entry=entry
        )


def tell_misindexed(places: Sequence[tuple[int, int]], reading: str) -> None:
    """Raise the alarm for entries, by writer and sequence, of which the index says what they do not say."""
    if places:
        writer, entry = places[0]
        _log.error(
            "audit index not as entries say",
            alarm=True,
            reading=reading,
            entries=len(places),
            writer=writer,
            entry=entry,
        )
