"""Guardianship as the population register has it: who speaks for a child on a day."""

from collections.abc import Mapping, Sequence
from datetime import date

from connectors.faults import faultless
from connectors.records import GUARDIANSHIPS
from connectors.source import Key, Lookup, Source
from reference.validity import is_running


class RegisteredGuardians:
    """Asks the register each time: a guardianship that has ended speaks for nobody."""

    def __init__(self, guardianships: Source) -> None:
        self._guardianships = guardianships

    async def of(self, children: Sequence[Key], on: date) -> Mapping[Key, frozenset[Key]]:
        """Return the guardians of each child on a day; a child without any is absent. Raises SourceUnavailable."""
        at = GUARDIANSHIPS.guardianship
        assert at is not None
        columns = (at.child, at.guardian, at.start, at.end)
        guardians: dict[Key, frozenset[Key]] = {}
        lookup = Lookup(GUARDIANSHIPS.name, at.child, tuple(children), columns)
        for child, guardian, start, end in faultless(await self._guardianships.rows(lookup)):
            if is_running(start, end, on):
                guardians[child] = guardians.get(child, frozenset()) | {guardian}
        return guardians
