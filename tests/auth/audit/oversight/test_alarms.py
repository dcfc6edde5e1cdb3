"""What an officer is told to look at: stopped clients, broken and unsigned chains, days of refusals."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.log.chain import Entry
from auth.audit.oversight.alarms import Alarm, AlarmKindValue, alarms
from auth.audit.record import Audit
from auth.crypto.keys import Keys
from auth.emergencies import Emergencies, EmergencyUse
from auth.errors import Refused
from auth.principal import PrincipalKind
from auth.state.engine import writing
from auth.state.tables import AUDIT_ENTRIES, HARVEST_STOPS
from tests.auth.record import ENTRY, KEY, RECORD

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)
SINCE, UNTIL = NOW - timedelta(days=7), NOW + timedelta(hours=2)


def fresh(**changed: Any) -> Entry:
    """Return an entry of this moment: one that is older than some minutes should have been signed."""
    return dataclasses.replace(ENTRY, at=datetime.now(UTC), **changed)


@pytest.fixture
async def audit(engine: AsyncEngine, keys: Keys) -> AsyncIterator[Audit]:
    audit = Audit(engine, keys, KEY, root_interval_s=3600)
    await audit.start()
    yield audit
    await audit.stop()


async def found(engine: AsyncEngine) -> list[Alarm]:
    return await alarms(engine, RECORD, SINCE, UNTIL, most=1000)


async def test_a_reading_in_an_emergency_is_one_without_its_reason(engine: AsyncEngine, keys: Keys) -> None:
    use = EmergencyUse("police", "vital-interests", NOW, "r-9", "found unconscious")
    await Emergencies(engine, keys).record(use, ["001099012345", "001099054321"])
    (alarm,) = await found(engine)
    assert (alarm.kind, alarm.client_id, alarm.purpose, alarm.count) == (
        AlarmKindValue.BREAK_GLASS_USED,
        "police",
        "vital-interests",
        2,
    )
    assert "unconscious" not in repr(alarm)


async def test_a_sound_record_gives_none(audit: Audit, engine: AsyncEngine) -> None:
    for _ in range(3):
        await audit.record(fresh())
        await audit.sign()
    await audit.record(fresh())
    assert await found(engine) == []


async def test_a_stopped_client_is_one(engine: AsyncEngine) -> None:
    stop = {"client_id": "school", "purpose": "school-management", "day": NOW.date(), "at": NOW, "reason": "subjects"}
    async with writing(engine) as connection:
        await connection.execute(insert(HARVEST_STOPS).values(**stop, subjects=90, misses=4, limit=100))
    [alarm] = await found(engine)
    assert (alarm.kind, alarm.client_id, alarm.count, alarm.total) == (
        AlarmKindValue.HARVEST_STOPPED,
        "school",
        110,
        100,
    )
    assert await alarms(engine, RECORD, SINCE, NOW - timedelta(days=1), most=1000) == []


@pytest.mark.parametrize("signed", [0, 2])
async def test_an_entry_changed_before_its_root_is_one(audit: Audit, engine: AsyncEngine, signed: int) -> None:
    for number in range(4):
        if number == signed:
            await audit.sign()
        await audit.record(fresh())
    body = {"body": AUDIT_ENTRIES.c.body + " "}
    async with writing(engine) as connection:
        await connection.execute(update(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.sequence == 3).values(body))
    assert [(one.kind, one.writer, one.entry) for one in await found(engine)] == [
        (AlarmKindValue.CHAIN_BROKEN, 1, 3),
        (AlarmKindValue.NOT_OURS, 1, 3),
    ]


@pytest.mark.parametrize("gone", [1, 2, 3])
async def test_an_entry_taken_out_is_one(audit: Audit, engine: AsyncEngine, gone: int) -> None:
    for number in range(4):
        if number == 2:
            await audit.sign()
        await audit.record(fresh())
    async with writing(engine) as connection:
        await connection.execute(delete(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.sequence == gone))
    # those under a root are the verifier's to miss, but for the last, on which the rest is built
    assert [one.entry for one in await found(engine)] == [one for one in (gone,) if one >= 2]


async def test_entries_long_under_no_root_are_one(audit: Audit, engine: AsyncEngine) -> None:
    await audit.record(dataclasses.replace(ENTRY, at=datetime.now(UTC) - timedelta(minutes=6)))
    assert [(one.kind, one.entry) for one in await found(engine)] == [(AlarmKindValue.NOT_SIGNED, 1)]


@pytest.mark.parametrize(
    ("refused", "answered", "alarm"), [(50, 0, True), (49, 0, False), (50, 49, True), (50, 50, False)]
)
async def test_a_day_mostly_refused_is_one(
    audit: Audit, engine: AsyncEngine, refused: int, answered: int, alarm: bool
) -> None:
    for changed, number in (({"released": ()}, refused), ({}, answered)):
        for _ in range(number):
            await audit.record(fresh(**changed))
    alarms_found = [(one.kind, one.count, one.total) for one in await found(engine)]
    assert alarms_found == ([(AlarmKindValue.DENIALS, refused, refused + answered)] if alarm else [])


async def test_what_citizens_are_refused_is_none(audit: Audit, engine: AsyncEngine) -> None:
    for _ in range(50):
        await audit.record(fresh(released=(), principal_kind=PrincipalKind.CITIZEN))
    assert await found(engine) == []


async def test_too_long_a_period_is_refused(audit: Audit, engine: AsyncEngine) -> None:
    for _ in range(3):
        await audit.record(fresh())
    with pytest.raises(Refused, match="more than 2 operations in this period"):
        await alarms(engine, RECORD, SINCE, UNTIL, most=2)
