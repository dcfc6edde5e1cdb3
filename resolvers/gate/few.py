"""Numbers of few persons: each of them is accounted for as read about, because the number tells of each."""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from connectors.faults import Fault
from connectors.records import RECORDS
from connectors.source import Alternatives, Condition, Order, Page, Source
from resolvers.gate.disclosure import Disclosure
from resolvers.gate.facts import FactLoader
from resolvers.gate.subjects import readable_facts

MOST_ACCOUNTED = 2_000
"""Persons in groups of few that one answer is accounted for."""
FEW = 10
"""A narrowed number below this tells of single persons, and is accounted for as reading about them."""


class FewPersons:
    """The accounts of one request."""

    def __init__(self, sources: Mapping[str, Source], fact_loader: FactLoader, disclosure: Disclosure) -> None:
        self._sources = sources
        self._fact_loader = fact_loader
        self._disclosure = disclosure

    async def told(
        self, record: str, coordinate: str, by: str, within: Alternatives, counted: Mapping[Any, int]
    ) -> Mapping[Any, int | None]:
        """Return the numbers of groups, each exact and those of few accounted for; None where that cannot be done.

        It cannot for a group without a readable value, and where there are too many in groups of few to be read now.
        """
        few = {group: number for group, number in counted.items() if number < FEW}
        kept_back = few.keys() if sum(few.values()) > MOST_ACCOUNTED else _unnamed(few)
        shown = {group: number for group, number in counted.items() if group not in kept_back}
        await self.account(record, coordinate, by, within, (), shown)
        return {group: shown.get(group) for group in counted}

    async def account(
        self,
        record: str,
        coordinate: str,
        by: str | None,
        within: Alternatives,
        where: tuple[Condition, ...],
        counted: Mapping[Any, int],
    ) -> None:
        """Account for the subjects behind numbers of few, which are counted by the values of `by`, or altogether."""
        few = {key: number for key, number in counted.items() if 0 < number < FEW}
        if not few:
            return
        narrowed = where if by is None else (*where, Condition(by, "in", tuple(few)))
        holder = RECORDS[record]
        page = Page(record, holder.fact_columns, within, narrowed, (Order(holder.key),), sum(few.values()))
        rows = readable_facts(await self._sources[record].page(page))
        await self._fact_loader.learn(record, rows)
        keys = [row[0] for row in rows]
        self._disclosure.subjects.update(map(self._fact_loader.accounts(record).get, keys, keys))
        self._disclosure.released.add(coordinate)


def _unnamed(groups: Iterable[Any]) -> Set[Any]:
    """Return the groups that no condition names: without a value, or of values that cannot be read."""
    return {group for group in groups if group is None or isinstance(group, Fault)}
