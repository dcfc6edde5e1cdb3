"""Our own state is reached directly: what is promised of a session does not hold behind a pooler."""

from collections.abc import Callable

import pytest

from auth.errors import StateUnavailable
from auth.state.engine import migrated_engine
from auth.state.line import DedicatedConnection
from runtime.postgresql import BehindPooler, connected_directly
from tests import servers

pytestmark = [pytest.mark.anyio, pytest.mark.servers]


@pytest.mark.parametrize("settings", [{}, {"pool_mode": "session"}, {"ignore_startup_parameters": "statement_timeout"}])
async def test_a_state_behind_a_pooler_is_refused_at_the_start(
    postgresql: servers.PostgreSQL, fresh_database: Callable[[str], str], settings: dict[str, str]
) -> None:
    url = fresh_database("state_behind_pooler")
    with servers.pgbouncer(postgresql, **settings) as port:
        through = url.replace(f":{postgresql.port}/", f":{port}/")
        with pytest.raises(BehindPooler, match="must be reached directly"):
            await migrated_engine(through)
    connection = await connected_directly(url.replace("+asyncpg", ""))
    assert await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'") == 0
    await connection.close()


async def test_a_pooler_put_in_between_later_gives_no_answer(
    postgresql: servers.PostgreSQL, fresh_database: Callable[[str], str]
) -> None:
    url = fresh_database("state_behind_pooler_later")
    engine = await migrated_engine(url)
    settings = "statement_timeout, synchronous_commit, plan_cache_mode, tcp_keepalives_idle, tcp_keepalives_interval"
    left_out = f"{settings}, tcp_keepalives_count, tcp_user_timeout"
    with servers.pgbouncer(postgresql, ignore_startup_parameters=left_out) as port:
        line = DedicatedConnection(engine)
        line._dsn = line._dsn.replace(f":{postgresql.port}/", f":{port}/")
        with pytest.raises(StateUnavailable):
            await line.read("select 1")
    await engine.dispose()
