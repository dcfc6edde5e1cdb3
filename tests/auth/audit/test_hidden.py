"""Entries that are hidden from their subjects: by a legal provision, until a day, and never from officers."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.oversight.search import Search, found
from auth.audit.record import Audit
from auth.audit.writing.adoption import adopt
from auth.crypto.keys import Keys
from auth.principal import HiddenUse
from auth.state.engine import writing
from auth.state.tables import AUDIT_SUBJECTS
from tests.auth.record import BODY_OF_BEFORE, ENTRY, KEYS, NUMBER, RECORD, TODAY, left_by_before

pytestmark = pytest.mark.anyio

HIDDEN = dataclasses.replace(ENTRY, request_id="r-2", hidden=HiddenUse("Law 25/2018/QH14", date(2026, 12, 31)))


@pytest.fixture
async def audit(engine: AsyncEngine, keys: Keys) -> AsyncIterator[Audit]:
    audit = Audit(engine, keys)
    await audit.start()
    yield audit
    await audit.stop()


@pytest.mark.parametrize(("on", "shown"), [(date(2026, 12, 31), 1), (date(2027, 1, 1), 2)])
async def test_the_subject_sees_a_hidden_entry_from_the_day_after(audit: Audit, on: date, shown: int) -> None:
    await audit.record(ENTRY)
    await audit.record(HIDDEN)

    page = await audit.usage(NUMBER, (), on, 10)

    assert len(page.entries) == shown


async def test_hidden_entries_leave_no_gap_in_pages(audit: Audit) -> None:
    for entry in (ENTRY, HIDDEN, HIDDEN, ENTRY):
        await audit.record(entry)

    page = await audit.usage(NUMBER, (), date(2026, 12, 1), 2)

    assert (len(page.entries), page.has_next) == (2, False)


async def test_officers_see_it_at_any_time(audit: Audit, engine: AsyncEngine) -> None:
    await audit.record(HIDDEN)

    assert [entry.request_id for entry in (await found(engine, RECORD, Search(), 10)).entries] == ["r-2"]


async def test_an_entry_of_before_is_shown(audit: Audit, engine: AsyncEngine, keys: Keys) -> None:
    """Its body has one line and says nothing of hiding."""
    await left_by_before(engine, BODY_OF_BEFORE, keys.pseudonym(NUMBER))
    await adopt(engine, RECORD)

    assert len((await audit.usage(NUMBER, (), date(2026, 12, 1), 10)).entries) == 1


@pytest.mark.parametrize(("citation", "until"), [("", date(2026, 12, 31)), (" ", date(2026, 12, 31)), ("Law", None)])
def test_nothing_is_hidden_without_a_provision_or_for_ever(citation: str, until: Any) -> None:
    with pytest.raises(ValueError, match="by a legal provision and until a day"):
        HiddenUse(citation, until)


async def test_the_index_hides_nothing_that_does_not_hide_itself(
    audit: Audit, engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever may write to our database would empty a log with one statement."""
    for entry in (ENTRY, HIDDEN, ENTRY, ENTRY):
        await audit.record(entry)
    async with writing(engine) as connection:
        await connection.execute(update(AUDIT_SUBJECTS).values(hidden_until=date(9999, 12, 31)))
    day = date(2026, 12, 1)

    first = await audit.usage(NUMBER, (), day, 2)
    second = await audit.usage(NUMBER, (), day, 2, first.last)
    skipped = await audit.usage_in(NUMBER, (), day, (None, None), 2, skipped=1)

    assert [entry.position[2] for entry in (*first.entries, *second.entries)] == [4, 3, 1]
    assert (first.has_next, first.whole, second.has_next, second.whole) == (True, True, False, True)
    assert [entry.position[2] for entry in skipped.entries] == [3, 1]
    assert await audit.usage_number(NUMBER, (), day, (None, None)) == 3
    assert "audit index not as entries say" in capsys.readouterr().out


async def test_what_is_planted_as_hidden_leaves_the_log_not_whole(audit: Audit, engine: AsyncEngine) -> None:
    await audit.record(ENTRY)
    planted = {"subject": KEYS.pseudonym(NUMBER), "at": ENTRY.at, "writer": 77, "sequence": 1}
    async with writing(engine) as connection:
        await connection.execute(insert(AUDIT_SUBJECTS).values(**planted, hidden_until=date(9999, 12, 31)))

    page = await audit.usage(NUMBER, (), date(2026, 12, 1), 10)

    assert (len(page.entries), page.whole) == (1, False)


async def test_the_index_shows_nothing_that_hides_itself(audit: Audit, engine: AsyncEngine) -> None:
    for entry in (ENTRY, HIDDEN):
        await audit.record(entry)
    async with writing(engine) as connection:
        await connection.execute(update(AUDIT_SUBJECTS).values(hidden_until=None))

    assert len((await audit.usage(NUMBER, (), date(2026, 12, 1), 10)).entries) == 1


async def test_what_is_hidden_is_found_without_going_through_the_log(audit: Audit, engine: AsyncEngine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by what it knows of the table")
    statements: list[tuple[str, Any]] = []
    listener = "before_cursor_execute"
    event.listen(engine.sync_engine, listener, lambda *seen: statements.append((seen[2], seen[3])))
    await audit.usage(NUMBER, (), TODAY, 10)
    [statement] = [each for each in statements if "hidden_until >=" in each[0]]

    async with engine.connect() as connection:
        plan = (await connection.exec_driver_sql(f"explain query plan {statement[0]}", statement[1])).all()

    assert [row.detail for row in plan if "audit_subjects" in row.detail] == [
        "SEARCH audit_subjects USING INDEX ix_audit_subjects_subject_at (subject=?)"
    ]
