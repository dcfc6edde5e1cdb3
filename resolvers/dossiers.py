"""Dossiers of administrative procedures: opened by citizens or received by agencies, listed, withdrawn and closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from auth.dossiers.terms import Opener, Opening, StoredDossier, StoredDossierOutcome, new_number
from auth.errors import Refused
from auth.policy.procedures import ProcedureTerms
from auth.principal import Fact, PrincipalKind
from connectors.source import Key
from resolvers.consent.consents import kept_subject, subject_kept
from resolvers.reference_executor.pages import PageInfoValue, checked_first, page_info
from resolvers.reference_executor.roots import checked_number
from resolvers.request.access import checked_case
from resolvers.request.representation import permitted, represented
from resolvers.request.request import IDENTITY, Request

DOSSIER, RECEIVE = "dossier", "dossier.receive"
DOSSIER_ID, CURSOR = "dossier", "cursor Query.myDossiers"
NOT_YOURS = "`child` is not a child you are responsible for"


@dataclass(frozen=True, slots=True)
class ProcedureValue:
    code: str
    vi: str | None
    en: str | None
    categories: list[str]
    citation: str | None


@dataclass(frozen=True, slots=True)
class DossierValue:
    """A dossier as its subject, the guardian and its agency see it; `subject` is a global id for whoever asks."""

    id: str
    number: str
    agency: str
    procedure: ProcedureValue
    subject: str
    opened_by: str
    opened_at: datetime
    due: date
    open_until: date
    state: str
    closed_at: datetime | None
    person: Key


@dataclass(frozen=True, slots=True)
class DossierPageValue:
    nodes: list[DossierValue]
    page_info: PageInfoValue


async def dossiers_of_caller(request: Request) -> list[DossierValue] | None:
    """Return the dossiers of the citizen and of the children in care, the newest first."""
    if not permitted(request, Fact.SELF, DOSSIER):
        return None
    found = await request.services.dossiers.of_subjects(await represented(request, DOSSIER))
    pairs = [(dossier, subject) for subject, dossiers in found.items() for dossier in dossiers]
    pairs.sort(key=lambda pair: pair[0].id, reverse=True)
    return [_shown(request, dossier, subject) for dossier, subject in pairs]


async def open_dossier(request: Request, procedure: str, agency: str, child: str | None) -> DossierValue:
    """Open a dossier of the citizen, or of a child in care, with an agency, and return it with the number to quote.

    Where one of the procedure is open there already it is that one. Raises Refused for a procedure that cannot be
    opened today, an agency that does not receive it, and somebody else's child.
    """
    person = _citizen(request)
    subject = person if child is None else await _child(request, child)
    chosen = _in_force(request, procedure)
    held = await request.services.grants.of(agency, request.today)
    if all(grant.purpose != chosen.purpose for grant in held):
        raise Refused("`agency` does not receive dossiers of this procedure")
    opener = Opener.CITIZEN if subject == person else Opener.GUARDIAN
    dossier = await _opened(request, chosen, agency, new_number(), opener, subject)
    return _shown(request, dossier, subject)


async def withdraw_dossier(request: Request, id: str) -> DossierValue:
    """Close a dossier of oneself or of a child in care. Raises Refused for another's and for one that is closed."""
    person = _citizen(request)
    number, subject = request.open_sealed(id, DOSSIER_ID, "`id` is not the id of a dossier given to this client")
    # of oneself no register is asked: one that is away must not keep anybody from withdrawing
    if subject != person and subject not in await represented(request, DOSSIER):
        raise Refused("`id` is not an open dossier of yours")
    closed = await request.services.dossiers.withdraw(number, [subject], request.now)
    return _shown(request, closed, subject)


async def receive_dossier(request: Request, procedure: str, number: str, person_number: str) -> DossierValue:
    """Keep a dossier that the agency has received on paper, under the agency's own number.

    Nobody is looked up, so the answer tells nothing of the person. Raises Refused where policy gives the client no
    paper dossiers for this purpose, for a procedure of another purpose, and for a number that is taken.
    """
    _check_client(request, RECEIVE)
    chosen = _in_force(request, procedure)
    if chosen.purpose != request.purpose:
        raise Refused("`procedure` is one of another purpose than this operation's")
    subject = checked_number(person_number, "personNumber")
    agency = request.principal.client_id
    dossier = await _opened(request, chosen, agency, checked_case(number, "number"), Opener.AGENCY, subject)
    return _of_client(request, dossier)


async def close_dossier(request: Request, number: str, outcome: str) -> DossierValue:
    """Close a dossier of the agency: the very next request no longer reads by it."""
    _check_client(request, DOSSIER)
    closed = await request.services.dossiers.close(
        request.principal.client_id,
        checked_case(number, "number"),
        _procedures(request),
        StoredDossierOutcome[outcome],
        request.now,
    )
    return _of_client(request, closed)


async def dossiers_of_client(request: Request, first: int | None, after: str | None) -> DossierPageValue | None:
    """Return a page of the agency's dossiers for the purpose of this operation, the newest first."""
    size = checked_first(first)
    before: Any = None if after is None else request.open_cursor(after, CURSOR, 1)[0]
    if request.principal.kind is not PrincipalKind.CLIENT:
        raise Refused("only an agency's client has these; a citizen's own are `me { dossiers }`", "UNAUTHENTICATED")
    if not permitted(request, Fact(0), DOSSIER):
        return None
    found = await request.services.dossiers.of_client(
        request.principal.client_id, _procedures(request), size + 1, before
    )
    shown = found[:size]
    info = page_info(request, CURSOR, [(dossier.id,) for dossier in shown], len(found) > size, after)
    return DossierPageValue([_of_client(request, dossier) for dossier in shown], info)


async def _opened(
    request: Request, procedure: ProcedureTerms, agency: str, number: str, opener: Opener, subject: Key
) -> StoredDossier:
    today = request.today
    opening = Opening(
        client_id=agency,
        procedure=procedure.name,
        number=number,
        opened_by=opener,
        due=procedure.due(today),
        open_until=procedure.last_day(today),
        subject_at_client=kept_subject(request, subject, agency),
    )
    return await request.services.dossiers.open(opening, subject, request.now, today)


def _of_client(request: Request, dossier: StoredDossier) -> DossierValue:
    """Return the dossier as its agency sees it."""
    subject = subject_kept(request, dossier.opening.subject_at_client, dossier.opening.client_id)
    return _shown(request, dossier, subject)


def _shown(request: Request, dossier: StoredDossier, subject: Key) -> DossierValue:
    opening = dossier.opening
    return DossierValue(
        id=request.sealer.seal(DOSSIER_ID, (dossier.id, subject)),
        number=opening.number,
        agency=opening.client_id,
        procedure=_procedure(request, opening.procedure),
        subject=request.global_id(IDENTITY, subject),
        opened_by=opening.opened_by.name,
        opened_at=dossier.opened_at,
        due=opening.due,
        open_until=opening.open_until,
        state=dossier.state(request.today),
        closed_at=dossier.closed_at,
        person=subject,
    )


def _procedure(request: Request, name: str) -> ProcedureValue:
    """Return the procedure as policy has it now; one that policy no longer knows opens nothing."""
    known = request.policies.procedures.get(name)
    if known is None:
        return ProcedureValue(name, None, None, [], None)
    return ProcedureValue(name, known.text["vi"], known.text["en"], sorted(known.categories), known.citation)


def _procedures(request: Request) -> Sequence[str]:
    """Return the procedures of this operation's purpose."""
    known = request.policies.procedures.values()
    return [procedure.name for procedure in known if procedure.purpose == request.purpose]


def _in_force(request: Request, name: str) -> ProcedureTerms:
    procedure = request.policies.procedures.get(name)
    if procedure is None or not procedure.in_force(request.today):
        raise Refused("`procedure` is not a procedure of which dossiers may be opened today")
    return procedure


async def _child(request: Request, child: str) -> Key:
    key: Key = request.open_id(child, (IDENTITY,))[1]
    if key not in (await represented(request, DOSSIER))[1:]:
        raise Refused(NOT_YOURS)
    return key


def _citizen(request: Request) -> Key:
    person = request.principal.person_key
    if person is None:
        raise Refused(
            "only a citizen opens and withdraws dossiers; an agency receives and closes them", "UNAUTHENTICATED"
        )
    if not permitted(request, Fact.SELF, DOSSIER):
        raise Refused("this account may not open or withdraw dossiers", "FORBIDDEN")
    return person


def _check_client(request: Request, category: str) -> None:
    """Raises Refused unless policy opens the category to this client for this purpose."""
    client = request.principal.kind is PrincipalKind.CLIENT
    if not client or not permitted(request, Fact(0), category):
        raise Refused("this client has no such dossiers for this purpose", "FORBIDDEN")
