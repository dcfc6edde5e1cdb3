"""Entries that are hidden from their subjects: by a legal provision, until a day, and never from officers."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit import Audit
from auth.audit_adoption import adopt
from auth.audit_search import Search, found
from auth.keys import Keys
from auth.principal import HiddenUse
from tests.auth.record import BODY_OF_BEFORE, ENTRY, NUMBER, RECORD, left_by_before

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
