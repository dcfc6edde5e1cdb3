"""A name in TCVN3 or windows-1258 bytes is the register's fault, on every wire: told once, and nobody else suffers."""

import asyncio
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from connectors.errors import SourceContractBroken
from connectors.faults import Fault
from connectors.source import Lookup
from tests import servers
from tests.connectors.deployments import education_at, education_in
from tests.connectors.register_service import RegisterService
from tests.connectors.small_register import table_definition
from tests.installation import installed

pytestmark = pytest.mark.anyio

IN_WINDOWS_1258 = b"Nguy\xea\xden"
BAD = Lookup("learner", "sector_code", ("HS01",), ("sector_code", "full_name"))
GOOD = Lookup("learner", "sector_code", ("HS02",), ("sector_code", "full_name"))
OFTEN = 8
"""More than the failures in a row that open a circuit."""


async def test_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    with sqlite3.connect(path) as connection:
        for record in ("learner", "enrolment", "institution"):
            connection.execute(table_definition(record))
        connection.execute(
            "INSERT INTO learners (sector_code, full_name) VALUES ('HS01', CAST(? AS text)), ('HS02', 'Bình')",
            (IN_WINDOWS_1258,),
        )
    connection.close()
    source = education_in(f"sqlite+aiosqlite:///{path}")
    for _ in range(OFTEN):
        ((code, name),) = await source.rows(BAD)
        assert (code, type(name)) == ("HS01", Fault)  # there it is this value alone
        assert "Nguy" not in str(name)
    assert [tuple(row) for row in await source.rows(GOOD)] == [("HS02", "Bình")]
    await source.close()


@pytest.fixture
async def in_any_bytes(postgresql: servers.PostgreSQL) -> AsyncIterator[str]:
    """The URL of a database whose texts are any bytes, one of them not UTF-8."""
    create = [installed("createdb"), "-h", servers.LOOPBACK, "-p", str(postgresql.port), "-U", servers.SUPERUSER]
    await asyncio.to_thread(
        subprocess.run, [*create, "-E", "SQL_ASCII", "-T", "template0", "-lC", "any_bytes"], check=True
    )
    url = postgresql.database_url("any_bytes")
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    for record in ("learner", "enrolment", "institution"):
        await connection.execute(table_definition(record))
    await connection.execute(
        "INSERT INTO learners (sector_code, full_name) "
        "VALUES ('HS01', convert_from($1, 'SQL_ASCII')), ('HS02', 'Bình')",
        IN_WINDOWS_1258,
    )
    await connection.close()
    yield url


async def test_postgresql(in_any_bytes: str) -> None:
    source = education_in(in_any_bytes, deadline_s=20.0)
    for _ in range(OFTEN):
        with pytest.raises(SourceContractBroken) as told:
            await source.rows(BAD)
        assert told.value.__context__ is told.value.__cause__ is None
        assert "Nguy" not in str(told.value)
    assert [tuple(row) for row in await source.rows(GOOD)] == [("HS02", "Bình")]
    await source.close()


@pytest.mark.parametrize("headers", [{}, {"content-encoding": "gzip"}, {"content-type": "text/plain; charset=TCVN3"}])
async def test_rest(service: RegisterService, headers: dict[str, str]) -> None:
    source = education_at(service.url)
    service.body, service.headers = b'{"rows": [["HS01", "' + IN_WINDOWS_1258 + b'"]]}', headers
    for _ in range(OFTEN):
        with pytest.raises(SourceContractBroken):
            await source.rows(BAD)
    assert len(service.asked) == OFTEN
    service.body, service.headers = b'{"rows": [["HS02", "B\xc3\xacnh"]]}', {}
    assert [tuple(row) for row in await source.rows(GOOD)] == [("HS02", "Bình")]
    await source.close()
