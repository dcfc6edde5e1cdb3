"""The record is ready where an entry could be written: one goes the way of entries, and is undone."""

import asyncio
import resource
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.record import Audit
from auth.crypto.keys import Keys
from auth.errors import AuditUnavailable
from auth.state.engine import migrated_engine, reading, writing
from tests.auth.record import ENTRY

pytestmark = pytest.mark.anyio

COUNTS = (
    "select (select count(*) from audit_writers), (select count(*) from audit_entries), "
    "(select count(*) from audit_subjects)"
)
REFUSAL = {
    "sqlite": ["create trigger refused before insert on {table} begin select raise(abort, 'no'); end"],
    "postgresql": [
        "create function refused() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$",
        "create trigger refused before insert on {table} execute function refused()",
    ],
}
ALLOWANCE = {"sqlite": "drop trigger refused", "postgresql": "drop trigger refused on {table}"}
FULL_B = 4096
"""No file may grow beyond it: for the log of a state that was just opened this is as a full disk."""


@pytest.fixture
async def audit(engine: AsyncEngine, keys: Keys) -> AsyncIterator[Audit]:
    audit = Audit(engine, keys)
    await audit.start()
    yield audit
    await audit.stop()


@pytest.fixture
async def of_file(fresh_state: str, keys: Keys) -> AsyncIterator[tuple[Audit, AsyncEngine]]:
    engine = await migrated_engine(fresh_state)
    audit = Audit(engine, keys)
    await audit.start()
    yield audit, engine
    await audit.stop()
    await engine.dispose()


async def _changed(engine: AsyncEngine, *statements: str) -> None:
    async with writing(engine) as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def test_looking_leaves_nothing_in_the_record_and_does_not_disturb_its_chain(
    audit: Audit, engine: AsyncEngine
) -> None:
    await audit.record(ENTRY)
    for _ in range(3):
        await audit.ready()
    await audit.record(ENTRY)

    async with reading(engine) as connection:
        assert tuple((await connection.execute(text(COUNTS))).one()) == (1, 2, 2 * len(ENTRY.subjects))
        assert await connection.scalar(text("select max(sequence) from audit_entries")) == 2


@pytest.mark.parametrize("table", ["audit_writers", "audit_entries", "audit_subjects"])
async def test_a_record_whose_rows_are_refused_is_not_ready(audit: Audit, engine: AsyncEngine, table: str) -> None:
    dialect = engine.dialect.name
    await _changed(engine, *(statement.format(table=table) for statement in REFUSAL[dialect]))
    with pytest.raises(AuditUnavailable):
        await audit.ready()

    await _changed(engine, ALLOWANCE[dialect].format(table=table))
    await audit.ready()


async def test_a_record_on_a_full_disk_is_not_ready(of_file: tuple[Audit, AsyncEngine]) -> None:
    audit, _ = of_file
    await audit.ready()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_B, hard))
    try:
        with pytest.raises(AuditUnavailable):
            await audit.ready()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await audit.ready()


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_is_not_the_one_that_was_opened_is_not_ready_and_takes_no_entry(
    of_file: tuple[Audit, AsyncEngine], replaced: bool
) -> None:
    audit, engine = of_file
    file = Path(engine.url.database or "")
    kept = file.with_name("kept")
    await asyncio.to_thread(file.rename, kept)
    if replaced:
        await asyncio.to_thread(shutil.copy, kept, file)

    for ask in (audit.ready(), audit.record(ENTRY)):
        with pytest.raises(AuditUnavailable):
            await ask

    assert await asyncio.to_thread(file.exists) == replaced  # no empty state is made in its place
    await asyncio.to_thread(kept.rename, file)
    await audit.record(ENTRY)
