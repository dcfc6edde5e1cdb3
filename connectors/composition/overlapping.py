"""One record that several registers serve with the same keys: of each key the first register's row is valid."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from connectors.composition.merging import ordered
from connectors.composition.parts import Parts, narrowed, replies_of, settled, whole
from connectors.errors import NotOffered, SourceUnavailable
from connectors.faults import joined, kept
from connectors.guards.questions import understood_lookup
from connectors.source import Count, Lookup, Page, Row

Held = Mapping[str, Set[Any] | SourceUnavailable]
"""By register the keys of later registers that it has, or why that is not known."""


class Overlapping(Parts):
    """The rows of several registers, of each key the row of the first register that has the key, and no lists.

    A row may meet conditions that the valid row of its key does not meet, so earlier registers are asked for the keys
    of later ones again, without conditions. Rows of which that cannot be asked are not handed up: they are missing.
    """

    def routed(self, lookup: Lookup) -> tuple[str, ...]:
        """Return the registers that this look-up asks."""
        return self.registers

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        question = understood_lookup(lookup)
        if question is None:
            return ()
        columns = self._with_order(question.columns, question.order)
        widened = question._replace(columns=columns)
        replies = await replies_of({name: source.rows(widened) for name, source in self._sources.items()})
        at = columns.index(self.record.key)
        keys = {name: {row[at] for row in rows} for name, rows in replies.rows.items()}
        held = await self._held(keys, by_key_alone=question.by == self.record.key and not question.where)
        valid = []
        for number, name in enumerate(self._sources):
            rows = replies.rows.get(name, ())
            earlier = [held[other] for other in self.registers[:number]]
            valid.append(kept([row for row in rows if _is_valid(row[at], earlier)], rows))
        asked_in_vain = [answer for name in keys if isinstance(answer := held[name], SourceUnavailable)]
        rows = ordered(joined(valid), columns, question.order, self._compared)
        return whole(narrowed(rows, len(question.columns)), [*replies.missing, *asked_in_vain])

    async def page(self, page: Page) -> Sequence[Row]:
        raise self._no_lists()

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        raise self._no_lists()

    async def _held(self, keys: Mapping[str, Set[Any]], by_key_alone: bool) -> Held:
        """Return which keys of later registers each register has.

        With `by_key_alone` each was asked for all of them already.
        """
        held: dict[str, Set[Any] | SourceUnavailable] = {}
        questions = {}
        for number, name in enumerate(self._sources):
            later = set().union(*(keys.get(other, set()) for other in self.registers[number + 1 :]))
            if name not in keys:
                held[name] = SourceUnavailable(name, f"record `{self.record.name}`: no answer")
                continue
            held[name] = keys[name]
            unasked = tuple(sorted(later - keys[name], key=str))
            if unasked and not by_key_alone:
                key = self.record.key
                questions[name] = self._sources[name].rows(Lookup(self.record.name, key, unasked, (key,)))
        for name, answer in (await settled(questions)).items():
            held[name] = answer if isinstance(answer, SourceUnavailable) else keys[name] | {row[0] for row in answer}
        return held

    def _no_lists(self) -> NotOffered:
        return NotOffered(self.register, f"record `{self.record.name}`: no lists and no counts over keys that overlap")


def _is_valid(key: Any, earlier: Sequence[Set[Any] | SourceUnavailable]) -> bool:
    """Whether no earlier register has the key, and all of them said so."""
    return not any(isinstance(held, SourceUnavailable) or key in held for held in earlier)
