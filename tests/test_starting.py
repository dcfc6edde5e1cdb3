"""A server that cannot start says why in one line and ends with 1 or 2: the deployed one under uvicorn, and `serve`."""

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from auth.crypto.keys import Keys
from auth.deployment.key_checks import checked_keys
from auth.state.engine import migrated_engine, writing

ROOT = Path(__file__).parents[1]
PASSWORD = "mat-khau-cua-kho"
ISSUERS = (
    '[[issuers]]\nissuer = "https://id.example.vn"\naudience = "lienthong"\njwks_url = "https://id.example.vn/k"\n'
)
ONE_REGISTER = (
    '[registers.education]\nkind = "sql"\nurl = "sqlite+aiosqlite:///{data}/{population_url}{population_token}"\n'
)

pytestmark = pytest.mark.slow


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        yield bound.getsockname()[1]


def ended(arguments: list[str], environment: Mapping[str, str] | None = None) -> tuple[int, list[str]]:
    """Return the exit code and the lines that a server has written which is not to start, but for those of its log."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("LIENTHONG_")}
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**own, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout
    assert PASSWORD not in done.stderr + done.stdout
    lines = (done.stdout + done.stderr).splitlines()
    return done.returncode, [line for line in lines if line and not line.startswith(("INFO:", "{"))]


def deployed(folder: Path, changes: Mapping[str, str], port: int = 0) -> tuple[int, list[str]]:
    (folder / "issuers.toml").write_text(ISSUERS)
    environment = {
        "LIENTHONG_STATE_URL": f"sqlite+aiosqlite:///{folder}/state.sqlite",
        "LIENTHONG_MASTER_SECRET": "5e" * 32,
        "LIENTHONG_ISSUERS": str(folder / "issuers.toml"),
        "LIENTHONG_REGISTER_DATA": str(folder),
        "LIENTHONG_REGISTER_POPULATION_URL": "http://127.0.0.1:1",
        "LIENTHONG_REGISTER_POPULATION_TOKEN": PASSWORD,
        **changes,
    }
    return ended(["uvicorn", "--factory", "server:deployed", "--port", str(port), "--no-access-log"], environment)


def test_a_setting_that_is_wrong(tmp_path: Path) -> None:
    assert deployed(tmp_path, {"LIENTHONG_PLAN": "maybe"}) == (1, ["lienthong: LIENTHONG_PLAN must be `on` or `off`"])


def test_a_database_that_does_not_answer(tmp_path: Path, taken: int) -> None:
    url = f"postgresql+asyncpg://lienthong:{PASSWORD}@127.0.0.1:1/state"
    code, [line] = deployed(tmp_path, {"LIENTHONG_STATE_URL": url})
    assert code == 1
    assert line.startswith("lienthong: LIENTHONG_STATE_URL must name a database that answers and may be written to: ")


def test_a_state_of_another_secret(tmp_path: Path) -> None:
    async def made() -> None:
        engine = await migrated_engine(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite")
        await checked_keys(engine, Keys(b"x" * 32))
        await engine.dispose()

    asyncio.run(made())
    assert deployed(tmp_path, {}) == (
        1,
        [
            "lienthong: LIENTHONG_MASTER_SECRET must be the secret that the state was made with; one that replaces it "
            "needs the earlier ones in LIENTHONG_EARLIER_SECRETS"
        ],
    )


def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_text("nothing of the kind" * 100)
    assert deployed(tmp_path, {}) == (
        1,
        [
            "lienthong: LIENTHONG_STATE_URL must name a database that answers and may be written to: "
            "file is not a database"
        ],
    )


def test_a_database_of_somebody_else(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state.sqlite") as theirs:
        theirs.execute("create table citizens (citizen_id text)")
    theirs.close()
    before = (tmp_path / "state.sqlite").read_bytes()
    assert deployed(tmp_path, {}) == (
        1,
        [
            "lienthong: LIENTHONG_STATE_URL must name a database that answers and may be written to: "
            "it holds tables that are not ours, or of a later release: name an empty database"
        ],
    )
    assert (tmp_path / "state.sqlite").read_bytes() == before


def test_registers_that_are_not_all_there(tmp_path: Path) -> None:
    (tmp_path / "registers.toml").write_text(ONE_REGISTER)
    registers = {"LIENTHONG_REGISTERS": str(tmp_path / "registers.toml")}
    code, [line] = deployed(tmp_path, registers)
    assert code == 1
    assert line.startswith("lienthong: LIENTHONG_REGISTERS must describe the registers: register `education`: ")


def test_policies_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    code, [line] = deployed(tmp_path, {"LIENTHONG_POLICIES": str(tmp_path / "policies")})
    assert code == 1
    assert line.startswith("lienthong: LIENTHONG_POLICIES must be a folder of valid policies: ")


def test_an_issuer_whose_keys_cannot_be_used(tmp_path: Path) -> None:
    of_no_key = ISSUERS.replace('jwks_url = "https://id.example.vn/k"', "jwks = {keys = []}")
    (tmp_path / "others.toml").write_text(of_no_key)
    assert deployed(tmp_path, {"LIENTHONG_ISSUERS": str(tmp_path / "others.toml")}) == (
        1,
        [
            "lienthong: LIENTHONG_ISSUERS must describe issuers with keys that can be used: issuer "
            "`https://id.example.vn`: `jwks` holds no public key with a `kid` to verify signatures with"
        ],
    )


@pytest.mark.parametrize("table", ["audit_entries", "asked_arguments"])
def test_a_state_that_cannot_be_read_any_more(tmp_path: Path, table: str) -> None:
    async def made() -> None:
        engine = await migrated_engine(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite")
        async with writing(engine) as connection:
            await connection.execute(text(f"alter table {table} rename to elsewhere"))
        await engine.dispose()

    asyncio.run(made())
    code, [line] = deployed(tmp_path, {})
    assert code == 1
    assert line.startswith("lienthong: LIENTHONG_STATE_URL must name a database that answers and may be written to: ")


def test_a_port_in_use(tmp_path: Path, taken: int) -> None:
    code, lines = deployed(tmp_path, {}, taken)
    assert (code, len(lines)) == (3, 1)  # it is uvicorn that opens the port, and ends
    assert f"('127.0.0.1', {taken})" in lines[0]
    assert "in use" in lines[0]


def test_serve_at_a_port_in_use(tmp_path: Path, taken: int) -> None:
    assert ended(["sandbox.serve", "--port", str(taken), "--data", str(tmp_path)]) == (
        1,
        [f"lienthong: --port must be a free port of 127.0.0.1: {taken}: Address already in use"],
    )


def test_serve_at_no_port(tmp_path: Path) -> None:
    assert ended(["sandbox.serve", "--port", "70000", "--data", str(tmp_path)]) == (
        1,
        ["lienthong: --port must be a free port of 127.0.0.1: 70000: ports go from 0 to 65535"],
    )


def test_serve_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    code, [line] = ended(["sandbox.serve", "--port", "0", "--data", str(tmp_path / "data")])
    assert code == 1
    assert line.startswith("lienthong: --data must be a folder that can be written to: ")


def test_serve_on_a_state_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_text("nothing of the kind" * 100)
    code, lines = ended(["sandbox.serve", "--port", "0", "--learners", "0", "--data", str(tmp_path)])
    assert (code, lines[-1]) == (
        1,
        "lienthong: --data must be a folder whose state.sqlite is ours: file is not a database",
    )
