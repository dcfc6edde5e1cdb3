"""Behind a pooler that gives each transaction another server, answers are those asked for, and the guards hold."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from connectors.errors import SourceContractBroken, SourceError
from connectors.source import Lookup
from connectors.sql.postgresql.sessions import PooledSession, PoolerFound, ServerSession, opened_session
from connectors.sql.statements import Statement
from tests import servers
from tests.connectors import contract
from tests.connectors.deployments import RECORDS, education_in

pytestmark = [pytest.mark.anyio, pytest.mark.servers]

ROOT = Path(__file__).parents[4]
LEFT_OUT = "default_transaction_read_only, statement_timeout, jit"
NAME = Lookup("learner", "sector_code", ("HS01",), ("sector_code", "full_name"))


def through(url: str, port: int) -> str:
    """Return the database's URL with the pooler's port in it."""
    server, _, name = url.rpartition("/")
    return f"{server.rpartition(':')[0]}:{port}/{name}"


@pytest.fixture(scope="module", params=["as installed", "told to leave our parameters out"])
def pooler(request: pytest.FixtureRequest, postgresql: servers.PostgreSQL) -> Iterator[int]:
    settings = {} if request.param == "as installed" else {"ignore_startup_parameters": LEFT_OUT}
    with servers.pgbouncer(postgresql, default_pool_size="1", **settings) as port:
        yield port


@pytest.fixture
def url(postgresql_url: str, pooler: int) -> str:
    return through(postgresql_url, pooler)


@pytest.fixture
async def other(url: str) -> AsyncIterator["asyncpg.Connection"]:
    """Another client of the pooler, which uses the same server in turn."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), statement_cache_size=0)
    yield connection
    await connection.close()


@pytest.fixture
async def administrator(postgresql_url: str) -> AsyncIterator["asyncpg.Connection"]:
    connection = await asyncpg.connect(postgresql_url.replace("+asyncpg", ""))
    yield connection
    await connection.close()


def test_two_processes_get_the_answers_to_their_own_questions(url: str) -> None:
    command = [sys.executable, "-m", "tests.connectors.sql.postgresql.pooled_reader", url]
    readers = [
        subprocess.Popen([*command, str(seed)], cwd=ROOT, stderr=subprocess.PIPE, text=True) for seed in range(2)
    ]
    told = [reader.communicate(timeout=60)[1] for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0], told


@pytest.mark.parametrize("promise", [*contract.LOOKUPS, *contract.LISTS], ids=lambda promise: promise.__name__)
async def test_every_promise_is_kept(url: str, promise: contract.Promise) -> None:
    source = education_in(url, deadline_s=20.0)
    await promise(source)
    await source.close()


async def test_the_guards_hold_in_each_transaction_and_nobody_else_sees_them(
    url: str, other: "asyncpg.Connection", administrator: "asyncpg.Connection"
) -> None:
    for statement in (
        "DROP TABLE IF EXISTS written CASCADE",
        "CREATE TABLE written (at timestamptz)",
        "CREATE OR REPLACE FUNCTION writing() RETURNS text LANGUAGE sql "
        "AS 'INSERT INTO written SELECT now(); SELECT ''x'''",
        "CREATE OR REPLACE VIEW guarded AS SELECT 'HS01' AS sector_code, "
        "current_setting('transaction_read_only') || current_setting('statement_timeout') AS full_name",
        "CREATE OR REPLACE VIEW unguarded AS SELECT 'HS01' AS sector_code, writing() AS full_name",
    ):
        await administrator.execute(statement)
    source = education_in(url, {**RECORDS, "learner": {"table": "guarded"}}, deadline_s=20.0)
    assert [tuple(row) for row in await source.rows(NAME)] == [("HS01", "on18s")]
    await source.close()
    source = education_in(url, {**RECORDS, "learner": {"table": "unguarded"}}, deadline_s=20.0)
    with pytest.raises(SourceContractBroken, match="SQLSTATE 25006"):
        await source.rows(NAME)
    seen = await other.fetchval(
        "SELECT current_setting('transaction_read_only') || current_setting('statement_timeout')"
    )
    assert seen == "off0"
    await other.execute("INSERT INTO written SELECT now()")
    assert await administrator.fetchval("SELECT count(*) FROM written") == 1
    await source.close()


async def test_what_another_client_left_on_the_server_changes_nothing(url: str, other: "asyncpg.Connection") -> None:
    source = education_in(url, deadline_s=20.0)
    await contract.rows_of_the_keys_asked_only(source)
    await other.execute("CREATE SCHEMA IF NOT EXISTS decoy")
    await other.execute("CREATE TABLE IF NOT EXISTS decoy.learners (LIKE public.learners)")
    await other.execute("SET search_path TO decoy, public")
    await contract.rows_of_the_keys_asked_only(source)
    await other.execute("RESET search_path")
    await source.close()


async def test_a_slow_statement_is_ended_and_its_server_is_free_again(
    url: str, administrator: "asyncpg.Connection"
) -> None:
    source = education_in(url, deadline_s=0.4)
    await contract.rows_of_the_keys_asked_only(source)
    async with administrator.transaction():
        await administrator.execute("LOCK TABLE learners IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(SourceError):
            await source.rows(NAME)
    await asyncio.sleep(0.5)
    await contract.rows_of_the_keys_asked_only(source)
    await source.close()


async def test_a_caller_who_leaves_takes_no_server_along(url: str, administrator: "asyncpg.Connection") -> None:
    source = education_in(url, pool=1, deadline_s=5.0)
    await contract.rows_of_the_keys_asked_only(source)
    for _ in range(3):
        async with administrator.transaction():
            await administrator.execute("LOCK TABLE learners IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(source.rows(NAME), 0.05)
        await contract.rows_of_the_keys_asked_only(source)
    await source.close()


async def test_a_pooler_that_was_not_noticed_is_noticed_before_a_wrong_answer(
    url: str, administrator: "asyncpg.Connection"
) -> None:
    """As if the greeting had not told: each session believes that it has a server of its own."""
    dsn = url.replace("+asyncpg", "")
    sessions = [ServerSession("education", await asyncpg.connect(dsn, statement_cache_size=0)) for _ in range(2)]
    for answer in (1, 2):
        statement = Statement(f"select {answer} as answer", "any", (), (), {}, {}, shape=(("answer", "int4"),))
        for session in sessions:
            assert [tuple(row) for row in await session.fetch(statement, [])] == [(answer,)]
    await administrator.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await asyncio.sleep(0.1)
    with pytest.raises(PoolerFound):
        await sessions[0].fetch(statement, [])
    for session in sessions:
        session.discard()


async def test_a_pooler_is_told_from_a_server(url: str, postgresql_url: str) -> None:
    for address, kind in ((url, PooledSession), (postgresql_url, ServerSession)):
        session = await opened_session("education", address.replace("+asyncpg", ""), 20.0, False)
        assert type(session) is kind
        with pytest.raises(SourceContractBroken, match="column `name` is of type `int4`, not `text`"):
            await session.fetch(Statement("select 1 as name", "learner", (), (), {}, {}, shape=(("name", "text"),)), [])
        with pytest.raises(SourceContractBroken, match="the columns described are not those asked for"):
            await session.fetch(Statement("select 1 as one", "learner", (), (), {}, {}, shape=(("two", "int4"),)), [])
        await session.close()
