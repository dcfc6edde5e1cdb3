"""A citizen's consents: shown, given and withdrawn by the person, or by the guardian for a child."""

from dataclasses import dataclass
from datetime import date, datetime

from auth.consent_terms import Consent, Terms
from auth.errors import Refused
from auth.principal import PrincipalKind
from connectors.source import Key
from engine.gate import Ask, Slot
from resolvers.request import Request
from resolvers.standing import age


@dataclass(frozen=True, slots=True)
class ConsentValue:
    """A consent as it is shown to one of those who may decide about it."""

    id: str
    recipient: str
    purpose: str
    categories: list[str]
    until: date
    given_at: datetime
    withdrawn_at: datetime | None
    effective: bool
    lacks: list[str]


async def consents_of_caller(request: Request) -> list[ConsentValue]:
    """Return the citizen's own consents, the newest first."""
    person = _citizen(request)
    return [_shown(request, person, consent) for consent in await request.services.consents.of_subject(person)]


async def grant(
    request: Request, recipient: str, purpose: str, categories: list[str], until: date, child: str | None
) -> ConsentValue:
    """Agree that a client may read categories of oneself, or of a child, for a purpose until a day.

    Raises Refused for terms that name nothing known, a child that is not the citizen's, or a voice that does not count
    at this age.
    """
    by = _citizen(request)
    await _check_terms(request, recipient, purpose, categories)
    subject = by if child is None else request.open_id(child, ("CitizenIdentity",))[1]
    born = await _birth_date(request, subject)
    if born is None:
        raise Refused("`child` is not you or a child you are responsible for")
    terms = Terms(recipient, purpose, frozenset(categories), until)
    given = await request.services.consents.grant(subject, by, age(born, request.today), terms, request.now)
    return _shown(request, subject, given)


async def withdraw(request: Request, consent_id: str) -> ConsentValue:
    """End a consent of oneself or of a child: the very next read no longer has it."""
    by = _citizen(request)
    number, subject = request.open_consent(consent_id)
    if await _birth_date(request, subject) is None:
        raise Refused("`id` is not a consent that you may withdraw")
    return _shown(request, subject, await request.services.consents.withdraw(number, subject, by, request.now))


async def _check_terms(request: Request, recipient: str, purpose: str, categories: list[str]) -> None:
    if not await request.services.grants.of(recipient, request.today):
        raise Refused("`recipient` is not a client that may receive data")
    policy = request.services.policies.current
    if purpose not in policy.purposes:
        raise Refused("`purpose` is not a purpose of reading")
    unknown = [place for place, category in enumerate(categories) if category not in policy.categories]
    if unknown:
        raise Refused(f"`categories[{unknown[0]}]` is not a data category")


async def _birth_date(request: Request, person: Key) -> date | None:
    """Return the birth date of oneself or of a child in one's care; None of anybody else."""
    coordinate = "Mutation.grantConsent"
    slot = Slot("birth_date", "identity.birth", coordinate)
    prepared = request.gate.prepare(Ask("citizen", "person_key", "identity.record", coordinate, (slot,)))
    rows = await request.gate.lookup(prepared, [person])
    position = prepared.positions[0]
    return rows[0][position] if rows and position is not None else None


def _citizen(request: Request) -> Key:
    person = request.principal.person_key
    if request.principal.kind is not PrincipalKind.CITIZEN or person is None:
        raise Refused("only a citizen decides about consents", "UNAUTHENTICATED")
    return person


def _shown(request: Request, subject: Key, consent: Consent) -> ConsentValue:
    ended = consent.withdrawn_at is not None or consent.terms.valid_to < request.today
    return ConsentValue(
        request.consent_id(consent.id, subject),
        consent.terms.client_id,
        consent.terms.purpose,
        sorted(consent.terms.categories),
        consent.terms.valid_to,
        consent.given_at,
        consent.withdrawn_at,
        not ended and not consent.lacks,
        sorted(party.name for party in consent.lacks),
    )
