"""Which rows a list may hold: the predicate that goes into the register's statement, and the facts it guarantees."""

from auth.errors import Refused
from auth.principal import Fact, Jurisdiction, PrincipalKind
from connectors.records import RECORDS
from connectors.source import Condition, Conditions
from resolvers.gate.facts import Caller, FactLoader
from resolvers.gate.subjects import VERIFIED

Admitted = tuple[tuple[Conditions, Fact], ...]
"""Alternatives: rows that meet the conditions stand so to the caller, at least."""


class Admission:
    """The lists of one request."""

    def __init__(self, caller: Caller, standings: FactLoader) -> None:
        self._caller = caller
        self._standings = standings

    async def of(self, record: str) -> Admitted:
        """Return the alternatives under which rows are listed; none: the caller lists no rows of this record.

        Raises Refused for learners where a grant covers cohorts: enrolments cannot be asked for in their statement.
        """
        if RECORDS[record].subject is None:
            return (((), Fact(0)),)
        if record != "learner":
            return ()
        caller = self._caller
        if caller.kind is PrincipalKind.CITIZEN and caller.person_key is not None:
            own: tuple[Conditions, Fact] = ((Condition("person_key", "=", caller.person_key), VERIFIED), Fact.SELF)
            children = tuple(sorted(await self._standings.children(), key=str))
            if not children:
                return (own,)
            return (own, ((Condition("person_key", "in", children), VERIFIED), Fact.GUARDIAN))
        if caller.emergency:
            return ()  # an emergency is about persons who can be named
        if caller.kind is PrincipalKind.CLIENT:
            if caller.jurisdiction.cohorts:
                raise Refused("the agreement covers cohorts of learners, who cannot be listed", "LIST_NOT_IN_AGREEMENT")
            return _within(await self._standings.places())
        return ()


def _within(jurisdiction: Jurisdiction) -> Admitted:
    if jurisdiction.country:
        return (((), Fact.JURISDICTION),)
    alternatives: list[tuple[Conditions, Fact]] = []
    if jurisdiction.provinces:
        provinces = Condition("province_code", "in", tuple(sorted(jurisdiction.provinces)))
        alternatives.append(((provinces,), Fact.JURISDICTION))
    if jurisdiction.institutions:
        institutions = Condition("institution_code", "in", tuple(sorted(jurisdiction.institutions, key=str)))
        alternatives.append(((institutions,), Fact.JURISDICTION))
    return tuple(alternatives)
