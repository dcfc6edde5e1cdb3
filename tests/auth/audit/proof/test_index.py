"""An export names each entry of which the index of persons says what the entry does not, and who verifies is told."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import Executable, delete, insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.proof.index import IndexFault
from auth.state.engine import writing
from auth.state.tables import AUDIT_SUBJECTS
from tests.auth.record import ENTRY, KEYS, lines_of, recorded, verified

pytestmark = pytest.mark.anyio

SUBJECT = AUDIT_SUBJECTS.c
THE_SECOND = (SUBJECT.writer == 1) & (SUBJECT.sequence == 2)
STRANGER = KEYS.pseudonym("001099054321")
PLANTED = {"subject": STRANGER, "at": ENTRY.at, "writer": 1, "sequence": 2}

TAMPERINGS: Mapping[str, tuple[Executable, IndexFault]] = {
    "taken away": (delete(AUDIT_SUBJECTS).where(THE_SECOND), IndexFault.MISSING),
    "redirected": (update(AUDIT_SUBJECTS).where(THE_SECOND).values(subject=STRANGER), IndexFault.MISSING),
    "hidden": (update(AUDIT_SUBJECTS).where(THE_SECOND).values(hidden_until=date(9999, 12, 31)), IndexFault.OTHERWISE),
    "moved": (
        update(AUDIT_SUBJECTS).where(THE_SECOND).values(at=ENTRY.at - timedelta(days=40)),
        IndexFault.OTHERWISE,
    ),
    "planted": (insert(AUDIT_SUBJECTS).values(PLANTED), IndexFault.OTHERWISE),
}


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=str)
async def test_a_row_of_the_index_that_is_not_as_its_entry_says_is_told(engine: AsyncEngine, tampering: str) -> None:
    await recorded(engine, 3)
    statement, fault = TAMPERINGS[tampering]
    async with writing(engine) as connection:
        await connection.execute(statement)

    assert verified(await lines_of(engine)) == [f"writer 1, entry 2: {fault.value}"]
    assert verified(await lines_of(engine, entries=False)) == [f"writer 1, entry 2: {fault.value}"]


async def test_a_row_of_the_index_that_names_no_entry_is_told(engine: AsyncEngine) -> None:
    await recorded(engine, 3)
    async with writing(engine) as connection:
        await connection.execute(insert(AUDIT_SUBJECTS).values({**PLANTED, "sequence": 4}))

    assert verified(await lines_of(engine)) == [f"writer 1, entry 4: {IndexFault.NO_ENTRY.value}"]


async def test_all_entries_that_were_tampered_with_are_named(engine: AsyncEngine) -> None:
    await recorded(engine, 3)
    async with writing(engine) as connection:
        await connection.execute(update(AUDIT_SUBJECTS).values(hidden_until=date(9999, 12, 31)))

    lines: list[dict[str, Any]] = [orjson.loads(line) for line in await lines_of(engine)]

    assert [line["sequence"] for line in lines if line["kind"] == "misindexed"] == [1, 2, 3]
