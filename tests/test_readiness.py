"""Whether the application is ready is always said in the same words, and a register that does not fit is refused."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from auth.errors import NotStarted
from sandbox.issuer import SandboxIssuer
from sandbox.serve import PopulationService, sandbox_settings
from tests.app import app, running

pytestmark = pytest.mark.anyio


def _write(path: Path, definition: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(definition)
    connection.close()


async def test_a_register_that_does_not_fit_is_refused_at_the_start_or_not_ready_later(tmp_path: Path) -> None:
    issuer = await asyncio.to_thread(SandboxIssuer, tmp_path)
    settings = sandbox_settings(tmp_path, PopulationService("http://127.0.0.1:9", "sesame"), issuer)
    async with running(app(settings)) as client:
        away = await client.get("/readyz")
        assert (away.status_code, away.json()["registers"]["education"]) == (503, "unavailable")
        await asyncio.to_thread(_write, tmp_path / "education.sqlite", "CREATE TABLE learners (sector_code text)")
        await asyncio.sleep(1.1)  # the answer may be kept for a second
        unfit = await client.get("/readyz")
        assert (unfit.status_code, unfit.json()["registers"]["education"]) == (503, "unfit")
        assert (unfit.json()["ready"], unfit.json()["state"]) == (False, "ready")
    with pytest.raises(NotStarted, match="register `education`: record `institution`: there is no table"):
        async with running(app(settings)):
            pass
