"""Numbers of few persons: each of them is accounted for as read about, because the number tells of each."""

from collections.abc import Mapping
from typing import Any

from connectors.records import LEARNER, SubjectKind
from connectors.source import Alternatives, Condition, Order, Page, Source
from resolvers.disclosure import Disclosure
from resolvers.known_standings import LEARNER_FACTS, readable_facts
from resolvers.standing import Standings

FEW = 10
"""A narrowed number below this tells of single persons, and is accounted for as reading about them."""


class FewPersons:
    """The accounts of one request."""

    def __init__(self, education: Source, standings: Standings, disclosure: Disclosure) -> None:
        self._education = education
        self._standings = standings
        self._disclosure = disclosure

    async def account(
        self,
        coordinate: str,
        by: str | None,
        within: Alternatives,
        where: tuple[Condition, ...],
        counted: Mapping[Any, int],
    ) -> None:
        """Account for the learners behind numbers of few, which are counted by the values of `by`, or altogether."""
        few = {key: number for key, number in counted.items() if 0 < number < FEW}
        if not few:
            return
        narrowed = where if by is None else (*where, Condition(by, "in", tuple(few)))
        page = Page(LEARNER.name, LEARNER_FACTS, within, narrowed, (Order(LEARNER.key),), sum(few.values()))
        rows = readable_facts(await self._education.page(page))
        await self._standings.learn(rows)
        codes = [row[0] for row in rows]
        self._disclosure.subjects.update(map(self._standings.persons(SubjectKind.LEARNER).get, codes, codes))
        self._disclosure.released.add(coordinate)
