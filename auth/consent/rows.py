"""Rows of consents: how they are opened, locked and read."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.consent.history import stored_limits, terms_of
from auth.consent.terms import ADULT_FROM, OWN_VOICE_FROM, Party, StoredConsent, Terms, birthday, needed_on
from auth.state.tables import CONSENTS
from reference.vietnam_time import day_of

AGREED_AT = {Party.SUBJECT: "subject_agreed_at", Party.GUARDIAN: "guardian_agreed_at"}


async def opened(
    connection: AsyncConnection, pseudonym: bytes, born: date, terms: Terms, at: datetime, recipient_subject: str
) -> Row[Any]:
    """Add a consent to which nobody has agreed yet."""
    day = day_of(at)
    needed = needed_on(born, day)
    minor = Party.GUARDIAN in needed
    statement = insert(CONSENTS).values(
        subject=pseudonym,
        client_id=terms.client_id,
        purpose=terms.purpose,
        categories=sorted(terms.categories),
        valid_to=terms.valid_to,
        **stored_limits(terms),
        given_at=at,
        version=1,
        needs_subject=Party.SUBJECT in needed,
        needs_guardian=minor,
        own_voice_on=None if Party.SUBJECT in needed else birthday(born, OWN_VOICE_FROM),
        lapses_on=birthday(born, ADULT_FROM) if minor else None,
        recipient_subject=recipient_subject or None,
    )
    row: Row[Any] = (await connection.execute(statement.returning(CONSENTS))).one()
    return row


def consent_of(row: Row[Any]) -> StoredConsent:
    """Return the consent as the row has it."""
    return StoredConsent(
        id=row.id,
        version=row.version,
        terms=terms_of(row, row.client_id, row.purpose),
        given_at=row.given_at,
        needs=frozenset(
            party
            for party, needed in ((Party.SUBJECT, row.needs_subject), (Party.GUARDIAN, row.needs_guardian))
            if needed
        ),
        agreed_at={party: row._mapping[name] for party, name in AGREED_AT.items() if row._mapping[name] is not None},
        withdrawn_at=row.withdrawn_at,
        own_voice_on=row.own_voice_on,
        lapses_on=row.lapses_on,
        recipient_subject=row.recipient_subject,
    )
