"""Which rows a list may hold: the predicate that goes into the register's statement, and the facts it guarantees."""

from auth.errors import Refused
from auth.principal import Fact, Jurisdiction, PrincipalKind
from connectors.records import RECORDS
from connectors.source import Condition, Conditions
from connectors.subjects import Holds
from resolvers.gate.caller import Caller
from resolvers.gate.facts import FactLoader
from resolvers.gate.subjects import verified

Admitted = tuple[tuple[Conditions, Fact], ...]
"""Alternatives: rows that meet the conditions stand so to the caller, at least."""


class Admission:
    """The lists of one request."""

    def __init__(self, caller: Caller, fact_loader: FactLoader) -> None:
        self._caller = caller
        self._fact_loader = fact_loader

    async def of(self, record: str) -> Admitted:
        """Return the alternatives under which rows are listed; none: the caller lists no rows of this record.

        Raises Refused where a grant covers cohorts, because enrolments cannot be asked for in the list's statement, and
        where it covers places that rows of the record do not say: the list would be empty and look whole.
        """
        if RECORDS[record].subject is None:
            return (((), Fact(0)),)
        holds = RECORDS[record].holds
        if holds is None:
            return ()
        caller = self._caller
        if caller.kind is PrincipalKind.CITIZEN and caller.person_key is not None:
            own: tuple[Conditions, Fact] = (
                (Condition(holds.person, "=", caller.person_key), verified(holds)),
                Fact.SELF,
            )
            children = tuple(sorted(await self._fact_loader.children(), key=str))
            if not children:
                return (own,)
            return (own, ((Condition(holds.person, "in", children), verified(holds)), Fact.GUARDIAN))
        if caller.emergency:
            return ()  # an emergency is about persons who can be named
        if caller.kind is PrincipalKind.CLIENT:
            if caller.jurisdiction.cohorts:
                raise Refused("the agreement covers cohorts of learners, who cannot be listed", "LIST_NOT_IN_AGREEMENT")
            return within(holds, await self._fact_loader.places())
        return ()


def within(holds: Holds, jurisdiction: Jurisdiction) -> Admitted:
    """Return the alternatives of an agency. Raises Refused where rows do not say the places that its grant covers."""
    if jurisdiction.country:
        return (((), Fact.JURISDICTION),)
    alternatives: list[tuple[Conditions, Fact]] = []
    places = ((holds.province, jurisdiction.provinces), (holds.institution, jurisdiction.institutions))
    for column, covered in places:
        if covered and column is None:
            raise Refused(
                "the agreement covers places, by which these records cannot be listed", "LIST_NOT_IN_AGREEMENT"
            )
        if covered and column is not None:
            condition = Condition(column, "in", tuple(sorted(covered, key=str)))
            alternatives.append(((condition,), Fact.JURISDICTION))
    return tuple(alternatives)
