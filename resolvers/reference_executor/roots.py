"""Where queries enter: which rows each root asks for."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from auth.errors import Refused
from engine.declarations import Sort, Wanted
from reference.normal_form import nfc
from resolvers.request.request import Request

Named = TypeVar("Named")

MOST_NUMBERS = 500
MOST_NODES = 100
LONGEST_CODE = 64
"""Characters of a code or number."""
CURRENT_FIRST: tuple[Sort, ...] = (("status", True), ("sector_code", False))
"""Of several records of one citizen the one still studying comes first (STUDYING sorts last in the alphabet)."""

_CITIZEN_NUMBER = re.compile(r"[0-9]{12}\Z")
_CITIZEN_NUMBERS = re.compile(r"[0-9]{12}(,[0-9]{12})*\Z")


def checked_number(number: str, argument: str) -> str:
    """Return the citizen number. Raises Refused unless it has 12 digits; there is no check digit to test."""
    if not _CITIZEN_NUMBER.match(number):
        raise Refused(f"`{argument}` must be a citizen number: 12 digits")
    return number


def me(request: Request) -> Sequence[Wanted]:
    """Return the citizen who asks; nobody where an agency or nobody asks."""
    return [Wanted("Me", "person_key", [request.principal.person_key])]


def learner(request: Request, by: dict[str, Any]) -> Sequence[Wanted]:
    """Return the learner named by exactly one of global id, sector code or citizen number."""
    if by.get("id") is not None:
        return [Wanted("Learner", "sector_code", [request.open_id(by["id"], ("Learner",))[1]])]
    if by.get("sector_code") is not None:
        return [Wanted("Learner", "sector_code", [checked_text(by["sector_code"], "sectorCode")])]
    return [Wanted("Learner", "citizen_id", [checked_number(by["citizen_id"], "citizenId")], order=CURRENT_FIRST)]


def learners_by_citizen_ids(request: Request, citizen_ids: list[str]) -> Sequence[Wanted]:
    """Return a place for each number, in their order."""
    if len(citizen_ids) > MOST_NUMBERS:
        raise Refused(f"`citizenIds` may hold at most {MOST_NUMBERS} numbers, not {len(citizen_ids)}")
    # all in one look, a tenth of the cost of a look at each
    if not (len(joined := ",".join(citizen_ids)) == 13 * len(citizen_ids) - 1 and _CITIZEN_NUMBERS.match(joined)):
        for place, number in enumerate(citizen_ids):
            checked_number(number, f"citizenIds[{place}]")
    return [Wanted("Learner", "citizen_id", citizen_ids, order=CURRENT_FIRST)] if citizen_ids else []


def institution(request: Request, code: str) -> Sequence[Wanted]:
    return [Wanted("Institution", "code", [checked_text(code, "code")])]


def node(request: Request, id: str) -> Sequence[Wanted]:
    return [node_wanted(request, id)]


def nodes(request: Request, ids: list[str]) -> Sequence[Wanted | Exception]:
    """Return a place for each id, in their order; why one is refused stands in its place."""
    if len(ids) > MOST_NODES:
        raise Refused(f"`ids` may hold at most {MOST_NODES} ids, not {len(ids)}")
    return [wanted_or_refusal(node_wanted, request, token) for token in ids]


def wanted_or_refusal(select: Callable[[Request, Named], Wanted], request: Request, named: Named) -> Wanted | Exception:
    """Return the row that one item of a list names, or why it is refused: the others are answered all the same."""
    try:
        return select(request, named)
    except Refused as refused:
        return refused


def node_wanted(request: Request, token: str) -> Wanted:
    """Return the row behind a global id. Raises Refused for an id that was not given to this client."""
    columns = request.catalogue.node_keys
    kind, key = request.open_id(token, columns)
    return Wanted(kind, columns[kind], [key])


def checked_text(text: str, argument: str) -> str:
    """Return the text in NFC, as registers spell it. Raises Refused for one that no register can hold."""
    if not text or len(text) > LONGEST_CODE or "\x00" in text:
        raise Refused(f"`{argument}` must be a text of 1 to {LONGEST_CODE} characters without NUL")
    return nfc(text)
