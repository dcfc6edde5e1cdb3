"""A root that somebody else has kept shows what the record alone cannot: a cut, a fork, a backup put back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.state.engine import migrated_engine, writing
from auth.state.tables import AUDIT_ENTRIES, AUDIT_ROOTS, AUDIT_SUBJECTS
from tests.auth.record import lines_of, recorded, verified

pytestmark = pytest.mark.anyio


@pytest.fixture
async def record(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """The state behind: writer 1 with 10 entries under two roots."""
    engine = await migrated_engine(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite")
    await recorded(engine, 5, roots=2)
    yield engine
    await engine.dispose()


async def test_entries_and_roots_cut_off_together_are_found_by_a_witness(record: AsyncEngine) -> None:
    witness = await lines_of(record, entries=False)
    async with writing(record) as connection:
        await connection.execute(delete(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.sequence > 5))
        await connection.execute(delete(AUDIT_SUBJECTS).where(AUDIT_SUBJECTS.c.sequence > 5))
        await connection.execute(delete(AUDIT_ROOTS).where(AUDIT_ROOTS.c.number > 1))
    lines = await lines_of(record)

    assert verified(lines) == []
    [finding] = verified(lines, witness)
    assert finding.startswith("writer 1, entry 6: missing: set back or cut off, root 2 of ")


async def test_a_backup_put_back_and_written_on_is_found_by_a_witness(record: AsyncEngine, tmp_path: Path) -> None:
    backup = await _copy(record, tmp_path / "backup.sqlite")
    await recorded(record, 3)
    witness = await lines_of(record)
    await recorded(backup, 4, roots=2)
    lines = await lines_of(backup)
    await backup.dispose()

    assert verified(lines) == []
    [finding] = verified(lines, witness)
    assert finding.startswith("writer 2, entry 1: forked: some entry from here to 3 is not as in root 3 of ")


async def test_two_copies_that_both_go_on_cannot_both_be_the_record(record: AsyncEngine, tmp_path: Path) -> None:
    copy = await _copy(record, tmp_path / "copy.sqlite")
    for engine in (record, copy):
        await recorded(engine, 2)
    lines, others = await lines_of(record), await lines_of(copy)
    await copy.dispose()

    assert verified(lines) == verified(others) == []
    assert "forked" in verified(lines, others)[0]
    assert "forked" in verified(others, lines)[0]


async def _copy(engine: AsyncEngine, to: Path) -> AsyncEngine:
    """Return a copy of the state as it now is."""
    raw = await engine.raw_connection()
    await raw.driver_connection.execute(f"vacuum into '{to}'")  # type: ignore[union-attr]
    raw.close()
    return await migrated_engine(f"sqlite+aiosqlite:///{to}")


async def test_a_witness_is_believed_only_if_signed(record: AsyncEngine) -> None:
    lines = await lines_of(record)
    assert verified(lines, witness=[b"not a root"]) == [
        "the witness holds a root that is not signed by the key that it names"
    ]
