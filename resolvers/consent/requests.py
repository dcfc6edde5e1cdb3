"""Requests for consent: put by clients, seen and decided by citizens, for themselves or for a child."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from auth.consent.requests import Decision, StoredConsentRequest
from auth.crypto.keys import learner_subject
from auth.errors import Refused
from auth.principal import PrincipalKind
from connectors.source import Key
from resolvers.consent.consents import (
    NOT_YOURS,
    ConsentValue,
    FrequencyValue,
    agree,
    citizen,
    frequency_value,
    own_birth_date,
    subject_named,
)
from resolvers.consent.offers import Offer, Wording, offered
from resolvers.reference_executor.roots import checked_number
from resolvers.request.person_records import records_of
from resolvers.request.request import Request

REQUEST, ASKED = "consent request", "consent asked for"


@dataclass(frozen=True, slots=True)
class RequestedValue:
    """What a client hears of its request: the same whoever is asked, and whether there is anybody."""

    id: str
    purpose: str
    categories: list[str]
    until: date
    person: Key
    """Whoever it is, or nobody: the person's own log has who asked."""


@dataclass(frozen=True, slots=True)
class RequestValue:
    """A request as the citizen sees it."""

    id: str
    recipient: str
    purpose: str
    categories: list[str]
    until: date
    frequency: FrequencyValue | None
    data_life_days: int | None
    asked_at: datetime
    expires_on: date
    offer: Offer
    person: Key


async def ask(request: Request, by: dict[str, Any], wording: Wording) -> RequestedValue:
    """Put terms before a citizen or learner whom the client names. Nobody is looked up, so the answer tells nothing."""
    subject = _subject_asked(request, by)
    offer = await offered(request, wording, for_child=False)
    await request.services.consents.requests.ask(subject, offer.terms, request.now)
    # names what was asked and not the row: whether there is a new row would tell that the person has declined
    token = request.sealer.seal(ASKED, (subject, request.purpose, *sorted(wording.categories), wording.until))
    return RequestedValue(token, wording.purpose, sorted(wording.categories), wording.until, subject)


async def requests_of_caller(request: Request, child: str | None) -> list[RequestValue]:
    """Return what waits for the citizen's decision about oneself or a child, the newest first.

    A request that policy no longer allows, or whose client has lost its grant, is not shown.
    """
    subject = await subject_named(request, child)
    waiting = await request.services.consents.requests.open_for(await _known_as(request, subject), request.today)
    shown = [await _shown(request, subject, shown_request, for_child=child is not None) for shown_request in waiting]
    return [shown_request for shown_request in shown if shown_request is not None]


async def accept(request: Request, token: str, language: str, digest: str) -> ConsentValue:
    """Agree to what was asked; the request is decided once all have agreed whose agreement it takes."""
    asked, subject = await _waiting(request, token)
    born = await own_birth_date(request, subject, NOT_YOURS)
    for_child = subject != citizen(request)
    offer = await offered(request, _wording(asked), for_child)
    given = await agree(request, subject, born, offer.terms, offer.agreed(request, language, digest))
    if not given.lacks:
        await request.services.consents.requests.decide(asked.id, Decision.GRANTED, citizen(request), request.now)
    return given


async def decline(request: Request, token: str) -> bool:
    """Refuse a request. Nothing else changes, and the client is not notified."""
    asked, _ = await _waiting(request, token)
    await request.services.consents.requests.decide(asked.id, Decision.DECLINED, citizen(request), request.now)
    return True


def person_decided_for(_value: bool, request: Request, given: Mapping[str, Any]) -> Collection[Key]:
    """Return the subject of a request, which is sealed in its id."""
    return (_opened(request, given["id"])[1],)


def _opened(request: Request, token: str) -> tuple[int, Key]:
    number, subject = request.open_sealed(token, REQUEST, "`id` is not the id of a request given to this client")
    return number, subject


def _subject_asked(request: Request, by: dict[str, Any]) -> Key:
    if request.principal.kind is not PrincipalKind.CLIENT:
        raise Refused("only a client asks for consent", "UNAUTHENTICATED")
    if by.get("citizen_id") is not None:
        return checked_number(by["citizen_id"], "citizenId")
    kind, key = request.open_id(by["id"], ("CitizenIdentity", "Learner"))
    return learner_subject(key) if kind == "Learner" else key


async def _known_as(request: Request, subject: Key) -> list[Key]:
    """Return the keys under which a person may have been asked: the own, and those of the verified records."""
    records = await records_of(request, [subject], request.coordinate)
    return [subject, *(record.account for record in records.get(subject, ()))]


async def _shown(request: Request, subject: Key, asked: StoredConsentRequest, for_child: bool) -> RequestValue | None:
    try:
        offer = await offered(request, _wording(asked), for_child)
    except Refused:
        return None
    terms = asked.terms
    return RequestValue(
        request.sealer.seal(REQUEST, (asked.id, subject)),
        terms.client_id,
        terms.purpose,
        sorted(terms.categories),
        terms.valid_to,
        frequency_value(terms.frequency),
        terms.data_life_days,
        asked.asked_at,
        asked.expires_on,
        offer,
        subject,
    )


async def _waiting(request: Request, token: str) -> tuple[StoredConsentRequest, Key]:
    """Return a request that the citizen may decide, and its subject."""
    by = citizen(request)
    number, subject = _opened(request, token)
    if subject != by:
        await own_birth_date(request, subject, "`id` is not a request that you may decide")
    known_as = await _known_as(request, subject)
    asked = await request.services.consents.requests.one(number, known_as, request.today)
    return asked, subject


def _wording(asked: StoredConsentRequest) -> Wording:
    terms = asked.terms
    return Wording(
        terms.client_id, terms.purpose, sorted(terms.categories), terms.valid_to, terms.frequency, terms.data_life_days
    )
