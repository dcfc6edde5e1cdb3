"""Requests by which citizens exercise their rights, for themselves or for a child: made, shown and withdrawn."""

from dataclasses import dataclass
from datetime import date, datetime

from auth.errors import Refused
from auth.principal import Fact
from auth.rights.terms import Claim, FreeText, Right, StoredRightsRequest, StoredRightsStep
from connectors.source import Key
from engine.gate import OutputColumn, RowQuery
from reference.normal_form import nfc
from reference.rights import ground_named
from resolvers.request.representation import permitted, represented, values_of
from resolvers.request.request import Request
from resolvers.rights.disputes import disputed

RIGHTS, REQUEST_ID = "rights", "rights request"
LONGEST_TEXT = 2000
NOT_YOURS = "`record` is not a record of you or of a child you are responsible for"


@dataclass(frozen=True, slots=True)
class GroundValue:
    """The legal ground of a refusal, in both languages."""

    name: str
    vi: str
    en: str
    citation: str


@dataclass(frozen=True, slots=True)
class StepValue:
    state: str
    at: datetime
    client: str
    ground: GroundValue | None


@dataclass(frozen=True, slots=True)
class RightsRequestValue:
    """A request as shown to its subject, to the guardian, and to the register that must answer it."""

    id: str
    kind: str
    register: str
    record: str
    coordinate: str | None
    text: str | None
    proposed_value: str | None
    state: str
    submitted_at: datetime
    acknowledge_by: date
    complete_by: date
    overdue: bool
    history: list[StepValue]
    person: Key


@dataclass(frozen=True, slots=True)
class About:
    """The record that a request is about: whose it is, in which register, and of which province."""

    kind: str
    key: Key
    person: Key
    register: str
    province_code: str | None = None


async def requests_of_caller(request: Request) -> list[RightsRequestValue] | None:
    """Return the requests about the citizen and the children in care, the newest first."""
    if not permitted(request, Fact.SELF, RIGHTS):
        return None
    subjects = await represented(request, RIGHTS)
    return [shown(request, rights_request) for rights_request in await request.services.rights.of_subjects(subjects)]


async def submit(request: Request, right: Right, record: str, text: str | None) -> RightsRequestValue:
    """Make a request to the register of a record. Raises Refused for a record of somebody else and a text too long."""
    about = await _about(request, record)
    words = FreeText(about.person, (about.kind, about.key), _checked(text, "text"))
    return await _submitted(request, Claim(right, about.register, words, None, about.province_code))


async def correct(request: Request, field: str, record: str, proposed: str, text: str | None) -> RightsRequestValue:
    """Ask the register of a record to correct a field on which registers disagree.

    Raises Refused for a record of somebody else, a field that no other register contradicts, and a value that the
    field cannot have.
    """
    about = await _about(request, record)
    value = await disputed(request, field, about.kind, about.key, proposed)
    words = FreeText(about.person, (about.kind, about.key), _checked(text, "text"), value)
    return await _submitted(request, Claim(Right.CORRECTION, about.register, words, field, about.province_code))


async def withdraw(request: Request, id: str) -> RightsRequestValue:
    """Close a request about oneself or a child. Raises Refused for another's and for one that is closed already."""
    _check_permitted(request, Fact.SELF)
    subjects = await represented(request, RIGHTS)
    closed = await request.services.rights.withdraw(
        opened_id(request, id), subjects, request.principal.client_id, request.now
    )
    return shown(request, closed)


def shown(request: Request, one: StoredRightsRequest) -> RightsRequestValue:
    """Return the request with its ids sealed for this caller."""
    words = one.claim.words
    return RightsRequestValue(
        id=request.sealer.seal(REQUEST_ID, one.id),
        kind=one.claim.right.name,
        register=one.claim.register,
        record=request.global_id(*words.record),
        coordinate=one.claim.coordinate,
        text=words.text,
        proposed_value=words.proposed,
        state=one.state.name,
        submitted_at=one.submitted_at,
        acknowledge_by=one.acknowledge_by,
        complete_by=one.complete_by,
        overdue=one.due is not None and one.due < request.today,
        history=[_step(step) for step in one.history],
        person=words.person,
    )


def opened_id(request: Request, id: str) -> int:
    """Return a request's number. Raises Refused unless the id was given to this client."""
    number = request.sealer.open(id, REQUEST_ID)
    assert isinstance(number, int)
    return number


async def _submitted(request: Request, claim: Claim) -> RightsRequestValue:
    by = _citizen(request)
    made = await request.services.rights.submit(claim, by, request.principal.client_id, request.now)
    return shown(request, made)


async def _about(request: Request, record: str) -> About:
    """Return what a global id names, read as the citizen may: a stranger's record is not there."""
    person, coordinate = _citizen(request), request.coordinate
    try:
        kind, key = request.open_id(record, ("Learner", "CitizenIdentity", "Credential"))
    except Refused:
        raise Refused("`record` is not the id of a learner, citizen or credential given to this client") from None
    about: About | None
    match kind:
        case "Learner":
            about = await _learner(request, kind, key, "education", key)
        case "Credential":
            slot = OutputColumn("learner_code", "credential.status", coordinate)
            rows = await values_of(request, RowQuery("credential", "id", "credential.status", coordinate, (slot,)), key)
            about = await _learner(request, kind, key, "credentials", rows[0][0]) if rows else None
        case _:
            ask = RowQuery("citizen", "person_key", "identity.record", coordinate, ())
            about = About(kind, key, key, "population") if await values_of(request, ask, key) else None
    if about is None:
        raise Refused(NOT_YOURS)
    _check_permitted(request, Fact.SELF if about.person == person else Fact.GUARDIAN)
    return about


async def _learner(request: Request, kind: str, key: Key, register: str, sector_code: Key) -> About | None:
    coordinate = request.coordinate
    slots = (
        OutputColumn("person_key", "identity.record", coordinate),
        OutputColumn("province_code", "schooling", coordinate),
    )
    rows = await values_of(
        request, RowQuery("learner", "sector_code", "learner.record", coordinate, slots), sector_code
    )
    if not rows or rows[0][0] is None:
        return None
    return About(kind, key, rows[0][0], register, rows[0][1])


def _check_permitted(request: Request, facts: Fact) -> None:
    if not permitted(request, facts, RIGHTS):
        raise Refused("this account may not exercise these rights", "FORBIDDEN")


def _citizen(request: Request) -> Key:
    person = request.principal.person_key
    if person is None:
        raise Refused("only a citizen exercises these rights", "UNAUTHENTICATED")
    return person


def _checked(text: str | None, argument: str) -> str | None:
    if text is not None and not 1 <= len(text) <= LONGEST_TEXT:
        raise Refused(f"`{argument}` must be a text of 1 to {LONGEST_TEXT} characters")
    return None if text is None else nfc(text)


def _step(step: StoredRightsStep) -> StepValue:
    ground = None if step.ground is None else ground_named(step.ground)
    told = None if ground is None else GroundValue(ground.name, ground.vi, ground.en, ground.citation)
    return StepValue(step.state.name, step.at, step.client_id, told)
