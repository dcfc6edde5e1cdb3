"""Roots are signed in time, over what this process knows it wrote, and over what others have left behind."""

import asyncio

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.log.signed_roots import latest, opened
from auth.audit.record import Audit
from auth.audit.writing.signer import Signer
from auth.crypto.keys import Keys
from auth.crypto.signing import PublicKeys, SigningKey
from auth.errors import AuditUnavailable
from auth.state.engine import writing
from auth.state.tables import AUDIT_ENTRIES, AUDIT_ROOTS
from tests.auth.record import ENTRY, KEY, PUBLIC, RECORD, lines_of, recorded, verified

pytestmark = pytest.mark.anyio


async def _signed(engine: AsyncEngine) -> list[tuple[int, int, int]]:
    """Return number, writer and size of every root."""
    root = AUDIT_ROOTS.c
    async with engine.connect() as connection:
        rows = await connection.execute(select(root.number, root.writer, root.size).order_by(root.number))
        return [(row.number, row.writer, row.size) for row in rows]


async def _written_and_left(engine: AsyncEngine, keys: Keys) -> Audit:
    """Write two entries as a process does that then dies: no root is signed."""
    audit = Audit(engine, keys, KEY)
    await audit.start()
    for _ in range(2):
        await audit.record(ENTRY)
    return audit


async def test_a_root_is_signed_every_so_often_where_there_is_something_new(engine: AsyncEngine, keys: Keys) -> None:
    audit = Audit(engine, keys, KEY, root_interval_s=0.05)
    await audit.start()
    for size in (1, 2):
        await audit.record(ENTRY)
        for _ in range(500):
            await asyncio.sleep(0.01)
            if len(await _signed(engine)) == size:
                break
    await asyncio.sleep(0.2)
    await audit.stop()

    [writer] = {writer for _, writer, _ in await _signed(engine)}
    assert await _signed(engine) == [(1, writer, 1), (2, writer, 2)]


async def test_stopping_signs_what_is_new(engine: AsyncEngine, keys: Keys) -> None:
    audit = await _written_and_left(engine, keys)
    assert await _signed(engine) == []

    await audit.stop()

    assert [size for _, _, size in await _signed(engine)] == [2]
    statement = await latest(engine)
    assert statement is not None
    assert opened(statement, PUBLIC).size == 2


async def test_without_a_key_of_its_own_a_deployment_signs_with_a_derived_one(engine: AsyncEngine, keys: Keys) -> None:
    audit = Audit(engine, keys)
    await audit.start()
    await audit.record(ENTRY)
    await audit.stop()

    derived = PublicKeys([SigningKey(keys.signing_seed()).published()])
    assert verified(await lines_of(engine), keys=derived) == []


async def test_replicas_number_their_roots_in_one_log(engine: AsyncEngine, keys: Keys) -> None:
    audits = [await _written_and_left(engine, keys) for _ in range(4)]

    await asyncio.gather(*(audit.stop() for audit in audits))

    assert [(number, size) for number, _, size in await _signed(engine)] == [(number, 2) for number in (1, 2, 3, 4)]
    assert verified(await lines_of(engine)) == []


async def test_the_end_that_a_dead_writer_has_left_is_signed_by_another(engine: AsyncEngine, keys: Keys) -> None:
    await recorded(engine, 3)
    dead = await _written_and_left(engine, keys)
    signer = Signer(engine, RECORD)

    await signer.sign()
    assert [size for _, _, size in await _signed(engine)] == [3, 2]  # ENTRY's own time is long past
    assert verified(await lines_of(engine)) == []
    await dead.stop()
    assert len(await _signed(engine)) == 2


async def test_the_end_of_a_signed_chain_is_taken_up_from_its_root(engine: AsyncEngine, keys: Keys) -> None:
    audit = await _written_and_left(engine, keys)
    await audit.sign()
    for _ in range(5):
        await audit.record(ENTRY)

    await Signer(engine, RECORD).sign()

    assert [size for _, _, size in await _signed(engine)] == [2, 7]
    assert verified(await lines_of(engine)) == []
    await audit.stop()


async def test_what_is_new_is_left_to_its_writer(engine: AsyncEngine, keys: Keys) -> None:
    audit = await _written_and_left(engine, keys)
    await Signer(engine, RECORD).sign(abandoned_s=1e9)

    assert await _signed(engine) == []
    await audit.stop()


async def test_a_broken_end_is_not_signed_and_told(
    engine: AsyncEngine, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    dead = await _written_and_left(engine, keys)
    async with writing(engine) as connection:
        await connection.execute(delete(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.sequence == 1))
    signer = Signer(engine, RECORD)

    await signer.sign()
    await signer.sign()

    assert await _signed(engine) == []
    assert capsys.readouterr().out.count("audit chain broken") == 1
    await dead.stop()


async def test_what_is_changed_before_the_next_root_is_signed_as_it_was_written(
    engine: AsyncEngine, keys: Keys
) -> None:
    audit = await _written_and_left(engine, keys)
    async with writing(engine) as connection:
        await connection.execute(
            update(AUDIT_ENTRIES).values(body=func.replace(AUDIT_ENTRIES.c.body, "Class", "Klass"))
        )
    await audit.stop()

    assert verified(await lines_of(engine))[0].endswith(
        "entry 1: not as a process that holds the keys wrote it: left out"
    )


async def test_a_record_set_back_under_a_running_process_raises_the_alarm(
    engine: AsyncEngine, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = await _written_and_left(engine, keys)
    await audit.sign()
    async with writing(engine) as connection:
        await connection.execute(delete(AUDIT_ROOTS))
    await audit.record(ENTRY)
    await audit.stop()

    assert "audit record is not the one that was signed" in capsys.readouterr().out


async def test_where_roots_cannot_be_signed_entries_are_and_roots_later(
    engine: AsyncEngine, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = await _written_and_left(engine, keys)
    async with writing(engine) as connection:
        await connection.execute(text("alter table audit_roots rename to elsewhere"))
    await audit.sign()
    await audit.record(ENTRY)
    async with writing(engine) as connection:
        await connection.execute(text("alter table elsewhere rename to audit_roots"))
    await audit.stop()

    assert "audit roots not signed" in capsys.readouterr().out
    assert verified(await lines_of(engine)) == []
    assert [size for _, _, size in await _signed(engine)] == [3]


async def test_a_chain_that_goes_on_after_a_failed_write_is_signed_whole(engine: AsyncEngine, keys: Keys) -> None:
    audit = await _written_and_left(engine, keys)
    async with writing(engine) as connection:
        await connection.execute(text("alter table audit_subjects rename to elsewhere"))
    with pytest.raises(AuditUnavailable):
        await audit.record(ENTRY)
    async with writing(engine) as connection:
        await connection.execute(text("alter table elsewhere rename to audit_subjects"))
    await audit.record(ENTRY)
    await audit.stop()

    assert sorted(size for _, _, size in await _signed(engine)) == [3]
    assert verified(await lines_of(engine)) == []
