"""The synthetic registers into PostgreSQL by COPY: worker processes load ranges of learners, indexes come last."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from io import BytesIO
from multiprocessing import get_context
from os import cpu_count
from typing import Any

import asyncpg
from sqlalchemy import Table, make_url
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from sandbox.generator.batches import batches
from sandbox.generator.batches import institution_lines as generated_institution_lines
from sandbox.generator.world import World, world
from sandbox.load_sqlite import Report
from sandbox.persona_records import institution_lines, persona_batch
from sandbox.registers import REGISTER_BY_TABLE, REGISTERS, TABLES, filled_columns

LEARNERS_PER_TASK = 20_000
TABLES_AT_A_TIME = 2
Connections = Mapping[str, "asyncpg.Connection[Any]"]

SYNTHETIC = "synthetic register of the Liên thông sandbox"

made = cache(world)
"""The tables of a size and seed, worked out once in a worker."""


class ForeignTable(Exception):
    """A table of that name is there and was not made here; it is left alone."""

    def __init__(self, register: str, table: str) -> None:
        super().__init__(f"database `{register}` has a table `{table}` that is not synthetic")


def load(url: str, learners: int, seed: int, report: Report, workers: int = cpu_count() or 2) -> None:
    """Load the registers' databases, made beside the one that the URL names; earlier synthetic tables are replaced.

    Raises ForeignTable, asyncpg.PostgresError or OSError.
    """
    asyncio.run(_prepared(url, made(learners, seed)))
    tasks = [(url, learners, seed, first) for first in range(0, learners, LEARNERS_PER_TASK)]
    report("learners", 0, learners)
    with get_context("spawn").Pool(workers) as pool:
        for done, _ in enumerate(pool.imap_unordered(_load_range, tasks), 1):
            report("learners", min(done * LEARNERS_PER_TASK, learners), learners)
        pool.close()
        pool.join()
    asyncio.run(_finished(url, report))


def database_url(url: str, database: str) -> str:
    """Return the URL of another database of the same cluster, without a driver's name."""
    return make_url(url).set(drivername="postgresql", database=database).render_as_string(hide_password=False)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Connections]:
    """Connect to the databases of all registers."""
    async with AsyncExitStack() as stack:
        connections = {}
        for register in REGISTERS:
            connections[register] = await asyncpg.connect(database_url(url, register))
            stack.push_async_callback(connections[register].close)
            await connections[register].execute("SET synchronous_commit = off")  # a crash means loading again
        yield connections


async def _prepared(url: str, world: World) -> None:
    """Create databases and bare tables, with the institutions and personas in them."""
    maintenance = await asyncpg.connect(database_url(url, make_url(url).database or "postgres"))
    try:
        present = {row["datname"] for row in await maintenance.fetch("SELECT datname FROM pg_database")}
        for register in REGISTERS.keys() - present:  # keys compare by their bytes, which also sorts fastest
            await maintenance.execute(f"CREATE DATABASE {register} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'")
    finally:
        await maintenance.close()
    async with _connected(url) as connections:
        for table in TABLES.values():
            await _create_bare(connections[REGISTER_BY_TABLE[table.name]], table)
        await _copy(connections, {"institutions": [*institution_lines(), *generated_institution_lines(world)]})
        await _copy(connections, persona_batch())


async def _create_bare(connection: "asyncpg.Connection[Any]", table: Table) -> None:
    found = await connection.fetchrow(
        "SELECT obj_description(oid) AS comment FROM pg_class WHERE oid = to_regclass($1)", table.name
    )
    if found and found["comment"] != SYNTHETIC:
        raise ForeignTable(REGISTER_BY_TABLE[table.name], table.name)
    await connection.execute(f"DROP TABLE IF EXISTS {table.name}")
    await connection.execute(str(CreateTable(table).compile(dialect=postgresql.dialect())))  # type: ignore[no-untyped-call]
    await connection.execute(f"COMMENT ON TABLE {table.name} IS '{SYNTHETIC}'")
    await connection.execute(f"ALTER TABLE {table.name} DROP CONSTRAINT {table.name}_pkey")
    await connection.execute(f"ALTER TABLE {table.name} SET (autovacuum_enabled = off)")


def _load_range(task: tuple[str, int, int, int]) -> None:
    asyncio.run(_range_loaded(*task))


async def _range_loaded(url: str, learners: int, seed: int, first: int) -> None:
    async with _connected(url) as connections:
        for batch in batches(made(learners, seed), first, first + LEARNERS_PER_TASK):
            await _copy(connections, batch)


async def _copy(connections: Connections, batch: Mapping[str, Iterable[str]]) -> None:
    for table, lines in batch.items():
        source = BytesIO("".join(f"{line}\n" for line in lines).encode())
        await connections[REGISTER_BY_TABLE[table]].copy_to_table(
            table, source=source, columns=filled_columns(table), format="text"
        )


async def _finished(url: str, report: Report) -> None:
    """Add keys and indexes, a few tables at a time, and let the planner look at them."""
    turns = asyncio.Semaphore(TABLES_AT_A_TIME)
    finished: list[Table] = []

    async def finish(table: Table) -> None:
        async with turns:
            await _indexed(database_url(url, REGISTER_BY_TABLE[table.name]), table)
        finished.append(table)
        report("indexes", len(finished), len(TABLES))

    async with asyncio.TaskGroup() as group:
        for table in TABLES.values():
            group.create_task(finish(table))


async def _indexed(url: str, table: Table) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET maintenance_work_mem = '256MB'")
        for statement in _keys_and_indexes(table):
            await connection.execute(statement)
    finally:
        await connection.close()


def _keys_and_indexes(table: Table) -> Iterable[str]:
    (key,) = table.primary_key.columns
    yield f"ALTER TABLE {table.name} ADD PRIMARY KEY ({key.name})"
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        yield str(CreateIndex(index).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    yield f"ALTER TABLE {table.name} RESET (autovacuum_enabled)"
    yield f"ANALYZE {table.name}"
