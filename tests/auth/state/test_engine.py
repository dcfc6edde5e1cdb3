"""Our own state is brought up to date by whoever starts, once, and kept durably."""

import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from auth.errors import ForeignDatabase
from auth.state.engine import MIGRATIONS, migrated_engine, writing
from auth.state.tables import METADATA

pytestmark = pytest.mark.anyio

AUDIT = ("audit_subjects", "audit_entries", "audit_writers")


def _tables(connection: Connection) -> list[str]:
    return sorted(inspect(connection).get_table_names())


def _differences(connection: Connection) -> object:
    return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)


async def test_the_migrations_make_exactly_the_tables_that_the_code_uses(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_starting_again_on_a_current_schema_changes_nothing(engine: AsyncEngine, state_url: str) -> None:
    async with writing(engine) as connection:
        await connection.execute(text("insert into audit_writers (started_at) values (current_timestamp)"))

    again = await migrated_engine(state_url)

    async with again.connect() as connection:
        assert await connection.scalar(text("select count(*) from audit_writers")) == 1
    await again.dispose()


async def test_who_finds_the_schema_current_does_not_load_what_brings_it_up_to_date(
    engine: AsyncEngine, state_url: str
) -> None:
    program = (
        "import asyncio, sys; from auth.state.engine import migrated_engine; asyncio.run(migrated_engine(sys.argv[1]));"
        "print('alembic' in sys.modules)"
    )
    start = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, state_url, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert await start.communicate() == (b"False\n", b"")


@pytest.mark.slow
async def test_replicas_may_start_at_the_same_moment(state_url: str) -> None:
    program = (
        "import asyncio, sys; from auth.state.engine import migrated_engine; asyncio.run(migrated_engine(sys.argv[1]))"
    )
    starts = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, state_url, stderr=subprocess.PIPE)
        for _ in range(4)
    ]

    errors = [(await start.communicate())[1].decode() for start in starts]

    assert [(start.returncode, error) for start, error in zip(starts, errors, strict=True)] == [(0, "")] * 4


async def test_a_commit_waits_for_the_disk(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            settings = [await connection.scalar(text(f"pragma {name}")) for name in ("journal_mode", "synchronous")]
            assert settings == ["wal", 2]
        else:
            assert await connection.scalar(text("show synchronous_commit")) == "on"


async def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/state.sqlite"
    engine = await migrated_engine(url)
    async with writing(engine) as connection:
        await connection.execute(text("update alembic_version set version_num = '0010'"))
        await connection.execute(text("drop table published_counts"))
    with pytest.raises(Exception, match="master_secrets already exists"):
        await migrated_engine(url)

    async with engine.connect() as connection:
        tables = await connection.run_sync(_tables)
        version = await connection.scalar(text("select version_num from alembic_version"))
    await engine.dispose()

    assert "published_counts" not in tables
    assert version == "0010"


@pytest.mark.parametrize("version", [None, "", "4f2a", "9999"])
async def test_somebody_elses_database_is_refused_and_stays_as_it_is(state_url: str, version: str | None) -> None:
    theirs = create_async_engine(state_url)
    async with theirs.begin() as connection:
        await connection.execute(text("create table citizens (citizen_id text)"))
        if version is not None:
            await connection.execute(text("create table alembic_version (version_num text)"))
        if version:
            await connection.execute(text("insert into alembic_version values (:one)"), {"one": version})
        before = await connection.run_sync(_tables)

    with pytest.raises(ForeignDatabase, match="tables that are not ours"):
        await migrated_engine(state_url)

    async with theirs.connect() as connection:
        assert await connection.run_sync(_tables) == before
        if connection.dialect.name == "sqlite":
            assert await connection.scalar(text("pragma journal_mode")) == "delete"
    await theirs.dispose()


async def test_a_database_that_is_not_supported_is_named() -> None:
    with pytest.raises(ValueError, match="not by `postgresql\\+psycopg`"):
        await migrated_engine("postgresql+psycopg://nowhere/state")


async def test_an_error_does_not_show_what_the_statement_was_given(engine: AsyncEngine) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with engine.connect() as connection:
            await connection.execute(text("select * from nowhere where number = :number"), {"number": "001099012345"})

    assert "001099012345" not in str(failed.value)


async def test_the_file_of_a_new_state_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        engine = await migrated_engine(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite")
    finally:
        os.umask(before)
    async with writing(engine) as connection:
        await connection.execute(text("insert into audit_writers (started_at) values (current_timestamp)"))
        modes = _modes(tmp_path)
    await engine.dispose()

    assert modes == dict.fromkeys(("state.sqlite", "state.sqlite-wal", "state.sqlite-shm"), 0o600)


def test_each_migration_has_a_number_of_its_own() -> None:
    """Two that are made at the same time are both of the next number, and neither database nor merge says so."""
    numbers = sorted(path.name[1:5] for path in MIGRATIONS.glob("versions/v*.py"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
