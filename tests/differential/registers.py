"""The personas' rows in memory, behind sources that fail, dawdle and lie on purpose."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from connectors.errors import SourceUnavailable
from connectors.memory import MemorySource
from connectors.record import Kind
from connectors.records import RECORDS
from connectors.registry import sources_by_record
from connectors.source import Count, Lookup, Page, Row, Source
from sandbox.generator.schooling import NULL
from sandbox.persona_records import institution_lines, persona_batch
from sandbox.registers import REGISTERS, filled_columns

AS_OF = datetime(2026, 11, 20, 18, 0, 0, 123456, tzinfo=UTC)
READ: Mapping[Kind, Callable[[str], Any]] = {
    Kind.INTEGER: int,
    Kind.NUMBER: float,
    Kind.BOOLEAN: lambda text: text == "1",
    Kind.DATE: date.fromisoformat,
}
LIES: tuple[Any, ...] = (None, None, None, 7, "lie", 2**40, True, float("nan"), 1.5, date(2020, 2, 29), AS_OF, -0.0)
SAFE = frozenset({"sector_code", "learner_code", "person_key", "citizen_id"})
"""Columns that say whom a row is about: a register that lies there is another row, not a wrong value."""

Stored = dict[str, Any]


@cache
def rows_by_record() -> Mapping[str, Sequence[Stored]]:
    lines = {"institutions": institution_lines(), **persona_batch()}
    return {table.removesuffix("s"): [_row(table, line) for line in found] for table, found in lines.items()}


def _row(table: str, line: str) -> Stored:
    kinds = RECORDS[table.removesuffix("s")].columns
    texts = zip(filled_columns(table), line.split("\t"), strict=True)
    row = {name: None if text == NULL else READ.get(kinds[name], str)(text) for name, text in texts}
    return {**row, "as_of": AS_OF}


class Sometimes:
    """A register of one trial: chance decides once which records fail, and which values are not what they should be."""

    def __init__(self, register: str, chance: random.Random) -> None:
        self._chance = chance
        self._failing = {name for name in RECORDS if chance.random() < 0.04}
        self._uncounted = {name for name in RECORDS if chance.random() < 0.04}
        lying, doubling = chance.random() < 0.4, chance.random() < 0.2
        rows = {name: rows_by_record()[name] for name, record in RECORDS.items() if record.register == register}
        self._lies = {name: self._lies_about(name, found) if lying else {} for name, found in rows.items()}
        if doubling:
            rows = {name: [*found, *chance.sample(list(found), len(found) // 4)] for name, found in rows.items()}
        self._source = MemorySource(register, rows)
        self.register = register

    def _lies_about(self, record: str, rows: Sequence[Stored]) -> dict[Any, tuple[str, Any]]:
        columns = [name for name in RECORDS[record].columns if name not in SAFE and name != RECORDS[record].key]
        told = [row[RECORDS[record].key] for row in rows if self._chance.random() < 0.3]
        return {key: (self._chance.choice(columns), self._chance.choice(LIES)) for key in told}

    def _told(self, record: str, columns: tuple[str, ...], rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows, whose last value is their key, with lies in them and without it."""
        told = []
        for *values, key in rows:
            column, lie = self._lies[record].get(key, (None, None))
            told.append(tuple(lie if name == column else value for name, value in zip(columns, values, strict=True)))
        return told

    async def _answer(self, record: str, failing: set[str]) -> None:
        for _ in range(self._chance.choice((0, 0, 1, 3))):
            await asyncio.sleep(0)
        if record in failing:
            raise SourceUnavailable(self.register, f"record `{record}`: no answer in time")

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        await self._answer(lookup.record, self._failing)
        rows = await self._source.rows(lookup._replace(columns=(*lookup.columns, RECORDS[lookup.record].key)))
        return self._told(lookup.record, lookup.columns, rows)

    async def page(self, page: Page) -> Sequence[Row]:
        await self._answer(page.record, self._failing)
        rows = await self._source.page(page._replace(columns=(*page.columns, RECORDS[page.record].key)))
        return self._told(page.record, page.columns, rows)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        await self._answer(count.record, self._failing | self._uncounted)
        return await self._source.counts(count)

    async def ready(self) -> None:
        return

    async def close(self) -> None:
        return


def sources(seed: int | None) -> dict[str, Any]:
    """Return the sources of a trial by record; without a seed they tell the truth in time."""
    if seed is None:
        rows = rows_by_record()
        registers: dict[str, Source] = {
            register: MemorySource(register, {name: rows[name] for name in rows if RECORDS[name].register == register})
            for register in REGISTERS
        }
    else:
        registers = {name: Sometimes(name, random.Random(f"{seed} {name}")) for name in REGISTERS}
    return sources_by_record({}, registers)
