"""Grants of before agreements go on holding, each in an agreement of its own, and come back when taken down again."""

from datetime import date
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, Connection, bindparam, text
from sqlalchemy.ext.asyncio import create_async_engine

from auth.agreements.grants import Grants
from auth.principal import Grant, Jurisdiction
from auth.state.engine import MIGRATIONS, migrated_engine

pytestmark = pytest.mark.anyio

_NUMBER = "school/school/school-management/2026-01-01"
_COLUMNS = "client_id, role, purpose, valid_from, valid_to, requests_per_minute, subjects_per_day"
_ROWS = [
    ("school", "school", "school-management", "2026-01-01", None, 600, 70),
    ("dept", "provincial-department", "grade-1-admission", "2026-02-01", "2026-12-31", 60, 7),
]


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _downgrade(connection: Connection) -> None:
    command.downgrade(_config(connection), "0004")


def _at_0004(connection: Connection) -> None:
    command.upgrade(_config(connection), "0004")
    values = "'{}', '{}', '{}', '{}', {}, {}, {}"
    for row in _ROWS:
        said = values.format(*row[:4], f"'{row[4]}'" if row[4] else "null", *row[5:])
        statement = f"insert into grants ({_COLUMNS}, jurisdiction, category_expiry) values ({said}, :covers, :expiry)"  # noqa: S608
        covers = {"country": False, "provinces": ["01"], "institutions": [17]}
        parameters = [bindparam("covers", covers, JSON()), bindparam("expiry", {}, JSON())]
        connection.execute(text(statement).bindparams(*parameters))


async def test_grants_of_before_stand_in_agreements(state_url: str) -> None:
    before = create_async_engine(state_url)
    async with before.begin() as connection:
        await connection.run_sync(_at_0004)
    await before.dispose()

    engine = await migrated_engine(state_url)
    covers = Jurisdiction(provinces=frozenset({"01"}), institutions=frozenset({17}))
    terms: dict[str, Any] = {"requests_per_minute": 600, "subjects_per_day": 70, "agreement": _NUMBER}
    expected = Grant("school", "school", "school-management", covers, date(2026, 1, 1), None, **terms)
    assert await Grants(engine).of("school", date(2026, 11, 21)) == (expected,)
    assert len(await Grants(engine).of("dept", date(2026, 12, 31))) == 1
    assert await Grants(engine).of("dept", date(2027, 1, 1)) == ()

    async with engine.begin() as connection:
        await connection.run_sync(_downgrade)
        rows = (await connection.execute(text(f"select {_COLUMNS} from grants order by id"))).all()  # noqa: S608
    await engine.dispose()
    assert [tuple(str(one) if isinstance(one, date) else one for one in row) for row in rows] == _ROWS
