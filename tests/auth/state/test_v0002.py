"""A state that was in use before is brought up to date with what it holds."""

from datetime import date

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, Connection, bindparam, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from auth.agreements.grants import Grants
from auth.audit.log.chain import GENESIS, hash_of
from auth.state.engine import MIGRATIONS, migrated_engine
from auth.state.tables import AUDIT_ENTRIES
from tests.auth.record import ENTRY

pytestmark = pytest.mark.anyio

_BODY = (
    '{"at":"2026-11-21T08:00:00.000123+00:00","bases":["public task"],"case":null,"client_id":"school","denied":[],'
    '"latency_us":1,"operation_hash":"ab","operation_name":null,"principal_kind":"client","purpose":"school-management",'
    '"released":[],"request_id":"r-1","rows":1,"rules":[],"subjects":"00"}'
)


def _at_0001(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "0001")
    connection.execute(text("insert into audit_writers (started_at) values (current_timestamp)"))
    insert = "insert into audit_entries (writer, sequence, body, hash) values (1, 1, :body, :hash)"
    connection.execute(text(insert), {"body": _BODY, "hash": hash_of(GENESIS, 1, 1, _BODY.encode())})
    everywhere = {"country": True, "provinces": [], "institutions": []}
    grant = (
        "insert into grants (client_id, role, purpose, jurisdiction, valid_from, category_expiry, requests_per_minute) "
        "values ('school', 'school', 'school-management', :everywhere, '2026-01-01', '{}', 600)"
    )
    connection.execute(text(grant).bindparams(bindparam("everywhere", everywhere, JSON())))


async def test_entries_are_searched_by_their_columns_and_grants_have_a_limit(state_url: str) -> None:
    before = create_async_engine(state_url)
    async with before.begin() as connection:
        await connection.run_sync(_at_0001)
    await before.dispose()

    engine = await migrated_engine(state_url)
    async with engine.connect() as connection:
        [entry] = (await connection.execute(select(AUDIT_ENTRIES))).all()
    [grant] = await Grants(engine).of("school", date(2026, 11, 21))
    assert (entry.at, entry.client_id, entry.purpose) == (ENTRY.at, "school", "school-management")
    assert (entry.subjects, entry.tag, grant.subjects_per_day) == (b"", None, 10_000)
    await engine.dispose()
