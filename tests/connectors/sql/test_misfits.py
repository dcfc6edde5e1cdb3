"""The usual column types can be mapped; a table, column or type that does not fit is told by name."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from connectors.errors import RegistersInvalid, SourceContractBroken
from connectors.registry import refuse_misfits
from connectors.source import EVERYTHING, Condition, Count, Lookup, Operator, Order, Page
from tests.connectors.deployments import education_in
from tests.connectors.sql.test_sql_source import source_in_file

pytestmark = pytest.mark.anyio

RECORDS: dict[str, dict[str, Any]] = {
    "institution": {"table": "truong", "columns": {}, "types": {"code": "uuid"}},
    "learner": {
        "table": "hoc_sinh",
        "types": {"sector_code": "citext", "institution_code": "uuid", "citizen_id": "char", "as_of": "timestamp"},
        "values": {"status": {"dang_hoc": "STUDYING", "thoi_hoc": "LEFT"}},
    },
    "enrolment": {"table": "qua_trinh", "types": {"learner_code": "citext", "institution_code": "uuid"}},
}
SCHOOL = "7d2f6d0e-6b5a-4d7e-9a51-0c7b6f0f1a01"
TABLES = (
    "CREATE EXTENSION IF NOT EXISTS citext",
    "CREATE DOMAIN ho_ten AS varchar(80)",
    "CREATE DOMAIN diem AS numeric(3, 1)",
    "CREATE TYPE gioi AS ENUM ('MALE', 'FEMALE')",
    "CREATE TYPE trang_thai AS ENUM ('dang_hoc', 'thoi_hoc')",
    "CREATE TABLE truong (code uuid, name name, kind text, ownership citext, unit_code char(5), province_code char(2),"
    " address citext, founded_on timestamp, closed_on date, as_of timestamptz)",
    "CREATE TABLE hoc_sinh (sector_code citext PRIMARY KEY, person_key name, link_state text, citizen_id char(14),"
    " full_name ho_ten, birth_date timestamp, sex gioi, ethnicity citext, nationality bpchar, disability text,"
    " poor_household boolean, phone varchar, email citext, institution_code uuid, province_code char(3),"
    " status trang_thai, as_of timestamp)",
    "CREATE TABLE qua_trinh (id varchar(8), learner_code citext, institution_code uuid, level text, grade numeric(2),"
    " class_name text, school_year text, started_on date, ended_on date, status text, average_mark diem, conduct text,"
    " discipline text, as_of timestamptz)",
    f"""INSERT INTO hoc_sinh (sector_code, person_key, citizen_id, full_name, birth_date, sex, ethnicity, nationality,
        poor_household, institution_code, province_code, status, as_of) VALUES
        ('HS01', 'p1', '001215000007', 'Nguyễn An', '2015-03-02 00:00:00', 'MALE', 'Kinh', 'VN', true,
         '{SCHOOL}', '01', 'dang_hoc', '2026-11-20 18:00:00'),
        ('hs02', 'p2', NULL, 'Trần Bích', '2014-01-01 13:30:00', 'FEMALE', 'tày', 'VN', NULL, NULL, '24', 'thoi_hoc',
         '2026-11-20 18:00:00')""",  # noqa: S608
    "INSERT INTO qua_trinh (id, learner_code, grade, average_mark) VALUES ('E1', 'HS01', 5, 8.5)",
)
COLUMNS = (
    "sector_code",
    "person_key",
    "citizen_id",
    "full_name",
    "birth_date",
    "sex",
    "ethnicity",
    "nationality",
    "poor_household",
    "institution_code",
    "province_code",
    "status",
    "as_of",
)
AS_OF = datetime(2026, 11, 20, 18, tzinfo=UTC)
AN = ("HS01", "p1", "001215000007", "Nguyễn An", date(2015, 3, 2), "MALE", "Kinh", "VN", True, SCHOOL, "01", "STUDYING")
BICH = ("hs02", "p2", None, "Trần Bích", date(2014, 1, 1), "FEMALE", "tày", "VN", None, None, "24", "LEFT")


@pytest.fixture(scope="module")
def usual_types(fresh_database: Callable[[str], str]) -> str:
    return fresh_database("connectors_usual_types")


async def filled(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    if not await connection.fetchval("SELECT to_regclass('hoc_sinh') IS NOT NULL"):
        for statement in TABLES:
            await connection.execute(statement)
    await connection.close()


async def test_the_usual_types_of_postgresql_come_out_as_their_kinds(usual_types: str) -> None:
    await filled(usual_types)
    source = education_in(usual_types, RECORDS, deadline_s=20.0)
    await source.ready()
    rows = await source.rows(Lookup("learner", "sector_code", ("HS01", "hs02"), COLUMNS))
    assert {tuple(row) for row in rows} == {(*AN, AS_OF), (*BICH, AS_OF)}
    assert await source.rows(Lookup("learner", "sector_code", ("hs01", "HS02"), ("sector_code",))) == []
    by_number = Lookup("learner", "citizen_id", ("001215000007",), ("citizen_id", "sector_code"))
    assert [tuple(row) for row in await source.rows(by_number)] == [("001215000007", "HS01")]
    enrolment = Lookup("enrolment", "learner_code", ("HS01",), ("learner_code", "id", "grade", "average_mark"))
    assert [tuple(map(repr, row)) for row in await source.rows(enrolment)] == [("'HS01'", "'E1'", "5", "8.5")]
    await source.close()


async def test_the_usual_types_are_filtered_counted_and_ordered(usual_types: str) -> None:
    await filled(usual_types)
    source = education_in(usual_types, RECORDS, deadline_s=20.0)
    cases: list[tuple[str, Operator, Any, list[str]]] = [
        ("birth_date", "=", date(2014, 1, 1), ["hs02"]),
        ("birth_date", ">", date(2014, 1, 1), ["HS01"]),
        ("sex", "=", "FEMALE", ["hs02"]),
        ("sex", "in", ("MALE", "OTHER"), ["HS01"]),
        ("status", "=", "LEFT", ["hs02"]),
        ("ethnicity", "=", "kinh", []),
        ("ethnicity", "starts-with", "Ki", ["HS01"]),
        ("province_code", "in", ("01", "02"), ["HS01"]),
        ("institution_code", "=", SCHOOL, ["HS01"]),
        ("full_name", "starts-with", "Trần", ["hs02"]),
        ("sector_code", "in", ("HS01", "HS02"), ["HS01"]),
    ]
    for column, operator, value, expected in cases:
        where = (Condition(column, operator, value),)
        page = Page("learner", ("sector_code",), EVERYTHING, where, (Order("sector_code"),), 9)
        assert [row[0] for row in await source.page(page)] == expected, (column, operator)
    counts = await source.counts(Count("learner", EVERYTHING, (), ("sex", "status", "birth_date")))
    assert counts == {("MALE", "STUDYING", date(2015, 3, 2)): 1, ("FEMALE", "LEFT", date(2014, 1, 1)): 1}
    for order, expected in (("sex", ["hs02", "HS01"]), ("status", ["hs02", "HS01"]), ("ethnicity", ["HS01", "hs02"])):
        terms = (Order(order), Order("sector_code"))
        first = await source.page(Page("learner", (order, "sector_code"), EVERYTHING, (), terms, 1))
        then = await source.page(Page("learner", (order, "sector_code"), EVERYTHING, (), terms, 1, tuple(first[0])))
        assert [first[0][1], then[0][1]] == expected, order
    await source.close()


MISFITS: list[tuple[str, dict[str, Any], str]] = [
    ("learner", {"table": "hoc_sinhh"}, "record `learner`: there is no table `hoc_sinhh`"),
    ("learner", {"table": "elsewhere.hoc_sinh"}, "record `learner`: there is no table `hoc_sinh`"),
    (
        "learner",
        {"columns": {"sex": "gioi_tinh"}},
        "record `learner`: column `sex`: table `hoc_sinh` has no column `gioi_tinh`",
    ),
    (
        "learner",
        {"columns": {"birth_date": "full_name"}},
        "record `learner`: column `birth_date` is of type `varchar`, which is no date",
    ),
    (
        "learner",
        {"columns": {"citizen_id": "birth_date"}, "types": {**RECORDS["learner"]["types"], "citizen_id": "char"}},
        "record `learner`: column `citizen_id` is of type `timestamp`, which is no text, stored as `char`",
    ),
    (
        "learner",
        {"types": {**RECORDS["learner"]["types"], "as_of": None}},
        "record `learner`: column `as_of` is of type `timestamp`, which is no instant",
    ),
    (
        "learner",
        {"types": {**RECORDS["learner"]["types"], "sector_code": None}},
        'record `learner`: column `sector_code` is of type `citext`: `types` must say `sector_code = "citext"`',
    ),
    (
        "enrolment",
        {"columns": {"grade": "average_mark"}},
        "record `enrolment`: column `grade` is of type `numeric`, which is no integer",
    ),
]


@pytest.mark.parametrize(("record", "change", "message"), MISFITS, ids=[message for *_, message in MISFITS])
async def test_what_does_not_fit_is_told_by_name(
    usual_types: str, record: str, change: dict[str, Any], message: str
) -> None:
    await filled(usual_types)
    changed = {**RECORDS[record], **change}
    changed["types"] = {name: type_ for name, type_ in changed.get("types", {}).items() if type_}
    source = education_in(usual_types, {**RECORDS, record: changed}, deadline_s=20.0)
    with pytest.raises(RegistersInvalid) as invalid:
        await refuse_misfits({"education": source})
    assert str(invalid.value) == f"register `education`: {message}"
    await source.close()


async def test_a_table_that_may_not_be_read_is_told_by_name(usual_types: str) -> None:
    await filled(usual_types)
    connection = await asyncpg.connect(usual_types.replace("+asyncpg", ""))
    await connection.execute("DROP ROLE IF EXISTS reader")
    await connection.execute("CREATE ROLE reader LOGIN")
    await connection.execute("GRANT SELECT ON truong, qua_trinh TO reader")
    columns = [column for column in COLUMNS if column != "citizen_id"]
    await connection.execute(f"GRANT SELECT ({', '.join(columns)}) ON hoc_sinh TO reader")
    source = education_in(usual_types.replace("lienthong@", "reader@"), RECORDS, deadline_s=20.0)
    with pytest.raises(SourceContractBroken, match="column `citizen_id` of table `hoc_sinh` may not be read"):
        await source.ready()
    rows = await source.rows(Lookup("learner", "sector_code", ("HS01",), ("sector_code", "full_name")))
    assert [tuple(row) for row in rows] == [("HS01", "Nguyễn An")]
    await source.close()
    await connection.execute("DROP OWNED BY reader")
    await connection.execute("DROP ROLE reader")
    await connection.close()


async def test_in_sqlite_too_and_a_register_that_was_away_is_looked_at_when_it_answers(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    source = education_in(f"sqlite+aiosqlite:///{path}")
    await refuse_misfits({"education": source})
    await source_in_file(path, "CREATE TABLE learners (Sector_Code text, full_name text)").close()
    with pytest.raises(RegistersInvalid) as invalid:
        await refuse_misfits({"education": source})
    told = str(invalid.value)
    assert told.startswith("register `education`: record `institution`: there is no table `institutions`; ")
    assert "record `learner`: column `sex`: table `learners` has no column `sex`" in told
    assert "sector_code" not in told
    await source.close()
