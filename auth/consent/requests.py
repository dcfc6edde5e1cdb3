"""What clients ask citizens to agree to. Asking looks nobody up, so that it tells nothing of who exists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.writing.outbox import note
from auth.consent.history import stored_limits, terms_of
from auth.consent.terms import Terms
from auth.crypto.keys import Key, Keys
from auth.errors import Refused
from auth.state.engine import one_at_a_time, reading, writing
from auth.state.sets import among
from auth.state.tables import CONSENT_REQUESTS
from reference.vietnam_time import day_of

OPEN_FOR = timedelta(days=90)
LEFT_ALONE_FOR = timedelta(days=30)
"""After a refusal the same is not shown again for so long."""
MOST_OPEN = 5
"""Undecided requests of one client to one subject at most; what is asked beyond them is not shown."""


class Decision(Enum):
    """What the citizen made of a request."""

    GRANTED = "granted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class StoredConsentRequest:
    """The present state of a request."""

    id: int
    terms: Terms
    asked_at: datetime
    expires_on: date
    decision: Decision | None
    decided_at: datetime | None


class ConsentRequests:
    """The requests of all clients."""

    def __init__(self, engine: AsyncEngine, keys: Keys) -> None:
        self._engine = engine
        self._keys = keys

    async def ask(self, subject: Key, terms: Terms, at: datetime) -> StoredConsentRequest:
        """Put the terms before whoever the subject is, and return the request; it is the same for nobody.

        The same terms, undecided or refused of late, are not put twice. Raises Refused for a day that has passed.
        """
        if terms.valid_to < day_of(at):
            raise Refused("`until` has already passed")
        pseudonym = self._keys.pseudonym(subject)
        async with writing(self._engine) as connection:
            await one_at_a_time(connection, pseudonym)
            known = await self._of(connection, subject, terms.client_id)
            same = [request for request in known if request.terms == terms and _not_again(request, at)]
            undecided = [request for request in known if _open(request, day_of(at))]
            if same or len(undecided) >= MOST_OPEN:
                return (same or undecided)[0]
            statement = insert(CONSENT_REQUESTS).values(
                subject=pseudonym,
                client_id=terms.client_id,
                purpose=terms.purpose,
                categories=sorted(terms.categories),
                valid_to=terms.valid_to,
                **stored_limits(terms),
                asked_at=at,
                expires_on=day_of(at + OPEN_FOR),
            )
            asked = (await connection.execute(statement.returning(CONSENT_REQUESTS))).one()
            await note(connection, [pseudonym])
            return _request(asked)

    async def open_for(self, subjects: Sequence[Key], on: date) -> list[StoredConsentRequest]:
        """Return what waits for a decision about any of the subjects, the newest first."""
        statement = select(CONSENT_REQUESTS).where(self._belongs(subjects)).order_by(CONSENT_REQUESTS.c.id.desc())
        async with reading(self._engine) as connection:
            requests = [_request(row) for row in await connection.execute(statement)]
        return [request for request in requests if _open(request, on)]

    async def one(self, request_id: int, subjects: Sequence[Key], on: date) -> StoredConsentRequest:
        """Return an undecided request about one of the subjects; raises Refused where there is no such one."""
        found = [request for request in await self.open_for(subjects, on) if request.id == request_id]
        if not found:
            raise Refused("`id` is not a request that waits for your decision")
        return found[0]

    async def decide(self, request_id: int, decision: Decision, by: Key, at: datetime) -> StoredConsentRequest:
        """Store the decision and return the request. The first decision is final."""
        undecided = (CONSENT_REQUESTS.c.id == request_id, CONSENT_REQUESTS.c.decision.is_(None))
        decided = {"decision": decision.value, "decided_at": at, "decided_by": self._keys.pseudonym(by)}
        async with writing(self._engine) as connection:
            await connection.execute(update(CONSENT_REQUESTS).where(*undecided).values(decided))
            found = await connection.execute(select(CONSENT_REQUESTS).where(CONSENT_REQUESTS.c.id == request_id))
            row = found.one()
            await note(connection, [row.subject])
            return _request(row)

    async def _of(self, connection: AsyncConnection, subject: Key, client_id: str) -> list[StoredConsentRequest]:
        own = (self._belongs([subject]), CONSENT_REQUESTS.c.client_id == client_id)
        rows = await connection.execute(select(CONSENT_REQUESTS).where(*own).order_by(CONSENT_REQUESTS.c.id.desc()))
        return [_request(row) for row in rows]

    def _belongs(self, subjects: Sequence[Key]) -> Any:
        pseudonyms = [pseudonym for subject in subjects for pseudonym in self._keys.pseudonyms(subject)]
        return among(CONSENT_REQUESTS.c.subject, pseudonyms, self._engine.dialect)


def _open(request: StoredConsentRequest, on: date) -> bool:
    return request.decision is None and request.expires_on >= on and request.terms.valid_to >= on


def _not_again(request: StoredConsentRequest, at: datetime) -> bool:
    if request.decision is Decision.DECLINED and request.decided_at is not None:
        return at < request.decided_at + LEFT_ALONE_FOR
    return _open(request, day_of(at))


def _request(row: Row[Any]) -> StoredConsentRequest:
    decision = None if row.decision is None else Decision(row.decision)
    terms = terms_of(row, row.client_id, row.purpose)
    return StoredConsentRequest(row.id, terms, row.asked_at, row.expires_on, decision, row.decided_at)
