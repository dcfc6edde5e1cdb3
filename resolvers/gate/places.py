"""Who is in the caller's jurisdiction: subjects by the places and cohorts of their records, persons by subjects."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import compress, repeat
from operator import itemgetter
from typing import Any

from auth.policy.decisions import DecisionTable
from auth.principal import Fact, Jurisdiction
from connectors.faults import faultless
from connectors.record import Record
from connectors.records import HOLDERS, UNITS
from connectors.source import Key, Lookup, Source
from resolvers.gate.doubles import Doubles, nowhere
from resolvers.gate.subjects import readable_facts, verified


def known_holders(table: DecisionTable, holders: Mapping[str, Record] = HOLDERS) -> Sequence[Record]:
    """Return the records whose subjects bring the persons behind them into the jurisdiction.

    They are those whose rows the profile may know of by jurisdiction: an agency with jurisdiction over one kind of
    subject has none over citizens by way of another kind that it may not know of.
    """
    return [
        record
        for record in holders.values()
        if record.holds is not None and table.permits(record.holds.existence, Fact.JURISDICTION)
    ]


class CoveredPlaces:
    """The jurisdiction of one operation's caller."""

    def __init__(
        self,
        jurisdiction: Jurisdiction,
        sources: Mapping[str, Source],
        table: DecisionTable,
        holders: Mapping[str, Record],
        doubles: Doubles,
    ) -> None:
        self._jurisdiction = jurisdiction
        self._sources = sources
        self._table = table
        self._holders = holders
        self._doubles = doubles
        self._found: asyncio.Task[Jurisdiction] | None = None

    async def covered(self, holder: Record, rows: Iterable[Sequence[Any]]) -> frozenset[Key]:
        """Return the keys of the subjects in the jurisdiction; `rows` in the holder's columns of facts."""
        jurisdiction = self._jurisdiction
        if jurisdiction.country and not jurisdiction.cohorts:
            return frozenset(map(itemgetter(0), rows))
        rows = list(rows)
        covers = (await self.jurisdiction()).covers
        if not rows:
            return frozenset()
        keys, *places = _with_places(holder, rows)
        within = frozenset(compress(keys, map(covers, *places)))
        if not jurisdiction.cohorts:
            return within
        assert holder.holds is not None
        cohorts = holder.holds.cohorts
        if cohorts is None:
            return frozenset()
        # of all of them, and not of those within alone: how long it takes does not tell who is
        lookup = Lookup(cohorts.record, cohorts.by, tuple(keys), cohorts.columns)
        enrolments = faultless(await self._sources[lookup.record].rows(lookup))
        return within.intersection(
            key for key, *enrolment in enrolments if any(cohort.has(*enrolment) for cohort in jurisdiction.cohorts)
        )

    async def covered_persons(self, persons: tuple[Key, ...]) -> frozenset[Key]:
        """Return the persons in the jurisdiction: all, or those with a verified subject in it."""
        jurisdiction = self._jurisdiction
        if jurisdiction.country and not jurisdiction.cohorts:
            return frozenset(persons)
        if not jurisdiction.somewhere:
            return frozenset()
        known = known_holders(self._table, self._holders)
        if len(known) == 1:
            return await self._covered_by(known[0], persons)
        covered = await asyncio.gather(*(self._covered_by(holder, persons) for holder in known))
        return frozenset().union(*covered)

    async def _covered_by(self, holder: Record, persons: tuple[Key, ...]) -> frozenset[Key]:
        assert holder.holds is not None
        lookup = Lookup(holder.name, holder.holds.person, persons, holder.fact_columns, (verified(holder.holds),))
        rows = readable_facts(await self._sources[holder.name].rows(lookup))
        alone = set(persons).difference(row[1] for row in rows) if self._jurisdiction.cohorts else ()
        doubles = self._doubles.of(("person", person) for person in alone)
        covered = await self.covered(holder, [*rows, *nowhere(holder, doubles)])
        return frozenset(row[1] for row in rows if row[0] in covered)

    async def jurisdiction(self) -> Jurisdiction:
        """Return the jurisdiction, the institutions of its communes in their place, asked for once."""
        if not self._jurisdiction.communes:
            return self._jurisdiction
        if self._found is None:
            self._found = asyncio.ensure_future(self._load())
        return await asyncio.shield(self._found)

    async def _load(self) -> Jurisdiction:
        jurisdiction, unit = self._jurisdiction, UNITS.unit
        assert unit is not None
        there = Lookup(UNITS.name, unit, tuple(sorted(jurisdiction.communes)), (unit, UNITS.key))
        found = frozenset(code for _, code in faultless(await self._sources[there.record].rows(there)))
        return replace(jurisdiction, communes=frozenset(), institutions=jurisdiction.institutions | found)


def _with_places(holder: Record, rows: Sequence[Sequence[Any]]) -> tuple[Iterable[Any], ...]:
    """Return the keys, provinces and institutions of rows; what the holder does not say is null."""
    assert holder.holds is not None
    keys, _, _, *places = zip(*rows, strict=True)
    said = iter(places)
    declared = (holder.holds.province, holder.holds.institution)
    return (keys, *(repeat(None) if column is None else next(said) for column in declared))
