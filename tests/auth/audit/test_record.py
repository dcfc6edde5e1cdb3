"""An entry is durable before record() returns, chained to the one before, and readable by whom it concerns."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.log.chain import ChainedEntry, chain_breaks, hash_of, joined
from auth.audit.record import Audit
from auth.audit.usage.entries import UsagePage
from auth.crypto.keys import Keys
from auth.errors import AuditUnavailable
from auth.state.engine import migrated_engine, writing
from auth.state.tables import AUDIT_ENTRIES, AUDIT_SUBJECTS
from tests.auth.record import ENTRY, KEYS, NUMBER, TODAY

pytestmark = pytest.mark.anyio

OTHER = "001099054321"


@pytest.fixture
async def audit(engine: AsyncEngine, keys: Keys) -> AsyncIterator[Audit]:
    audit = Audit(engine, keys)
    await audit.start()
    yield audit
    await audit.stop()


async def _chained(engine: AsyncEngine) -> list[ChainedEntry]:
    entry = AUDIT_ENTRIES.c
    statement = select(entry.writer, entry.sequence, entry.body, entry.hash).order_by(entry.writer, entry.sequence)
    async with engine.connect() as connection:
        return [ChainedEntry(*row) for row in await connection.execute(statement)]


async def test_a_recorded_entry_is_there_for_another_connection_at_once(
    audit: Audit, state_url: str, keys: Keys
) -> None:
    await audit.record(ENTRY)

    other = await migrated_engine(state_url)
    entries = await _chained(other)
    await other.dispose()

    assert [(entry.sequence, chain_breaks([entry])) for entry in entries] == [(1, None)]


async def test_many_at_once_share_commits_and_make_one_whole_chain(audit: Audit, engine: AsyncEngine) -> None:
    commits: list[None] = []
    event.listen(engine.sync_engine, "commit", lambda _: commits.append(None))

    await asyncio.gather(*(audit.record(ENTRY) for _ in range(200)))

    entries = await _chained(engine)
    assert [entry.sequence for entry in entries] == list(range(1, 201))
    assert chain_breaks(entries) is None
    assert (len(commits) if engine.dialect.name == "sqlite" else await _transactions(engine)) < 20


async def _transactions(engine: AsyncEngine) -> int:
    """Return how many transactions wrote the entries, as PostgreSQL notes it with each row."""
    async with engine.connect() as connection:
        return await connection.scalar(text("select count(distinct xmin::text) from audit_entries")) or 0


async def test_every_start_has_a_chain_of_its_own(audit: Audit, engine: AsyncEngine, keys: Keys) -> None:
    await audit.record(ENTRY)
    second = Audit(engine, keys)
    await second.start()
    await second.record(ENTRY)
    await second.stop()

    entries = await _chained(engine)

    assert [entry.sequence for entry in entries] == [1, 1]
    assert entries[0].writer != entries[1].writer


@pytest.fixture(scope="module")
def chain() -> list[ChainedEntry]:
    entries: list[ChainedEntry] = []
    head = bytes(32)
    for sequence in range(1, 6):
        body = f'{{"rows":{sequence}}}'
        head = hash_of(head, 3, sequence, body.encode())
        entries.append(ChainedEntry(3, sequence, body, head))
    return entries


def test_a_whole_chain_has_no_break_and_may_be_checked_in_parts(chain: list[ChainedEntry]) -> None:
    assert chain_breaks(chain) is None
    assert chain_breaks(chain[2:], previous=chain[1].hash, first=3) is None


def test_every_kind_of_tampering_shows_where_it_was_done(chain: list[ChainedEntry]) -> None:
    changed = dataclasses.replace(chain[2], body='{"rows":0}')
    rehashed = dataclasses.replace(changed, hash=hash_of(chain[1].hash, 3, 3, changed.body.encode()))
    foreign = dataclasses.replace(chain[2], writer=4)

    assert chain_breaks([*chain[:2], changed, *chain[3:]]) == 3
    assert chain_breaks([*chain[:2], rehashed, *chain[3:]]) == 4
    assert chain_breaks([*chain[:2], *chain[3:]]) == 3
    assert chain_breaks([*chain[:2], chain[3], chain[2], chain[4]]) == 3
    assert chain_breaks([*chain[:3], chain[2], *chain[3:]]) == 4
    assert chain_breaks([*chain[:2], foreign, *chain[3:]]) == 3
    assert chain_breaks(chain[1:]) == 1


async def test_an_entry_holds_the_digest_of_its_indexed_subjects(audit: Audit, engine: AsyncEngine, keys: Keys) -> None:
    subjects = [*(keys.pseudonym(f"{number:012d}") for number in range(500)), keys.pseudonym(17)]
    await audit.record(dataclasses.replace(ENTRY, subjects=subjects + subjects[:7]))

    async with engine.connect() as connection:
        indexed = set((await connection.execute(select(AUDIT_SUBJECTS.c.subject))).scalars())
    [entry] = await _chained(engine)

    assert indexed == set(subjects)
    assert hash_of(bytes(32), entry.writer, 1, entry.body.encode()) == entry.hash
    assert sha256(joined(indexed)).hexdigest() in entry.body


async def test_a_person_reads_who_asked_newest_first_in_pages(audit: Audit) -> None:
    instants = [ENTRY.at + timedelta(seconds=second) for second in (0, 1, 1, 2, 3)]
    for at in instants:
        await audit.record(dataclasses.replace(ENTRY, at=at))
    await audit.record(dataclasses.replace(ENTRY, subjects=[KEYS.pseudonym(OTHER)]))

    pages: list[UsagePage] = [await audit.usage(NUMBER, (), TODAY, 2)]
    while pages[-1].has_next:
        pages.append(await audit.usage(NUMBER, (), TODAY, 2, pages[-1].entries[-1].position))

    assert [entry.at for page in pages for entry in page.entries] == instants[::-1]
    assert [len(page.entries) for page in pages] == [2, 2, 1]
    newest = pages[0].entries[0]
    assert (newest.client_id, newest.purpose, newest.case) == ("school", "school-management", "H01-7")
    assert (newest.released, newest.denied) == (ENTRY.released, ENTRY.denied)


async def test_nobody_has_a_log_by_another_number(audit: Audit) -> None:
    await audit.record(ENTRY)

    assert await audit.usage(OTHER, (), TODAY, 10) == UsagePage((), has_next=False)


async def test_when_the_store_fails_all_who_wait_hear_of_it(
    audit: Audit, engine: AsyncEngine, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    await audit.record(ENTRY)
    async with writing(engine) as connection:
        await connection.execute(text("alter table audit_subjects rename to elsewhere"))

    outcomes = await asyncio.gather(*(audit.record(ENTRY) for _ in range(10)), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [AuditUnavailable] * 10
    assert len(await _chained(engine)) == 1
    told = "".join(map(str, outcomes)) + caplog.text + "".join(capsys.readouterr())
    assert "audit entries not written" in told
    assert NUMBER not in told


async def test_after_a_failure_the_chain_goes_on(audit: Audit, engine: AsyncEngine) -> None:
    await audit.record(ENTRY)
    async with writing(engine) as connection:
        await connection.execute(text("alter table audit_subjects rename to elsewhere"))
    with pytest.raises(AuditUnavailable):
        await audit.record(ENTRY)
    async with writing(engine) as connection:
        await connection.execute(text("alter table elsewhere rename to audit_subjects"))

    await audit.record(ENTRY)

    entries = await _chained(engine)
    assert [entry.sequence for entry in entries] == [1, 2]
    assert chain_breaks(entries) is None


async def test_an_entry_is_written_even_if_nobody_waits_any_more(audit: Audit, engine: AsyncEngine) -> None:
    recording = asyncio.ensure_future(audit.record(ENTRY))
    await asyncio.sleep(0)
    recording.cancel()
    await audit.record(ENTRY)

    assert len(await _chained(engine)) == 2


async def test_stopping_writes_what_waits_and_takes_nothing_more(engine: AsyncEngine, keys: Keys) -> None:
    audit = Audit(engine, keys)
    await audit.start()
    recording = [asyncio.ensure_future(audit.record(ENTRY)) for _ in range(1000)]
    await asyncio.sleep(0)
    await audit.stop()

    await asyncio.gather(*recording)
    assert len(await _chained(engine)) == 1000
    with pytest.raises(AuditUnavailable):
        await audit.record(ENTRY)


async def test_an_audit_that_was_never_started_takes_nothing(engine: AsyncEngine, keys: Keys) -> None:
    with pytest.raises(AuditUnavailable):
        await Audit(engine, keys).record(ENTRY)


async def test_no_number_is_stored(tmp_path: Path, keys: Keys) -> None:
    engine = await migrated_engine(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite")
    audit = Audit(engine, keys)
    await audit.start()
    await audit.record(ENTRY)
    await audit.stop()
    await engine.dispose()

    stored = _everything_in(tmp_path)
    assert b"school-management" in stored
    assert NUMBER.encode() not in stored


def _everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())
