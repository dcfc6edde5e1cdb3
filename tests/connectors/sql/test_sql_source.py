"""What reaches the database, what its failures become, and that neither tells a citizen's number."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from connectors.errors import SourceContractBroken, SourceError, SourceUnavailable
from connectors.faults import Fault
from connectors.source import Condition, Lookup, Source
from connectors.sql.dialects import array_literal
from tests.connectors import contract
from tests.connectors.deployments import RECORDS, education_in
from tests.connectors.small_register import CITIZEN_NUMBER, table_definition

pytestmark = pytest.mark.anyio

BY_PERSON = Lookup(
    "learner",
    "person_key",
    (CITIZEN_NUMBER,),
    ("person_key", "full_name"),
    (Condition("citizen_id", "=", CITIZEN_NUMBER),),
)
MARKS = Lookup("enrolment", "id", ("E1",), ("id", "average_mark"))


@pytest.fixture
async def source(postgresql_url: str) -> AsyncIterator[Source]:
    source = education_in(postgresql_url, pool=1, deadline_s=5.0)
    yield source
    await source.close()


@pytest.fixture
async def administrator(postgresql_url: str) -> AsyncIterator["asyncpg.Connection"]:
    connection = await asyncpg.connect(postgresql_url.replace("+asyncpg", ""))
    yield connection
    await connection.close()


def source_in_file(path: Path, *definitions: str, **settings: Any) -> Source:
    with sqlite3.connect(path) as connection:
        for definition in definitions:
            connection.execute(definition)
    connection.close()
    return education_in(f"sqlite+aiosqlite:///{path}", **settings)


async def test_only_the_columns_asked_for_reach_the_database(
    source: Source, administrator: "asyncpg.Connection"
) -> None:
    await source.rows(BY_PERSON)
    statement = await administrator.fetchval(
        "SELECT query FROM pg_stat_activity WHERE application_name = 'lienthong' AND datname = current_database()"
    )
    assert " ".join(statement.split()) == (
        "SELECT CAST(learners.person_key AS TEXT) AS person_key, CAST(learners.full_name AS TEXT) AS full_name "
        "FROM learners WHERE learners.person_key = ANY (CAST($1::VARCHAR AS TEXT[])) "
        "AND CAST(learners.citizen_id AS TEXT) = $2::VARCHAR"
    )


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        ["NULL", "null", " a ", "{}", "a,b", "HS Ế"],
        ['"', '","', "\\", '\\"', "a\\\\b", "'", "\n\t"],
        ["x", 'y"'] * 20,
    ],
)
async def test_an_array_is_read_as_it_was_written(administrator: "asyncpg.Connection", values: list[str]) -> None:
    assert await administrator.fetchval("select cast($1::varchar as text[])", array_literal(values)) == values


async def test_a_column_that_is_not_there_spoils_no_other(empty_sqlite: Path) -> None:
    source = source_in_file(empty_sqlite, "CREATE TABLE learners (sector_code text, full_name text)")
    assert await source.rows(Lookup("learner", "sector_code", ("HS01",), ("sector_code", "full_name"))) == []
    with pytest.raises(SourceContractBroken, match="column `sex`: table `learners` has no column `sex`"):
        await source.rows(Lookup("learner", "sector_code", ("HS01",), ("sector_code", "sex")))
    await source.close()


async def test_a_register_cannot_be_written(postgresql_url: str, administrator: "asyncpg.Connection") -> None:
    await administrator.execute("CREATE TABLE trace (at timestamptz)")
    await administrator.execute(
        "CREATE FUNCTION traced() RETURNS text LANGUAGE sql AS 'INSERT INTO trace SELECT now(); SELECT ''x'''"
    )
    await administrator.execute("CREATE VIEW tracing AS SELECT 'HS01' AS sector_code, traced() AS full_name")
    source = education_in(postgresql_url, {**RECORDS, "learner": {"table": "tracing"}})
    with pytest.raises(SourceContractBroken, match="SQLSTATE 25006"):
        await source.rows(Lookup("learner", "sector_code", ("HS01",), ("sector_code", "full_name")))
    assert await administrator.fetchval("SELECT count(*) FROM trace") == 0
    await source.close()


async def test_a_column_of_a_wrong_type_is_refused_before_any_row_is_read(
    postgresql_url: str, administrator: "asyncpg.Connection"
) -> None:
    await administrator.execute("CREATE TABLE marks (id text, average_mark text)")
    source = education_in(postgresql_url, {**RECORDS, "enrolment": {"table": "marks"}})
    with pytest.raises(SourceContractBroken, match="column `average_mark` is of type `text`, which is no number"):
        await source.rows(MARKS)
    await source.close()


async def test_a_type_changed_while_we_run_changes_no_kind_and_is_noticed_by_the_next_connection(
    postgresql_url: str, administrator: "asyncpg.Connection"
) -> None:
    await administrator.execute("CREATE TABLE changing AS SELECT 'E1' AS id, 8.0::float8 AS average_mark")
    source = education_in(postgresql_url, {**RECORDS, "enrolment": {"table": "changing"}}, pool=1)
    assert [tuple(row) for row in await source.rows(MARKS)] == [("E1", 8.0)]
    for type_ in ("real", "numeric", "integer", "text"):
        await administrator.execute(f"ALTER TABLE changing ALTER average_mark TYPE {type_} USING 8")
        assert [tuple(row) for row in await source.rows(MARKS)] == [("E1", 8.0)], type_
    await administrator.execute("UPDATE changing SET average_mark = 'eight'")
    with pytest.raises(SourceContractBroken, match="SQLSTATE 22P02"):
        await source.rows(MARKS)
    await administrator.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lienthong'"
    )
    with pytest.raises(SourceContractBroken, match="is of type `text`, which is no number"):
        await source.rows(MARKS)
    await source.close()


@pytest.mark.parametrize("mark", ["'eight'", "x'08'"])
async def test_a_value_of_a_wrong_kind_in_sqlite_is_a_fault(empty_sqlite: Path, mark: str) -> None:
    filled = f"INSERT INTO enrolments (id, average_mark) VALUES ('E1', {mark})"  # noqa: S608
    source = source_in_file(empty_sqlite, table_definition("enrolment"), filled)
    assert list(await source.rows(MARKS)) == [("E1", Fault("education", "enrolment", "average_mark"))]
    await source.close()


async def test_text_stored_in_nfd_is_handed_up_in_nfc(empty_sqlite: Path) -> None:
    filled = "INSERT INTO learners (sector_code, full_name) VALUES ('HS01', 'A\u0301nh'), ('HS02', NULL)"
    source = source_in_file(empty_sqlite, table_definition("learner"), filled)
    rows = await source.rows(Lookup("learner", "sector_code", ("HS01", "HS02"), ("sector_code", "full_name")))
    assert {tuple(row) for row in rows} == {("HS01", "\u00c1nh"), ("HS02", None)}
    await source.close()


async def test_an_absent_database_is_unavailable(tmp_path: Path) -> None:
    for url in (f"sqlite+aiosqlite:///{tmp_path}/none.sqlite", "postgresql+asyncpg://nobody@127.0.0.1:9/none"):
        source = education_in(url)
        for ask in (source.ready(), source.rows(MARKS)):
            with pytest.raises(SourceUnavailable):
                await ask
        await source.close()


async def test_a_connection_that_the_database_ended_is_replaced(
    source: Source, administrator: "asyncpg.Connection"
) -> None:
    await contract.rows_of_the_keys_asked_only(source)
    await administrator.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lienthong'"
    )
    await contract.rows_of_the_keys_asked_only(source)


async def backends(administrator: "asyncpg.Connection") -> list[int]:
    return [
        row["pid"]
        for row in await administrator.fetch(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'lienthong' AND datname = current_database()"
        )
    ]


async def cancel_calls(source: Source, administrator: "asyncpg.Connection", times: int) -> None:
    async with administrator.transaction():
        await administrator.execute("LOCK TABLE learners IN ACCESS EXCLUSIVE MODE")
        for _ in range(times):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(source.rows(BY_PERSON), 0.05)


async def test_a_cancelled_call_leaves_the_only_postgresql_connection_usable(
    source: Source, administrator: "asyncpg.Connection"
) -> None:
    await contract.rows_of_the_keys_asked_only(source)
    before = await backends(administrator)
    for _ in range(3):
        await cancel_calls(source, administrator, times=1)
        await contract.rows_of_the_keys_asked_only(source)
    assert await backends(administrator) == before


async def test_a_connection_abandoned_twice_in_a_row_is_replaced(
    source: Source, administrator: "asyncpg.Connection"
) -> None:
    await contract.rows_of_the_keys_asked_only(source)
    before = await backends(administrator)
    await cancel_calls(source, administrator, times=2)
    await contract.rows_of_the_keys_asked_only(source)
    assert set(await backends(administrator)).isdisjoint(before)


async def test_a_cancelled_call_leaves_the_only_sqlite_connection_usable(empty_sqlite: Path) -> None:
    endless = """CREATE VIEW learners AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT 'HS' || i AS sector_code FROM n WHERE i < 0"""
    source = source_in_file(empty_sqlite, endless, table_definition("enrolment"), pool=1)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(source.rows(Lookup("learner", "sector_code", ("HS1",), ("sector_code",))), 0.05)
        assert await source.rows(MARKS) == []
    await source.close()


async def test_a_locked_table_is_unavailable_at_the_deadline(
    postgresql_url: str, administrator: "asyncpg.Connection"
) -> None:
    source = education_in(postgresql_url, deadline_s=1.0)
    await source.ready()
    async with administrator.transaction():
        await administrator.execute("LOCK TABLE learners IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(SourceUnavailable):
            await source.rows(BY_PERSON)
    await contract.rows_of_the_keys_asked_only(source)
    await source.close()


async def test_no_log_and_no_error_tells_a_citizen_number(
    postgresql_url: str, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broken = {**RECORDS, "learner": {"table": "learners", "columns": {"full_name": "nowhere"}}}
    mistyped = {**RECORDS, "learner": {"table": "learners", "columns": {"person_key": "birth_date"}}}
    for url in (postgresql_url, sqlite_url):
        source = education_in(url)
        assert len(await source.rows(BY_PERSON)) == 1
        await source.close()
    for url, records in ((sqlite_url, broken), (postgresql_url, broken), (postgresql_url, mistyped)):
        source = education_in(url, records)
        with pytest.raises(SourceError) as failure:
            await source.rows(BY_PERSON)
        assert CITIZEN_NUMBER not in str(failure.value)
        assert failure.value.__context__ is failure.value.__cause__ is None
        await source.close()
    assert CITIZEN_NUMBER not in caplog.text


async def test_few_keys_are_not_planned_anew_for_every_call(
    postgresql_url: str, administrator: "asyncpg.Connection"
) -> None:
    await administrator.execute("CREATE TABLE many (sector_code text PRIMARY KEY, full_name text)")
    await administrator.execute("INSERT INTO many SELECT number, 'name' FROM generate_series(1, 20000) number")
    await administrator.execute("ANALYZE many")
    await administrator.execute(
        "CREATE VIEW plans AS SELECT 'own' AS code, concat(custom_plans, ' custom, then ', generic_plans) AS name "
        "FROM pg_prepared_statements WHERE statement LIKE '%FROM many%'"
    )
    records = {**RECORDS, "learner": {"table": "many"}, "institution": {"table": "plans"}}
    source = education_in(postgresql_url, records, pool=1, deadline_s=5.0)
    for keys in (("1",), ("1", "2"), ("3",)) * 4:
        found = await source.rows(Lookup("learner", "sector_code", keys, ("sector_code", "full_name")))
        assert [code for code, _ in found] == [*keys]
    assert await source.rows(Lookup("institution", "code", ("own",), ("code", "name"))) == [("own", "5 custom, then 7")]
    await source.close()


async def test_a_file_put_in_the_place_of_another_is_read_by_the_next_call(empty_sqlite: Path) -> None:
    named = "INSERT INTO learners (sector_code, full_name) VALUES ('HS01', '{}')"
    source = source_in_file(empty_sqlite, table_definition("learner"), named.format("ISSUED"), pool=1)
    question = Lookup("learner", "sector_code", ("HS01",), ("sector_code", "full_name"))
    assert [tuple(row) for row in await source.rows(question)] == [("HS01", "ISSUED")]
    newer = empty_sqlite.with_suffix(".new")
    await source_in_file(newer, table_definition("learner"), named.format("REVOKED")).close()
    await asyncio.to_thread(newer.replace, empty_sqlite)
    assert [tuple(row) for row in await source.rows(question)] == [("HS01", "REVOKED")]
    await asyncio.to_thread(empty_sqlite.unlink)
    with pytest.raises(SourceUnavailable):
        await source.rows(question)
    await source.close()
