"""A file that does not answer holds nobody up longer than it may."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.record import Audit
from auth.crypto.keys import Keys
from auth.errors import AuditUnavailable, StateUnavailable
from auth.state.engine import migrated_engine, reading, writing
from tests.auth.record import ENTRY

pytestmark = pytest.mark.anyio

STUCK_S = 4.0


@pytest.fixture
async def engine(fresh_state: str) -> AsyncIterator[AsyncEngine]:
    engine = await migrated_engine(fresh_state)
    yield engine
    await engine.dispose()
    for thread in threading.enumerate():  # those left behind say how it went to the loop, which must be there
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 10)
    await asyncio.sleep(0)


@pytest.fixture
def other(fresh_state: str) -> Iterator[sqlite3.Connection]:
    """Somebody else who has the file open."""
    connection = sqlite3.connect(make_url(fresh_state).database or "", isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


async def test_a_statement_whose_thread_is_stuck_is_given_up_in_time(engine: AsyncEngine) -> None:
    began = time.monotonic()
    with pytest.raises(StateUnavailable):
        async with reading(engine, within_s=0.2) as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            # as the disk may be: nothing of Python's ends it
            await driver.create_function("stuck", 1, lambda seconds: time.sleep(seconds))
            await connection.execute(text(f"select stuck({STUCK_S})"))

    assert time.monotonic() - began < STUCK_S / 2
    async with reading(engine) as connection:
        assert await connection.scalar(text("select 1")) == 1


async def test_who_cannot_write_for_anothers_lock_is_given_up_in_time(
    engine: AsyncEngine, other: sqlite3.Connection
) -> None:
    other.execute("begin immediate")
    began = time.monotonic()
    with pytest.raises(StateUnavailable):
        async with writing(engine, within_s=0.2):
            pass

    assert time.monotonic() - began < STUCK_S / 2
    other.execute("rollback")
    async with writing(engine) as connection:
        await connection.execute(text("delete from audit_subjects"))


async def test_an_entry_that_cannot_be_written_holds_nobody_up_and_the_chain_goes_on(
    engine: AsyncEngine, keys: Keys, other: sqlite3.Connection
) -> None:
    audit = Audit(engine, keys)
    await audit.start()
    await audit.record(ENTRY)
    other.execute("begin immediate")
    began = time.monotonic()
    outcomes = await asyncio.gather(*(audit.record(ENTRY) for _ in range(20)), return_exceptions=True)
    took_s = time.monotonic() - began
    other.execute("rollback")
    await audit.record(ENTRY)
    await audit.stop()

    assert [type(one) for one in outcomes] == [AuditUnavailable] * 20
    assert took_s < 8
    async with reading(engine) as connection:
        assert await connection.scalar(text("select count(*) from audit_writers")) == 1
        assert await connection.scalar(text("select max(sequence) = count(*) from audit_entries")) == 1
