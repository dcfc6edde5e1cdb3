"""Our own state comes back after the way to it has failed in whatever manner: no connection in doubt is used again."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

import pytest
from sqlalchemy import func, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.agreements.grants import Grants
from auth.audit.log.chain import ChainedEntry, chain_breaks
from auth.audit.record import Audit
from auth.crypto.keys import Keys
from auth.errors import AuditUnavailable, StateUnavailable
from auth.state.engine import CONNECTIONS, migrated_engine, reading, writing
from auth.state.line import DedicatedConnection
from auth.state.tables import AUDIT_ENTRIES, AUDIT_ROOTS, AUDIT_WRITERS
from tests.auth.record import ENTRY, TODAY
from tests.relay import Relay, relay

pytestmark = [pytest.mark.anyio, pytest.mark.servers]

RECOVERED_S = 10.0
"""What docs/operating.md promises."""


class Away(NamedTuple):
    """Our own state behind a relay, with all that a request asks of it."""

    relay: Relay
    engine: AsyncEngine
    grants: Grants
    audit: Audit

    async def serve(self) -> None:
        """Ask what a request asks: a line, the pool, the record."""
        await self.grants.of("school", TODAY)
        async with reading(self.engine) as connection:
            await connection.execute(text("select 1"))
        await self.audit.record(ENTRY)


@pytest.fixture
async def state(fresh_database: Callable[[str], str], keys: Keys) -> AsyncIterator[Away]:
    url = make_url(fresh_database("failover"))
    assert url.port is not None
    async with relay(url.port) as way:
        engine = await migrated_engine(url.set(port=way.port).render_as_string(hide_password=False))
        audit = Audit(engine, keys)
        await audit.start()
        yield Away(way, engine, Grants(engine), audit)
        await audit.stop()
        await engine.dispose()


async def _warm(state: Away) -> None:
    """Open every connection that there may be."""
    await state.serve()
    await asyncio.gather(*(_asleep(state.engine) for _ in range(CONNECTIONS)))


async def _asleep(engine: AsyncEngine) -> None:
    async with reading(engine) as connection:
        await connection.execute(text("select pg_sleep(0.2)"))


async def _until_served(state: Away) -> float:
    """Return how long requests, one after another, are not answered."""
    began = time.monotonic()
    while True:
        try:
            await state.serve()
        except (StateUnavailable, AuditUnavailable):
            assert time.monotonic() - began < 60
        else:
            return time.monotonic() - began


async def test_requests_are_answered_again_after_all_connections_went_silent(state: Away) -> None:
    await _warm(state)
    state.relay.freeze()

    assert await _until_served(state) < RECOVERED_S
    # and by every connection: none of those before is used once more
    await asyncio.wait_for(asyncio.gather(*(state.serve() for _ in range(3 * CONNECTIONS))), RECOVERED_S)


async def test_a_crowd_is_answered_again_too(state: Away) -> None:
    await _warm(state)
    state.relay.freeze()
    crowd = [asyncio.ensure_future(_until_served(state)) for _ in range(100)]

    assert max(await asyncio.gather(*crowd)) < RECOVERED_S


async def test_connections_that_were_reset_cost_no_request(state: Away) -> None:
    await _warm(state)
    state.relay.cut()
    await asyncio.sleep(0.1)

    await state.serve()


async def test_who_writes_hears_that_the_state_is_away(state: Away) -> None:
    await _warm(state)
    state.relay.freeze()

    with pytest.raises(StateUnavailable):
        async with writing(state.engine) as connection:
            await connection.execute(text("select 1"))


async def test_one_statement_given_up_does_not_hold_up_the_next(state: Away) -> None:
    """The driver would wait for the answer to the cancelled one before it sent another."""
    line = DedicatedConnection(state.engine)
    await line.read("select 1")
    state.relay.freeze()
    with pytest.raises(StateUnavailable):
        await line.read("select 2")

    began = time.monotonic()
    assert [row[0] for row in await line.read("select 3")] == [3]
    assert time.monotonic() - began < 1


async def test_postgresql_gives_up_a_slow_statement_itself_and_the_connection_stays(state: Away) -> None:
    line = DedicatedConnection(state.engine)
    before = (await line.read("select pg_backend_pid()"))[0][0]
    with pytest.raises(StateUnavailable):
        await line.read("select pg_sleep(30)")

    assert (await line.read("select pg_backend_pid()"))[0][0] == before
    assert await _running(state.engine, "pg_sleep(30)") == 0


async def _running(engine: AsyncEngine, words: str) -> int:
    async with reading(engine) as connection:
        statement = text("select count(*) from pg_stat_activity where state = 'active' and query = 'select ' || :words")
        return int(await connection.scalar(statement, {"words": words}) or 0)


async def test_batches_that_fail_leave_no_writer_behind_and_the_chain_goes_on(state: Away) -> None:
    await state.audit.record(ENTRY)
    for _ in range(3):
        async with writing(state.engine) as connection:
            await connection.execute(text("alter table audit_subjects rename to elsewhere"))
        for _ in range(5):
            with pytest.raises(AuditUnavailable):
                await state.audit.record(ENTRY)
        async with writing(state.engine) as connection:
            await connection.execute(text("alter table elsewhere rename to audit_subjects"))
        await state.audit.record(ENTRY)

    writers, entries = await _record(state.engine)
    assert (writers, len(entries), chain_breaks(entries)) == (1, 4, None)


async def _record(engine: AsyncEngine) -> tuple[int, list[ChainedEntry]]:
    """Return how many writers there are, and the entries of all of them."""
    entry = AUDIT_ENTRIES.c
    kept = select(entry.writer, entry.sequence, entry.body, entry.hash).order_by(entry.writer, entry.sequence)
    async with reading(engine) as connection:
        writers = await connection.scalar(select(func.count()).select_from(AUDIT_WRITERS))
        return writers or 0, [ChainedEntry(*row) for row in await connection.execute(kept)]


async def test_an_entry_that_arrived_although_nobody_heard_of_it_is_in_the_chain_and_signed(state: Away) -> None:
    for _ in range(2):  # the statement of the second is prepared by now: the next one is sent at once
        await state.audit.record(ENTRY)
    state.relay.mute()
    with pytest.raises(AuditUnavailable):
        await state.audit.record(ENTRY)

    await state.audit.record(ENTRY)
    await state.audit.sign()

    writers, entries = await _record(state.engine)
    assert (writers, [one.sequence for one in entries]) == (1, [1, 2, 3, 4])
    assert chain_breaks(entries) is None
    async with reading(state.engine) as connection:
        assert await connection.scalar(select(AUDIT_ROOTS.c.size)) == 4


async def test_a_chain_that_was_set_back_meanwhile_is_told_and_not_gone_on_with(
    state: Away, capsys: pytest.CaptureFixture[str]
) -> None:
    """A standby that had not yet heard of the last entries has taken over."""
    for _ in range(3):
        await state.audit.record(ENTRY)
    async with writing(state.engine) as connection:
        await connection.execute(text("delete from audit_subjects where sequence = 3"))
        await connection.execute(text("delete from audit_entries where sequence = 3"))
    state.relay.freeze()
    with pytest.raises(AuditUnavailable):
        await state.audit.record(ENTRY)

    await state.audit.record(ENTRY)

    writers, entries = await _record(state.engine)
    assert (writers, [one.sequence for one in entries]) == (2, [1, 2, 1])
    assert "audit chain not found as written" in capsys.readouterr().out


async def test_the_record_is_not_ready_while_it_could_not_be_written(state: Away) -> None:
    await state.audit.record(ENTRY)
    await state.audit.ready()
    state.relay.freeze()

    with pytest.raises(AuditUnavailable):
        await state.audit.ready()
    await state.audit.ready()


async def test_a_start_whose_first_batches_fail_leaves_no_writer_behind(state: Away) -> None:
    async with writing(state.engine) as connection:
        await connection.execute(text("alter table audit_subjects rename to elsewhere"))
    for _ in range(5):
        with pytest.raises(AuditUnavailable):
            await state.audit.record(ENTRY)

    assert await _record(state.engine) == (0, [])
