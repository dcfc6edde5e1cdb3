"""Consents: what a person, or whoever speaks for a child, lets one recipient read for one purpose until one day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.writing.outbox import note
from auth.consent.effect import Effect, Guardians
from auth.consent.history import Event, EventKind, Shown, append, histories, stored_limits, terms_of
from auth.consent.requests import ConsentRequests
from auth.consent.rows import AGREED_AT, consent_of, opened
from auth.consent.terms import Party, StoredConsent, Terms, needed_on, party_of
from auth.crypto.keys import Key, Keys
from auth.crypto.signing import SigningKey
from auth.errors import Refused
from auth.state.engine import one_at_a_time, reading, writing
from auth.state.sets import among
from auth.state.tables import CONSENTS
from reference.validity import has_ended
from reference.vietnam_time import day_of

_AGREED = and_(
    or_(CONSENTS.c.needs_subject.is_(False), CONSENTS.c.subject_agreed_at.is_not(None)),
    or_(CONSENTS.c.needs_guardian.is_(False), CONSENTS.c.guardian_agreed_at.is_not(None)),
)


class Consents:
    """The consents of everybody. Nothing is cached and no row is ever deleted: they are the evidence."""

    def __init__(
        self, engine: AsyncEngine, keys: Keys, guardians: Guardians | None = None, signing: SigningKey | None = None
    ) -> None:
        """Without `guardians` a guardian's word counts until the child is of age; `signing` signs receipts."""
        self._engine = engine
        self._keys = keys
        self.requests = ConsentRequests(engine, keys)
        self.signing = signing or SigningKey(keys.signing_seed())
        self.categories_by_subject = Effect(engine, keys, guardians).categories_by_subject
        """What each subject lets a client read for a purpose now."""

    async def grant(
        self, subject: Key, by: Key, born: date, terms: Terms, at: datetime, shown: Shown, recipient_subject: str = ""
    ) -> StoredConsent:
        """Record that `by`, having been shown a text, agrees to `terms` for `subject`, and return the consent.

        `by` is the subject, born on `born`, or someone whom the caller has found to be the guardian. A standing consent
        on the same terms is joined, so that child and guardian agree to one and the same. `recipient_subject` is how
        the recipient knows the subject. Raises Refused where this party's word does not count at this age or the last
        day has passed.
        """
        day = day_of(at)
        party = party_of(subject, by, born, day)
        if has_ended(terms.valid_to, day):
            raise Refused("`until` has already passed")
        pseudonym = self._keys.pseudonym(subject)
        async with writing(self._engine) as connection:
            await one_at_a_time(connection, pseudonym)
            row = await self._standing(connection, subject, terms, day)
            if row is None:
                row = await opened(connection, pseudonym, born, terms, at, recipient_subject)
            agreed = await self._agreed(connection, row, party, by, at, shown)
            await note(connection, [pseudonym])
            return consent_of(agreed)

    async def amend(
        self, consent_id: int, subject: Key, by: Key, born: date, terms: Terms, at: datetime, shown: Shown
    ) -> StoredConsent:
        """Store the next version of a consent: narrower terms, or the same terms for longer.

        Whoever speaks for the subject may narrow; the term is prolonged only by who agrees alone. Raises Refused.
        """
        day = day_of(at)
        party = party_of(subject, by, born, day)
        async with writing(self._engine) as connection:
            await one_at_a_time(connection, self._keys.pseudonym(subject))
            consent = consent_of(await self._own(connection, consent_id, subject))
            if consent.ended_on(day):
                raise Refused("`id` is a consent that has ended")
            _check_amendment(consent, terms, needed_on(born, day), day)
            this = CONSENTS.c.id == consent_id
            amended = {"version": consent.version + 1, "valid_to": terms.valid_to, **stored_limits(terms)}
            await connection.execute(
                update(CONSENTS).where(this).values(categories=sorted(terms.categories), **amended)
            )
            event = Event(consent_id, consent.version + 1, at, EventKind.AMENDED, party, terms, shown)
            await append(connection, event, self._keys.pseudonym(by))
            await note(connection, [self._keys.pseudonym(subject)])
            return consent_of((await connection.execute(select(CONSENTS).where(this))).one())

    async def withdraw(self, consent_id: int, subject: Key, by: Key, at: datetime) -> StoredConsent:
        """End the consent for every later read; a second withdrawal changes nothing.

        `by` is the subject or someone whom the caller has found to be the guardian: either may. Raises Refused where
        the subject has no such consent.
        """
        this = and_(CONSENTS.c.id == consent_id, CONSENTS.c.withdrawn_at.is_(None))
        ended = {"withdrawn_at": at, "withdrawn_by": self._keys.pseudonym(by)}
        party = Party.SUBJECT if by == subject else Party.GUARDIAN
        async with writing(self._engine) as connection:
            await one_at_a_time(connection, self._keys.pseudonym(subject))
            consent = consent_of(await self._own(connection, consent_id, subject))
            if consent.withdrawn_at is not None:
                return consent
            await connection.execute(update(CONSENTS).where(this).values(ended))
            event = Event(consent_id, consent.version, at, EventKind.WITHDRAWN, party, consent.terms, None)
            await append(connection, event, self._keys.pseudonym(by))
            await note(connection, [self._keys.pseudonym(subject)])
            return consent_of(await self._own(connection, consent_id, subject))

    async def of_subject(self, subject: Key) -> list[StoredConsent]:
        """Return every consent ever given for the subject, the newest first, withdrawn and ended ones too."""
        statement = select(CONSENTS).where(self._belongs(subject))
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement.order_by(CONSENTS.c.id.desc()))
            return [consent_of(row) for row in rows]

    async def one(self, consent_id: int, subject: Key) -> StoredConsent:
        """Return a consent of the subject; raises Refused where there is no such one."""
        async with reading(self._engine) as connection:
            return consent_of(await self._own(connection, consent_id, subject))

    async def of_recipient(
        self, client_id: str, purpose: str, first: int, before: int | None = None
    ) -> list[StoredConsent]:
        """Return at most `first` consents that a client was ever given for a purpose, the newest first.

        `before`: the id after which the list goes on. One that a party has not agreed to yet is not told of.
        """
        statement = select(CONSENTS).where(
            CONSENTS.c.client_id == client_id,
            CONSENTS.c.purpose == purpose,
            CONSENTS.c.recipient_subject.is_not(None),
            _AGREED,
        )
        if before is not None:
            statement = statement.where(CONSENTS.c.id < before)
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement.order_by(CONSENTS.c.id.desc()).limit(first))
            return [consent_of(row) for row in rows]

    async def histories(self, consents: Sequence[StoredConsent]) -> Mapping[int, Sequence[Event]]:
        """Return what happened to each of the consents, by its id, in order."""
        return await histories(self._engine, [(consent.id, consent.terms) for consent in consents])

    def _belongs(self, subject: Key) -> Any:
        return among(CONSENTS.c.subject, self._keys.pseudonyms(subject), self._engine.dialect)

    async def _own(self, connection: AsyncConnection, consent_id: int, subject: Key) -> Row[Any]:
        statement = select(CONSENTS).where(CONSENTS.c.id == consent_id, self._belongs(subject))
        row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise Refused("`id` is not one of yours")
        return row

    async def _standing(self, connection: AsyncConnection, subject: Key, terms: Terms, day: date) -> Row[Any] | None:
        """Return the consent on the same terms that has not ended, if there is one."""
        statement = select(CONSENTS).where(
            self._belongs(subject),
            CONSENTS.c.client_id == terms.client_id,
            CONSENTS.c.purpose == terms.purpose,
            CONSENTS.c.valid_to == terms.valid_to,
            CONSENTS.c.withdrawn_at.is_(None),
        )
        for row in await connection.execute(statement):
            consent = consent_of(row)
            if consent.terms == terms and not consent.ended_on(day):
                return row
        return None

    async def _agreed(
        self, connection: AsyncConnection, row: Row[Any], party: Party, by: Key, at: datetime, shown: Shown
    ) -> Row[Any]:
        """Note the party's agreement, if it was not there, and return the row as it then is."""
        pseudonym = self._keys.pseudonym(by)
        agreement: dict[str, object] = {AGREED_AT[party]: at}
        if party is Party.GUARDIAN:
            agreement["guardian"] = pseudonym
        known = row._mapping[AGREED_AT[party]] is not None
        if known and (party is Party.SUBJECT or row.guardian in self._keys.pseudonyms(by)):
            return row
        this = CONSENTS.c.id == row.id
        await connection.execute(update(CONSENTS).where(this).values(agreement))
        event = Event(row.id, row.version, at, EventKind.GIVEN, party, terms_of(row, row.client_id, row.purpose), shown)
        await append(connection, event, pseudonym)
        return (await connection.execute(select(CONSENTS).where(this))).one()


def _check_amendment(consent: StoredConsent, terms: Terms, needed: frozenset[Party], day: date) -> None:
    if has_ended(terms.valid_to, day):
        raise Refused("`until` has already passed")
    terms.check_narrower(consent.terms)
    if terms.valid_to > consent.terms.valid_to and len(needed) > 1:
        raise Refused("`until`: what two must agree to is prolonged by a new consent of both")
