"""The requests of data subjects as those see them who must answer: the queue of their registers, overdue ones first."""

from dataclasses import dataclass
from typing import Any

from auth.errors import Refused
from auth.principal import Fact, PrincipalKind
from auth.rights.terms import Responsibility, RightsReply, State
from resolvers.reference_executor.pages import PageInfoValue, checked_first, page_info
from resolvers.request.representation import permitted
from resolvers.request.request import Request
from resolvers.rights.requests import RIGHTS, RightsRequestValue, opened_id, shown

CURSOR = "cursor Query.rightsQueue"
REGISTERS = ("education", "credentials", "population")


@dataclass(frozen=True, slots=True)
class RightsPageValue:
    nodes: list[RightsRequestValue]
    page_info: PageInfoValue


async def queue(request: Request, first: int | None, after: str | None) -> RightsPageValue | None:
    """Return a page of the open requests that the client answers for; None where policy gives it none to answer."""
    size = checked_first(first)
    position: Any = None if after is None else request.open_cursor(after, CURSOR, 2)
    responsibility = _responsibility(request)
    if responsibility is None:
        return None
    page = await request.services.rights.queue(responsibility, size, position)
    info = page_info(
        request,
        CURSOR,
        [(rights_request.due, rights_request.id) for rights_request in page.requests],
        page.has_next,
        after,
    )
    return RightsPageValue([shown(request, rights_request) for rights_request in page.requests], info)


async def answer(
    request: Request, id: str, decision: str, reason: str | None, third_parties: bool | None
) -> RightsRequestValue:
    """Put a request into the state that the client answers with.

    Raises Refused where the client does not answer for it, the decision does not follow from the state it is in, or a
    refusal has no legal ground.
    """
    responsibility = _responsibility(request)
    if responsibility is None:
        raise Refused("this client answers for no register for this purpose", "FORBIDDEN")
    given = RightsReply(State[decision], request.principal.client_id, reason, third_parties)
    answered = await request.services.rights.answer(opened_id(request, id), responsibility, given, request.now)
    return shown(request, answered)


def _responsibility(request: Request) -> Responsibility | None:
    """Return what policy lets the client answer for over its jurisdiction; None, with the denial kept, for nothing."""
    jurisdiction = request.jurisdiction
    is_client = request.principal.kind is PrincipalKind.CLIENT
    # requests say of which province they are, and nothing of cohorts
    covers = is_client and not jurisdiction.cohorts and (jurisdiction.country or bool(jurisdiction.provinces))
    facts = Fact.JURISDICTION if covers else Fact(0)
    if not permitted(request, facts, RIGHTS) or not covers:
        return None
    registers = frozenset(name for name in REGISTERS if request.table.permits(f"rights.{name}", facts))
    return Responsibility(registers, jurisdiction)
