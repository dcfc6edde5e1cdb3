"""Consents: what a person, or whoever speaks for a child, lets one recipient read for one purpose until one day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Row, and_, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.consent_terms import Consent, Party, Terms, needed_at, party_of
from auth.errors import Refused
from auth.keys import Key, Keys
from auth.state.engine import reading, writing
from auth.state.sets import among
from auth.state.tables import CONSENTS

VIETNAM = timezone(timedelta(hours=7))
"""A consent ends with its last day in Vietnam."""

_AGREED_AT = {Party.SUBJECT: "subject_agreed_at", Party.GUARDIAN: "guardian_agreed_at"}
_AGREED = and_(
    or_(CONSENTS.c.needs_subject.is_(False), CONSENTS.c.subject_agreed_at.is_not(None)),
    or_(CONSENTS.c.needs_guardian.is_(False), CONSENTS.c.guardian_agreed_at.is_not(None)),
)


class Consents:
    """The consents of everybody. Nothing is cached and no row is ever deleted: they are the evidence."""

    def __init__(self, engine: AsyncEngine, keys: Keys) -> None:
        self._engine = engine
        self._keys = keys

    async def grant(self, subject: Key, by: Key, age: int, terms: Terms, at: datetime) -> Consent:
        """Record that `by` agrees to `terms` for `subject`, whose age in years is `age`, and return the consent.

        `by` is the subject or someone whom the caller has found to be the guardian. A standing consent on the same
        terms is joined, so that child and guardian agree to one and the same. Raises Refused where this party's word
        does not count at this age or the last day has passed.
        """
        party = party_of(subject, by, age)
        if terms.valid_to < _day(at):
            raise Refused("`until` has already passed")
        pseudonym = self._keys.pseudonym(subject)
        async with writing(self._engine) as connection:
            await _one_at_a_time(connection, pseudonym)
            standing = await _standing(connection, pseudonym, terms)
            row = standing or await _opened(connection, pseudonym, needed_at(age), terms, at)
            return _consent(await self._agreed(connection, row, party, by, at))

    async def withdraw(self, consent_id: int, subject: Key, by: Key, at: datetime) -> Consent:
        """End the consent for every later read; a second withdrawal changes nothing.

        `by` is the subject or someone whom the caller has found to be the guardian: either may. Raises Refused where
        the subject has no such consent.
        """
        mine = and_(CONSENTS.c.id == consent_id, CONSENTS.c.subject == self._keys.pseudonym(subject))
        ended = {"withdrawn_at": at, "withdrawn_by": self._keys.pseudonym(by)}
        async with writing(self._engine) as connection:
            await connection.execute(update(CONSENTS).where(mine, CONSENTS.c.withdrawn_at.is_(None)).values(ended))
            row = (await connection.execute(select(CONSENTS).where(mine))).one_or_none()
        if row is None:
            raise Refused("`id` is not one of yours")
        return _consent(row)

    async def of_subject(self, subject: Key) -> list[Consent]:
        """Return every consent ever given for the subject, the newest first, withdrawn and ended ones too."""
        statement = select(CONSENTS).where(CONSENTS.c.subject == self._keys.pseudonym(subject))
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement.order_by(CONSENTS.c.id.desc()))
            return [_consent(row) for row in rows]

    async def categories_by_subject(
        self, subjects: Sequence[Key], client_id: str, purpose: str, at: datetime
    ) -> dict[Key, frozenset[str]]:
        """Return what each subject lets this client read for this purpose now; a subject without consent is absent.

        One statement for all subjects. A withdrawal counts once it is committed, whatever the clocks of replicas say.
        """
        subject_by_pseudonym = {self._keys.pseudonym(subject): subject for subject in subjects}
        if not subject_by_pseudonym:
            return {}
        statement = select(CONSENTS.c.subject, CONSENTS.c.categories).where(
            among(CONSENTS.c.subject, list(subject_by_pseudonym), self._engine.dialect),
            CONSENTS.c.client_id == client_id,
            CONSENTS.c.purpose == purpose,
            CONSENTS.c.valid_to >= _day(at),
            CONSENTS.c.withdrawn_at.is_(None),
            _AGREED,
        )
        categories: dict[Key, frozenset[str]] = {}
        async with reading(self._engine) as connection:
            for pseudonym, released in await connection.execute(statement):
                subject = subject_by_pseudonym[pseudonym]
                categories[subject] = categories.get(subject, frozenset()) | frozenset(released)
        return categories

    async def _agreed(
        self, connection: AsyncConnection, row: Row[Any], party: Party, by: Key, at: datetime
    ) -> Row[Any]:
        """Note the party's agreement, if it was not there, and return the row as it then is."""
        column = CONSENTS.c[_AGREED_AT[party]]
        agreement: dict[str, object] = {column.name: at}
        if party is Party.GUARDIAN:
            agreement["guardian"] = self._keys.pseudonym(by)
        this = CONSENTS.c.id == row.id
        await connection.execute(update(CONSENTS).where(this, column.is_(None)).values(agreement))
        return (await connection.execute(select(CONSENTS).where(this))).one()


async def _one_at_a_time(connection: AsyncConnection, pseudonym: bytes) -> None:
    """Let nobody else open a consent for the subject until the transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        lock = int.from_bytes(pseudonym[1:9], signed=True)
        await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": lock})


async def _standing(connection: AsyncConnection, pseudonym: bytes, terms: Terms) -> Row[Any] | None:
    """Return the consent on the same terms that nobody has withdrawn, if there is one."""
    statement = select(CONSENTS).where(
        CONSENTS.c.subject == pseudonym,
        CONSENTS.c.client_id == terms.client_id,
        CONSENTS.c.purpose == terms.purpose,
        CONSENTS.c.valid_to == terms.valid_to,
        CONSENTS.c.withdrawn_at.is_(None),
    )
    rows = await connection.execute(statement)
    return next((row for row in rows if frozenset(row.categories) == terms.categories), None)


async def _opened(
    connection: AsyncConnection, pseudonym: bytes, needed: frozenset[Party], terms: Terms, at: datetime
) -> Row[Any]:
    statement = insert(CONSENTS).values(
        subject=pseudonym,
        client_id=terms.client_id,
        purpose=terms.purpose,
        categories=sorted(terms.categories),
        valid_to=terms.valid_to,
        given_at=at,
        needs_subject=Party.SUBJECT in needed,
        needs_guardian=Party.GUARDIAN in needed,
    )
    row: Row[Any] = (await connection.execute(statement.returning(CONSENTS))).one()
    return row


def _consent(row: Row[Any]) -> Consent:
    return Consent(
        id=row.id,
        terms=Terms(row.client_id, row.purpose, frozenset(row.categories), row.valid_to),
        given_at=row.given_at,
        needs=frozenset(
            party
            for party, needed in ((Party.SUBJECT, row.needs_subject), (Party.GUARDIAN, row.needs_guardian))
            if needed
        ),
        agreed_at={party: row._mapping[name] for party, name in _AGREED_AT.items() if row._mapping[name] is not None},
        withdrawn_at=row.withdrawn_at,
    )


def _day(at: datetime) -> date:
    return at.astimezone(VIETNAM).date()
