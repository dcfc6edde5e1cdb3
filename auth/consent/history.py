"""What happened to consents, and the text that was shown: append-only, the evidence that the law asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.consent.terms import Frequency, Party, Period, Terms
from auth.state.engine import reading
from auth.state.sets import among
from auth.state.tables import CONSENT_EVENTS


class EventKind(Enum):
    """What happened."""

    GIVEN = "given"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Shown:
    """The text that a person was shown before deciding, and its language ("vi" or "en")."""

    language: str
    text: str

    @property
    def digest(self) -> str:
        """The SHA-256 of the text in UTF-8, in hexadecimal."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Event:
    """One decision of one party. `shown` is None for a withdrawal, which takes no text."""

    consent: int
    version: int
    at: datetime
    kind: EventKind
    party: Party
    terms: Terms
    shown: Shown | None


async def append(connection: AsyncConnection, event: Event, by: bytes) -> None:
    """Add an event, `by` being the pseudonym of who decided, in the transaction that does what it tells."""
    terms = event.terms
    values = {
        "consent": event.consent,
        "version": event.version,
        "at": event.at,
        "kind": event.kind.value,
        "party": event.party.value,
        "by": by,
        **stored_limits(terms),
        "categories": sorted(terms.categories),
        "valid_to": terms.valid_to,
        "language": event.shown and event.shown.language,
        "notice": event.shown and event.shown.text,
    }
    await connection.execute(insert(CONSENT_EVENTS).values(values))


async def histories(engine: AsyncEngine, consents: Sequence[tuple[int, Terms]]) -> dict[int, list[Event]]:
    """Return what happened to each consent, by its id, in order. The recipient and purpose are those of its terms."""
    terms_by_id = dict(consents)
    if not terms_by_id:
        return {}
    of_these = among(CONSENT_EVENTS.c.consent, list(terms_by_id), engine.dialect)
    statement = select(CONSENT_EVENTS).where(of_these).order_by(CONSENT_EVENTS.c.id)
    events: dict[int, list[Event]] = {number: [] for number in terms_by_id}
    async with reading(engine) as connection:
        for row in await connection.execute(statement):
            of_consent = terms_by_id[row.consent]
            events[row.consent].append(_event(row, of_consent.client_id, of_consent.purpose))
    return events


def _event(row: Row[Any], client_id: str, purpose: str) -> Event:
    return Event(
        consent=row.consent,
        version=row.version,
        at=row.at,
        kind=EventKind(row.kind),
        party=Party(row.party),
        terms=terms_of(row, client_id, purpose),
        shown=None if row.notice is None else Shown(row.language, row.notice),
    )


def stored_limits(terms: Terms) -> dict[str, Any]:
    """Return the columns that say how often and how long."""
    frequency = terms.frequency
    return {
        "reads": frequency and frequency.reads,
        "period": frequency and frequency.period.value,
        "data_life_days": terms.data_life_days,
    }


def terms_of(row: Row[Any], client_id: str, purpose: str) -> Terms:
    """Return the terms that a row of any of the three tables holds."""
    frequency = None if row.reads is None else Frequency(row.reads, Period(row.period))
    return Terms(client_id, purpose, frozenset(row.categories), row.valid_to, frequency, row.data_life_days)
