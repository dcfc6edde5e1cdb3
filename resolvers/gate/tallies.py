"""Numbers of rows by group, for those who may count: exact where the rows may be read, else for others to blur."""

from collections.abc import Mapping
from typing import Any

from auth.policy.decisions import DecisionTable, Denial
from auth.principal import Fact
from connectors.source import Conditions, Count, Source
from engine.gate import Tally
from resolvers.gate.admission import Admission
from resolvers.gate.disclosure import Disclosure
from resolvers.gate.few import FewPersons


class Tallies:
    """Those of one request."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        table: DecisionTable,
        admission: Admission,
        disclosure: Disclosure,
        few: FewPersons,
    ) -> None:
        self._sources = sources
        self._table = table
        self._admission = admission
        self._disclosure = disclosure
        self._few = few

    async def of(
        self, record: str, group_by: str, category: str, coordinate: str, read_by: tuple[str, ...]
    ) -> Tally | None:
        """Return how many rows the caller's jurisdiction has by group; None where `category` is not permitted.

        Numbers of persons only: whether a person may be known of is not asked, the category of aggregates is. They are
        exact where the rows themselves may be read under `read_by`; then those of few are accounted for.
        """
        not_held = self._table.not_held(record, group_by)
        if not_held is not None:
            self._disclosure.deny([(coordinate, not_held)], 1)
            return None
        within: list[Conditions] = []
        exact = True
        for conditions, facts in await self._admission.of(record):
            if self._denied(category, coordinate, facts):
                return None
            within.append(conditions)
            exact = exact and all(self._table.permits(category, facts) for category in read_by)
        if not within:
            return None if self._denied(category, coordinate, Fact(0)) else Tally(True, _nothing)
        self._disclosure.released.add(coordinate)
        admitted = tuple(within)

        async def counted() -> Mapping[Any, int | None]:
            groups = await self._sources[record].counts(Count(record, admitted, (), (group_by,)))
            numbers = {group: number for (group,), number in groups.items()}
            return await self._few.told(record, coordinate, group_by, admitted, numbers) if exact else numbers

        return Tally(exact, counted)

    def _denied(self, category: str, coordinate: str, facts: Fact) -> bool:
        outcome = self._table.outcome(category, facts)
        if isinstance(outcome, Denial):
            self._disclosure.deny([(coordinate, outcome)], 1)
            return True
        return False


async def _nothing() -> Mapping[Any, int | None]:
    return {}
