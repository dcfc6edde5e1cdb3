"""The lines of 2,000 of 20,000 learners and of the personas, as rows, made once."""

from collections.abc import Iterable, Mapping

import pytest

from sandbox.generator import batches
from sandbox.generator.schooling import NULL
from sandbox.generator.world import world
from sandbox.persona_records import institution_lines, persona_batch
from sandbox.registers import filled_columns

Row = dict[str, str]
Rows = dict[str, list[Row]]
"""Rows by table; a null column is left out of its row."""

LEARNERS, OF, SEED = 2000, 20_000, 7


def rows_of(lines_by_table: Mapping[str, Iterable[str]]) -> Rows:
    return {table: [_row(table, line) for line in lines] for table, lines in lines_by_table.items()}


def _row(table: str, line: str) -> Row:
    pairs = zip(filled_columns(table), line.split("\t"), strict=True)
    return {column: value for column, value in pairs if value != NULL}


@pytest.fixture(scope="session")
def lines() -> dict[str, list[str]]:
    """The lines of the generated learners, by table."""
    made = world(OF, SEED)
    (batch,) = batches.batches(made, 0, LEARNERS)
    return {"institutions": batches.institution_lines(made), **batch}


@pytest.fixture(scope="session")
def generated(lines: dict[str, list[str]]) -> Rows:
    return rows_of(lines)


@pytest.fixture(scope="session")
def personas() -> Rows:
    return rows_of({"institutions": institution_lines(), **persona_batch()})


@pytest.fixture(scope="session")
def everything(generated: Rows, personas: Rows) -> Rows:
    return {table: generated[table] + personas[table] for table in generated}
