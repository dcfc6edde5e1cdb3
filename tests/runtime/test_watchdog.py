"""A process whose event loop stands still ends by itself, whatever holds it up and whatever else it was doing."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.runtime.broken_server import HANDSHAKE, saying

ROOT = Path(__file__).resolve().parents[2]
SECRET = "079203001234"

pytestmark = pytest.mark.anyio

# the driver as it comes: its reader never ends over NUL bytes, in C, and holds the interpreter's lock
IN_THE_DRIVER = f"""
import asyncio, sys, asyncpg, uvloop
from runtime.watchdog import watched

async def main(address):
    async with watched(1.0):
        connection = await asyncpg.connect(address)
        print("connected", flush=True)
        await connection.fetch("select $1::text", "{SECRET}")

uvloop.run(main(sys.argv[1]))
"""
# nothing else can hold it up there: the application's own connections are held to the protocol
IN_A_DEPLOYMENT = """
import sys, asyncpg, asyncpg.protocol, uvloop
from asyncpg.protocol.protocol import Protocol
from tests.app import deployed

async def main(address):
    application = deployed()
    async with application.router.lifespan_context(application):
        asyncpg.protocol.Protocol = Protocol
        connection = await asyncpg.connect(address)
        print("connected", flush=True)
        await connection.fetch("select 1")

uvloop.run(main(sys.argv[1]))
"""
TURNING = """
import asyncio
from runtime.watchdog import watched

async def main():
    async with watched(0.5):
        await asyncio.sleep(1.5)
    __import__("time").sleep(1.5)

asyncio.run(main())
print("whole")
"""


class Ended(NamedTuple):
    status: int | None
    after_s: float
    out: str
    told: str


async def _ended(program: str, *arguments: str, **environment: str) -> Ended:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        *arguments,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        out, told = await asyncio.wait_for(process.communicate(), 30)
    finally:
        if process.returncode is None:
            process.kill()
    return Ended(process.returncode, time.monotonic() - began, out.decode(), told.decode())


async def test_a_loop_held_up_inside_the_driver_ends_the_process() -> None:
    async with saying([HANDSHAKE], [bytes(1000)]) as address:
        ended = await _ended(IN_THE_DRIVER, address)

    assert (ended.status, ended.out) == (1, "connected\n"), ended.told
    assert "Timeout (0:00:01)!" in ended.told
    assert 'File "<string>", line' in ended.told
    assert SECRET not in ended.told


async def test_the_application_of_a_deployment_is_watched(tmp_path: Path) -> None:
    issuers = tmp_path / "issuers.toml"
    issuers.write_text(
        '[[issuers]]\nissuer = "https://id.test"\naudience = "lienthong"\njwks_url = "http://127.0.0.1:9/"\n'
    )
    settings = {
        "LIENTHONG_WATCHDOG_S": "2",
        "LIENTHONG_STATE_URL": f"sqlite+aiosqlite:///{tmp_path}/state.sqlite",
        "LIENTHONG_MASTER_SECRET": bytes(32).hex(),
        "LIENTHONG_ISSUERS": str(issuers),
        "LIENTHONG_REGISTER_DATA": str(tmp_path),
        "LIENTHONG_REGISTER_POPULATION_URL": "http://127.0.0.1:9",
        "LIENTHONG_REGISTER_POPULATION_TOKEN": "token",
    }
    async with saying([HANDSHAKE], [bytes(1000)]) as address:
        ended = await _ended(IN_A_DEPLOYMENT, address, **settings)

    assert (ended.status, ended.out) == (1, "connected\n"), ended.told
    assert "Timeout (0:00:02)!" in ended.told


async def test_a_loop_that_turns_does_not_nor_one_that_is_watched_no_more() -> None:
    ended = await _ended(TURNING)

    assert (ended.status, ended.out, ended.told) == (0, "whole\n", "")
