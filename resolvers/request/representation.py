"""For whom the caller acts: a citizen for the children in care too, a client for the country; and what policy says."""

from collections.abc import Sequence
from typing import Any

from auth.errors import Refused
from auth.policy.decisions import Denial
from auth.principal import Fact, PrincipalKind
from connectors.records import GUARDIANSHIPS
from connectors.source import Key
from engine.gate import OutputColumn, RowQuery
from resolvers.request.request import Request


def permitted(request: Request, facts: Fact, category: str) -> bool:
    """Tell whether policy opens the category under the facts; a denial is kept, and what permits."""
    outcome = request.table.outcome(category, facts)
    if isinstance(outcome, Denial):
        request.disclosure.deny([(request.coordinate, outcome)], 1)
        return False
    request.disclosure.rules.add((outcome.rule, outcome.basis))
    return True


def permitted_over_the_country(request: Request, category: str) -> bool:
    """Tell whether policy opens to a client what is of no province: its grant must cover everybody."""
    is_client = request.principal.kind is PrincipalKind.CLIENT
    covers = is_client and request.jurisdiction.country and not request.jurisdiction.cohorts
    return permitted(request, Fact.JURISDICTION if covers else Fact(0), category)


async def represented(request: Request, category: str) -> list[Key]:
    """Return the citizen and the children whose guardian the register says the citizen is today.

    The children only where policy opens the category to a guardian. Raises Refused for a caller who is no citizen.
    """
    person = request.principal.person_key
    if person is None:
        raise Refused("only a citizen acts for oneself and for the children in one's care", "UNAUTHENTICATED")
    at = GUARDIANSHIPS.guardianship
    assert at is not None
    slot = OutputColumn(at.child, at.existence, request.coordinate)
    ask = RowQuery(GUARDIANSHIPS.name, at.guardian, at.existence, request.coordinate, (slot,))
    rows = await values_of(request, ask, person)
    children = dict.fromkeys(child for (child,) in rows if child is not None)  # a child may be in care by several rows
    return [person, *(children if permitted(request, Fact.GUARDIAN, category) else ())]


async def values_of(request: Request, ask: RowQuery, key: Key) -> Sequence[list[Any]]:
    """Return the values of the ask's slots for each row of the key that the caller may know of.

    Raises the fault that stands in place of one that cannot be read.
    """
    prepared = request.gate.prepare(ask)
    rows = await request.gate.lookup(prepared, [key])
    values = [[None if place is None else row[place] for place in prepared.positions] for row in rows]
    for fault in (value for row in values for value in row if isinstance(value, Exception)):
        raise fault
    return values
