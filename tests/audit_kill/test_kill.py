"""`kill -9` at any moment loses no entry of a request that was answered, and the record stays whole."""

import asyncio
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.proof.export import Export
from auth.audit.proof.verify import Verification
from auth.audit.record import Audit
from auth.audit.writing.outbox import LEFT_FOR
from auth.audit.writing.signer import Signer
from auth.crypto.audit_keys import RecordKeys
from auth.crypto.keys import Keys
from auth.crypto.signing import PublicKeys, SigningKey
from auth.state.engine import migrated_engine
from auth.state.tables import DOSSIERS
from tests.audit_kill import changer
from tests.audit_kill.writer import SEED

ROOT = Path(__file__).resolve().parents[2]
KILLS = 12
LEAST = 100
KEY = SigningKey(SEED)

pytestmark = [pytest.mark.slow, pytest.mark.servers]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_five_kills_lose_no_answered_request(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/state.sqlite"
    if database == "postgresql":
        fresh_database: Callable[[str], str] = request.getfixturevalue("fresh_database")
        url = fresh_database("audit_kill")
    moments = random.Random(20261121)

    answered = [_answered_until_killed(url, run, moments.uniform(0.05, 1.0), least=LEAST) for run in range(KILLS)]
    lines = asyncio.run(_left(url))

    recorded = {
        orjson.loads(line["body"])["request_id"] for line in map(orjson.loads, lines) if line["kind"] == "entry"
    }
    assert min(map(len, answered)) >= LEAST
    assert [ids - recorded for ids in answered] == [set()] * KILLS
    verification = Verification(PublicKeys([KEY.published()]))
    verification.read(lines)
    assert (verification.findings, verification.unsigned) == ([], 0)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_kill_between_a_change_and_its_entry_loses_neither(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/state.sqlite"
    if database == "postgresql":
        fresh_database: Callable[[str], str] = request.getfixturevalue("fresh_database")
        url = fresh_database("change_kill")
    moments = random.Random(20261130)

    told = [_answered_until_killed(url, run, moments.uniform(0.05, 0.5), changer.__name__) for run in range(KILLS)]
    changes, before, after, lines = asyncio.run(_changed(url))

    assert set().union(*told) <= changes
    # eight at a time are between their change and its entry: a kill finds some there
    assert changes - before
    assert after == changes
    verification = Verification(PublicKeys([KEY.published()]))
    verification.read(lines)
    assert verification.findings == []


async def _changed(url: str) -> tuple[set[str], set[str], set[str], list[bytes]]:
    """Return the changes that stand, those that were in the record, those that are once the notes are delivered."""
    engine: AsyncEngine = await migrated_engine(url)
    audit = Audit(engine, Keys(SEED), KEY)
    await audit.start()
    async with engine.connect() as connection:
        changes = {number for (number,) in await connection.execute(select(DOSSIERS.c.number))}
    before = await _told(audit)
    await audit.deliver(datetime.now(UTC) + 2 * LEFT_FOR)
    after = await _told(audit)
    await audit.stop()
    await engine.dispose()
    return changes, before, after, await _left(url)


async def _told(audit: Audit) -> set[str]:
    """Return the operations that changed something of the person, by the person's own log."""
    page = await audit.usage(changer.PERSON, (), date(2100, 1, 1), 100_000)
    return {entry.request_id for entry in page.entries if changer.CHANGE in entry.released}


def _answered_until_killed(
    url: str, run: int, after_s: float, program: str = "tests.audit_kill.writer", least: int = 1
) -> set[str]:
    """Return what the writer had answered when it was killed, `after_s` after its first `least` answers."""
    command = [sys.executable, "-m", program, url, str(run)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        first = b"".join(writer.stdout.readline() for _ in range(least))
        killer = threading.Timer(after_s, writer.kill)
        killer.start()
        rest = writer.stdout.read()
        killer.join()
    # the last line may be half of one: that was not read as an answer
    return {line.decode() for line in (first + rest).split(b"\n")[:-1]}


async def _left(url: str) -> list[bytes]:
    """Return the export after another process has taken over what the killed ones left unsigned."""
    engine: AsyncEngine = await migrated_engine(url)
    keys = RecordKeys(Keys(SEED), KEY)
    await Signer(engine, keys).sign(abandoned_s=0)
    lines = [orjson.dumps(line) async for line in Export(engine, keys).lines()]
    await engine.dispose()
    return lines
