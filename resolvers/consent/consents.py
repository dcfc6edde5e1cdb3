"""A citizen's consents: shown, given, amended and withdrawn by the person, or by the guardian for a child."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from auth.consent.history import Event, Shown
from auth.consent.receipt import receipt
from auth.consent.shown import shown_to_recipient
from auth.consent.terms import Frequency, StoredConsent, Terms
from auth.errors import Refused
from auth.policy.decisions import Denial
from auth.principal import Fact, PrincipalKind, Recipient
from connectors.source import Key
from engine.gate import OutputColumn, RowQuery
from reference.ages import last_day
from resolvers.consent.offers import Wording, offered
from resolvers.request.request import CONSENT, IDENTITY, NODE, Request

NOT_YOURS = "`child` is not you or a child you are responsible for"


@dataclass(frozen=True, slots=True)
class FrequencyValue:
    reads: int
    period: str


@dataclass(frozen=True, slots=True)
class EventValue:
    """What one party decided, and the text it was shown."""

    at: datetime
    kind: str
    party: str
    version: int
    categories: list[str]
    until: date
    frequency: FrequencyValue | None
    data_life_days: int | None
    language: str | None
    text: str | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class ConsentValue:
    """A consent as it is shown to one of those who may decide about it, or to its recipient."""

    id: str
    recipient: str
    purpose: str
    categories: list[str]
    until: date
    frequency: FrequencyValue | None
    data_life_days: int | None
    version: int
    given_at: datetime
    withdrawn_at: datetime | None
    lapses_on: date | None
    effective: bool
    lacks: list[str]
    history: list[EventValue]
    receipt: str | None
    person: Key


async def consents_of_caller(request: Request, child: str | None) -> list[ConsentValue]:
    """Return the citizen's own consents, or those of a child in one's care, the newest first."""
    subject = await subject_named(request, child)
    found = await request.services.consents.of_subject(subject)
    records = await records_of(request, found)
    return [value_of(request, request.consent_id(consent.id, subject), subject, consent, records) for consent in found]


async def grant(request: Request, wording: Wording, child: str | None, language: str, digest: str) -> ConsentValue:
    """Agree that a client may read categories of oneself, or of a child, for a purpose until a day.

    `digest` is that of the text which was shown. Raises Refused for terms that name nothing known, another text, a
    child that is not the citizen's, or a voice that does not count at this age.
    """
    subject = await subject_named(request, child)
    born = await own_birth_date(request, subject, NOT_YOURS)
    offer = await offered(request, wording, for_child=child is not None)
    return await agree(request, subject, born, offer.terms, offer.agreed(request, language, digest))


async def agree(request: Request, subject: Key, born: date, terms: Terms, shown: Shown) -> ConsentValue:
    """Record the caller's agreement to terms of which the text was shown."""
    given = await request.services.consents.grant(
        subject, citizen(request), born, terms, request.now, shown, kept_subject(request, subject, terms.client_id)
    )
    return await _shown(request, subject, given)


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to be changed of a consent; None: left as it is."""

    categories: Sequence[str] | None
    until: date | None
    frequency: Frequency | None
    data_life_days: int | None


async def amend(request: Request, consent_id: str, amendment: Amendment, language: str, digest: str) -> ConsentValue:
    """Narrow a consent, or prolong it: the next version. `digest` is that of the text for the terms as they become."""
    number, subject = request.open_consent(consent_id)
    born = await own_birth_date(request, subject, "`id` is not a consent that you may amend")
    consent = await request.services.consents.one(number, subject)
    wording = _amended(consent.terms, amendment)
    offer = await offered(request, wording, for_child=subject != citizen(request))
    shown = offer.agreed(request, language, digest)
    amended = await request.services.consents.amend(
        number, subject, citizen(request), born, offer.terms, request.now, shown
    )
    return await _shown(request, subject, amended)


async def withdraw(request: Request, consent_id: str) -> ConsentValue:
    """End a consent of oneself or of a child: the very next read no longer has it.

    Of oneself no register is asked: one that is away must not keep anybody from withdrawing.
    """
    by = citizen(request)
    number, subject = request.open_consent(consent_id)
    if subject != by:
        await own_birth_date(request, subject, "`id` is not a consent that you may withdraw")
    return await _shown(request, subject, await request.services.consents.withdraw(number, subject, by, request.now))


async def subject_named(request: Request, child: str | None) -> Key:
    """Return the citizen, or the child of that global id. Raises Refused for another's child."""
    by = citizen(request)
    subject: Key = by if child is None else request.open_id(child, (IDENTITY,))[1]
    if subject != by:
        await own_birth_date(request, subject, NOT_YOURS)
    return subject


async def own_birth_date(request: Request, subject: Key, refusal: str) -> date:
    """Return the birth date of oneself or of a child in one's care. Raises Refused with that message otherwise."""
    born = await birth_date(request, subject)
    if born is None:
        raise Refused(refusal)
    return born


async def birth_date(request: Request, person: Key) -> date | None:
    """Return the birth date of oneself or of a child in one's care; None of anybody else.

    Where the register knows only the year or the month: the last day of it, so that nobody counts as of age too early.
    """
    slot = OutputColumn("birth_period", "identity.birth", request.coordinate)
    prepared = request.gate.prepare(RowQuery("citizen", "person_key", "identity.record", request.coordinate, (slot,)))
    rows = await request.gate.lookup(prepared, [person])
    position = prepared.positions[0]
    born = rows[0][position] if rows and position is not None else None
    if isinstance(born, Exception):
        raise born
    return None if born is None else last_day(born)


def citizen(request: Request) -> Key:
    """Return the citizen who asks. Raises Refused for others, and for an account that policy trusts too little."""
    person = request.principal.person_key
    if request.principal.kind is not PrincipalKind.CITIZEN or person is None:
        raise Refused("only a citizen decides about consents", "UNAUTHENTICATED")
    outcome = request.table.outcome("consent", Fact.SELF)
    if isinstance(outcome, Denial):
        raise Refused("this account may not decide about consents", outcome.code)
    request.disclosure.rules.add((outcome.rule, outcome.basis))
    return person


def kept_subject(request: Request, subject: Key, client_id: str) -> str:
    """Return a citizen sealed for a row of our own state about a client; `subject_kept` opens it."""
    return request.services.keys.kept_subjects(client_id).seal(NODE, (IDENTITY, subject))


def subject_kept(request: Request, kept: str, client_id: str) -> Key:
    """Return whom a row of our own state about a client is of."""
    opened = request.services.keys.kept_subjects(client_id).open(kept, NODE)
    assert isinstance(opened, tuple)
    return cast(Key, opened[1])


@dataclass(frozen=True, slots=True)
class Records:
    """What is on record about consents: what parties decided, by consent, and the issuer by client and purpose."""

    histories: Mapping[int, Sequence[Event]]
    issuers: Mapping[tuple[str, str], str | None]


async def records_of(request: Request, consents: Sequence[StoredConsent]) -> Records:
    """Return what is on record about the consents."""
    services = request.services
    histories = await services.consents.histories(consents)
    return Records(histories, await services.grants.issuers({consent.terms.client_id for consent in consents}))


def value_of(request: Request, shown_id: str, subject: Key, consent: StoredConsent, records: Records) -> ConsentValue:
    """Return the consent as it is shown under an id."""
    terms, events = consent.terms, records.histories[consent.id]
    if request.principal.kind is PrincipalKind.CLIENT:
        consent, events = shown_to_recipient(consent, events, request.today)
    return ConsentValue(
        id=shown_id,
        recipient=terms.client_id,
        purpose=terms.purpose,
        categories=sorted(terms.categories),
        until=terms.valid_to,
        frequency=frequency_value(terms.frequency),
        data_life_days=terms.data_life_days,
        version=consent.version,
        given_at=consent.given_at,
        withdrawn_at=consent.withdrawn_at,
        # a birth date of a minor, eighteen years on: for those who decide, never for the recipient
        lapses_on=None if request.principal.kind is PrincipalKind.CLIENT else consent.lapses_on,
        effective=consent.counts_on(request.today),
        lacks=sorted(party.name for party in consent.lacks_on(request.today)),
        history=[_event(event) for event in events],
        receipt=_receipt(request, subject, consent, events, records.issuers),
        person=subject,
    )


def frequency_value(frequency: Frequency | None) -> FrequencyValue | None:
    return None if frequency is None else FrequencyValue(frequency.reads, frequency.period.name)


async def _shown(request: Request, subject: Key, consent: StoredConsent) -> ConsentValue:
    records = await records_of(request, [consent])
    return value_of(request, request.consent_id(consent.id, subject), subject, consent, records)


def _receipt(
    request: Request,
    subject: Key,
    consent: StoredConsent,
    events: Sequence[Event],
    issuers: Mapping[tuple[str, str], str | None],
) -> str | None:
    """Return the signed receipt; None for a consent from before there was evidence to sign."""
    if not events:
        return None
    services, terms = request.services, consent.terms
    issuer = issuers.get((terms.client_id, terms.purpose))
    sealer = services.keys.sealer(Recipient(PrincipalKind.CLIENT, issuer, terms.client_id))
    ids = sealer.seal(CONSENT, (consent.id, subject)), sealer.seal(NODE, (IDENTITY, subject))
    return receipt(services.consents.signing, *ids, consent, events, request.policies, request.now)


def _event(event: Event) -> EventValue:
    terms, shown = event.terms, event.shown
    return EventValue(
        event.at,
        event.kind.name,
        event.party.name,
        event.version,
        sorted(terms.categories),
        terms.valid_to,
        frequency_value(terms.frequency),
        terms.data_life_days,
        None if shown is None else shown.language,
        None if shown is None else shown.text,
        None if shown is None else shown.digest,
    )


def _amended(terms: Terms, amendment: Amendment) -> Wording:
    wording = Wording(
        terms.client_id, terms.purpose, sorted(terms.categories), terms.valid_to, terms.frequency, terms.data_life_days
    )
    changed = {
        "categories": amendment.categories,
        "until": amendment.until,
        "frequency": amendment.frequency,
        "data_life_days": amendment.data_life_days,
    }
    return replace(wording, **{name: value for name, value in changed.items() if value is not None})  # type: ignore[arg-type]
