"""How the caller is related to persons: as themselves, as the guardian of a minor, or by an open dossier."""

import asyncio
from collections.abc import Collection, Mapping

from auth.principal import Fact, PrincipalKind
from connectors.faults import faultless
from connectors.records import BIRTHS, GUARDIANSHIPS
from connectors.source import Key, Lookup, Source
from reference.ages import AGE_OF_MAJORITY, is_at_least
from reference.validity import is_running
from resolvers.gate.caller import Caller


class Relations:
    """The relations of one operation's caller."""

    def __init__(self, caller: Caller, sources: Mapping[str, Source]) -> None:
        self._caller = caller
        self._sources = sources
        self._children: asyncio.Task[frozenset[Key]] | None = None

    async def to(self, persons: Collection[Key]) -> Mapping[Key, int]:
        """Return SELF and GUARDIAN for the persons a citizen is or is responsible for, CASE for a dossier's subject."""
        caller = self._caller
        if caller.concerned is not None:
            return {person: int(Fact.CASE) for person in persons if caller.concerned(person)}
        if caller.kind is not PrincipalKind.CITIZEN or caller.person_key is None:
            return {}
        relations: dict[Key, int] = {caller.person_key: int(Fact.SELF)}
        if any(person != caller.person_key for person in persons):
            relations.update((child, int(Fact.GUARDIAN)) for child in await self.children())
        return relations

    async def children(self) -> frozenset[Key]:
        """Return the minors whose guardian the citizen is today, asked once for the operation."""
        if self._children is None:
            self._children = asyncio.ensure_future(self._load_children())
        return await asyncio.shield(self._children)

    async def _load_children(self) -> frozenset[Key]:
        caller, at, born_in = self._caller, GUARDIANSHIPS.guardianship, BIRTHS.born
        assert caller.person_key is not None
        assert at is not None
        assert born_in is not None
        columns = (at.guardian, at.child, at.start, at.end)
        guardianships = Lookup(GUARDIANSHIPS.name, at.guardian, (caller.person_key,), columns)
        rows = await self._sources[guardianships.record].rows(guardianships)
        valid = {child for _, child, start, end in faultless(rows) if is_running(start, end, caller.today)}
        if not valid:
            return frozenset()
        births = Lookup(BIRTHS.name, BIRTHS.key, tuple(valid), (BIRTHS.key, born_in))
        return frozenset(
            child
            for child, born in faultless(await self._sources[births.record].rows(births))
            if born is not None and is_at_least(born, AGE_OF_MAJORITY, caller.today) is False  # for certain
        )
