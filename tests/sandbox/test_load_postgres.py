"""The registers in PostgreSQL by COPY: the same rows as in SQLite, logged, indexed, and nobody else's table touched."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from sandbox.load_postgres import ForeignTable, database_url, load
from sandbox.registers import REGISTER_BY_TABLE, REGISTERS, TABLES, filled_columns
from sandbox.seed import ensure_seeded
from tests.sandbox.test_seed import table

LEARNERS, SEED = 3000, 5


def ignored(stage: str, done: int, total: int) -> None:
    """Say nothing."""


async def fetched(url: str, register: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(database_url(url, register))
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def loaded(postgres_url: str) -> str:
    """The URL of a cluster into which the registers were loaded twice."""
    reports: list[tuple[str, int, int]] = []
    load(postgres_url, 10, SEED, ignored, workers=1)
    load(postgres_url, LEARNERS, SEED, lambda *report: reports.append(report), workers=2)
    assert reports[0] == ("learners", 0, LEARNERS)
    assert reports[-1] == ("indexes", len(TABLES), len(TABLES))
    return postgres_url


@pytest.mark.anyio
async def test_the_rows_are_those_of_the_files(loaded: str, tmp_path: Path) -> None:
    ensure_seeded(tmp_path, LEARNERS, SEED)
    for name, register in REGISTER_BY_TABLE.items():
        columns = ", ".join(f"{column}::text" for column in filled_columns(name))
        (key,) = TABLES[name].primary_key.columns
        found = await fetched(loaded, register, f"SELECT {columns} FROM {name} ORDER BY {key.name}")  # noqa: S608
        expected = sorted(table(tmp_path, register, name), key=lambda row: str(row[key.name]))
        assert len(found) == len(expected)
        for row, other in zip(found, expected, strict=True):
            assert [_text(value) for value in row] == [_text(other[column]) for column in filled_columns(name)]


def _text(value: Any) -> str | None:
    """Return one spelling for what the two databases write differently."""
    spelt = {"true": "1", "false": "0"}.get(str(value), str(value))
    return None if value is None else spelt.removesuffix(".0")


@pytest.mark.anyio
async def test_tables_are_logged_indexed_and_vacuumed_again(loaded: str) -> None:
    for register, metadata in REGISTERS.items():
        found = await fetched(loaded, register, "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
        wanted = {str(index.name) for each in metadata.sorted_tables for index in each.indexes}
        wanted |= {f"{each.name}_pkey" for each in metadata.sorted_tables}
        assert {row["indexname"] for row in found} == wanted
        query = "SELECT relpersistence, reloptions FROM pg_class JOIN pg_stat_user_tables ON oid = relid"
        states = {tuple(row) for row in await fetched(loaded, register, query)}
        assert states == {(b"p", None)}


@pytest.mark.anyio
async def test_every_row_says_as_of_when(loaded: str) -> None:
    for name, register in REGISTER_BY_TABLE.items():
        (row,) = await fetched(loaded, register, f"SELECT count(*) FROM {name} WHERE as_of IS NULL")  # noqa: S608
        assert row["count"] == 0


def test_a_table_made_by_others_is_left_alone(loaded: str) -> None:
    asyncio.run(fetched(loaded, "education", "COMMENT ON TABLE institutions IS 'the real one'"))
    with pytest.raises(ForeignTable, match="database `education` has a table `institutions` that is not synthetic"):
        load(loaded, 10, SEED, ignored)
    (row,) = asyncio.run(fetched(loaded, "education", "SELECT count(*) FROM learners"))
    assert row["count"] > LEARNERS
