"""`kill -9` at any moment loses no entry of a request that was answered, and the record stays whole."""

import asyncio
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit_export import Export
from auth.audit_keys import RecordKeys
from auth.audit_signer import Signer
from auth.audit_verify import Verification
from auth.keys import Keys
from auth.signing import PublicKeys, SigningKey
from auth.state.engine import migrated_engine
from tests.audit_kill.writer import SEED

ROOT = Path(__file__).resolve().parents[2]
KILLS = 5
KEY = SigningKey(SEED)

pytestmark = [pytest.mark.slow, pytest.mark.servers]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_five_kills_lose_no_answered_request(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/state.sqlite"
    if database == "postgresql":
        fresh_database: Callable[[str], str] = request.getfixturevalue("fresh_database")
        url = fresh_database("audit_kill")
    moments = random.Random(20261121)

    answered = [_answered_until_killed(url, run, moments.uniform(0.05, 1.0)) for run in range(KILLS)]
    lines = asyncio.run(_left(url))

    recorded = {
        orjson.loads(line["body"])["request_id"] for line in map(orjson.loads, lines) if line["kind"] == "entry"
    }
    assert all(len(ids) > 100 for ids in answered)
    assert [ids - recorded for ids in answered] == [set()] * KILLS
    verification = Verification(PublicKeys([KEY.published()]))
    verification.read(lines)
    assert (verification.findings, verification.unsigned) == ([], 0)


def _answered_until_killed(url: str, run: int, after_s: float) -> set[str]:
    """Return what the writer had answered when it was killed, `after_s` after its first answer."""
    command = [sys.executable, "-m", "tests.audit_kill.writer", url, str(run)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
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
