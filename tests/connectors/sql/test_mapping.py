"""Another deployment's own names, keys and values are a matter of configuration; a wrong one is named at start."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from connectors.errors import RegistersInvalid
from connectors.faults import Fault
from connectors.source import EVERYTHING, Condition, Count, Lookup, Order, Page, Source
from connectors.sql.mapping import mapped_records
from tests.connectors.deployments import education_in

pytestmark = pytest.mark.anyio

LEARNER = {
    "table": "so.hoc_sinh",
    "columns": {
        "sector_code": "ma",
        "full_name": "ho_ten",
        "birth_date": "ngay_sinh",
        "sex": "gioi_tinh",
        "poor_household": "ho_ngheo",
        "institution_code": "ma_truong",
        "citizen_id": "so_dinh_danh",
        "as_of": "cap_nhat",
        "ethnicity": False,
    },
    "types": {
        "sector_code": "integer",
        "poor_household": "integer",
        "institution_code": "uuid",
        "citizen_id": "char",
        "as_of": "timestamp",
    },
    "constants": {"link_state": "VERIFIED"},
    "values": {
        "sex": {"nam": "MALE", "nữ": "FEMALE", "gái": "FEMALE"},
        "poor_household": {"1": True, "2": False},
    },
}
ENROLMENT = {"table": "so.qua_trinh", "columns": {"average_mark": "diem"}, "types": {"average_mark": "numeric"}}
RECORDS: dict[str, dict[str, Any]] = {"institution": {"table": "so.truong"}, "learner": LEARNER, "enrolment": ENROLMENT}

SCHOOL = "7d2f6d0e-6b5a-4d7e-9a51-0c7b6f0f1a01"
TABLES = (
    "CREATE TABLE so.hoc_sinh (ma integer, ho_ten varchar(80), ngay_sinh date, gioi_tinh text, ho_ngheo smallint,"
    " ma_truong uuid, so_dinh_danh char(14), cap_nhat timestamp)",
    "CREATE TABLE so.qua_trinh (id text, diem numeric(3, 1))",
    f"""INSERT INTO so.hoc_sinh VALUES
        (7, 'An', '2015-03-02', 'nam', 1, '{SCHOOL}', '001215000007', '2026-11-20 18:00:00'),
        (8, 'Bích', '2014-01-01', 'nữ', 2, '{SCHOOL}', NULL, '2026-11-20 18:00:00'),
        (10, 'Chi', NULL, 'gái', NULL, NULL, '001216000010', '2026-11-20 18:00:00')""",  # noqa: S608
    "INSERT INTO so.qua_trinh VALUES ('E1', 8.5)",
)


@pytest.fixture
async def in_sqlite(tmp_path: Path) -> Source:
    """SQLite has no schemas: there the tables' own names differ."""
    path = tmp_path / "so.sqlite"
    with sqlite3.connect(path) as connection:
        for statement in TABLES:
            connection.execute(statement.replace("so.", "so_"))
    connection.close()
    records = {
        name: {**record, "table": str(record["table"]).replace("so.", "so_")} for name, record in RECORDS.items()
    }
    return education_in(f"sqlite+aiosqlite:///{path}", records)


@pytest.fixture
async def in_postgresql(fresh_database: Callable[[str], str]) -> Source:
    url = fresh_database("connectors_other_names")
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    for statement in ("CREATE SCHEMA so", *TABLES):
        await connection.execute(statement)
    await connection.close()
    return education_in(url, RECORDS)


async def keeps_its_promises(source: Source) -> None:
    columns = (
        "sector_code",
        "full_name",
        "birth_date",
        "sex",
        "poor_household",
        "institution_code",
        "ethnicity",
        "as_of",
    )
    as_of = datetime(2026, 11, 20, 18, tzinfo=UTC)
    rows = await source.rows(Lookup("learner", "sector_code", ("8", "10", "007", "x", "9" * 30), columns))
    assert {tuple(row) for row in rows} == {
        ("8", "Bích", date(2014, 1, 1), "FEMALE", False, SCHOOL, None, as_of),
        ("10", "Chi", None, "FEMALE", None, None, None, as_of),
    }
    by_school = Lookup("learner", "institution_code", (SCHOOL, "T1"), ("institution_code", "sector_code"))
    assert {tuple(row) for row in await source.rows(by_school)} == {(SCHOOL, "7"), (SCHOOL, "8")}
    by_number = Lookup("learner", "citizen_id", ("001215000007", "007"), ("citizen_id", "sector_code", "link_state"))
    assert [tuple(row) for row in await source.rows(by_number)] == [("001215000007", "7", "VERIFIED")]
    marks = await source.rows(Lookup("enrolment", "id", ("E1",), ("id", "average_mark")))
    assert [tuple(row) for row in marks] == [("E1", 8.5)]
    await conditions_are_mapped_back(source)
    await lists_follow_canonical_values(source)
    await source.close()


async def conditions_are_mapped_back(source: Source) -> None:
    cases: list[tuple[Condition, set[str]]] = [
        (Condition("sex", "=", "FEMALE"), {"8", "10"}),
        (Condition("sex", "in", ("MALE", "OTHER")), {"7"}),
        (Condition("sex", "<", "MALE"), {"8", "10"}),
        (Condition("sex", "starts-with", "FE"), {"8", "10"}),
        (Condition("poor_household", "=", True), {"7"}),
        (Condition("ethnicity", "=", "Kinh"), set()),
        (Condition("institution_code", "=", SCHOOL), {"7", "8"}),
        (Condition("sector_code", "in", ("7", "07")), {"7"}),
        (Condition("citizen_id", "=", "001216000010"), {"10"}),
        (Condition("citizen_id", "starts-with", "0012"), {"7", "10"}),
        (Condition("link_state", "=", "VERIFIED"), {"7", "8", "10"}),
        (Condition("link_state", "=", "UNLINKED"), set()),
        (Condition("as_of", ">=", datetime(2026, 11, 20, 18, tzinfo=UTC)), {"7", "8", "10"}),
    ]
    for condition, expected in cases:
        found = await source.rows(Lookup("learner", "sector_code", ("7", "8", "10"), ("sector_code",), (condition,)))
        assert {row[0] for row in found} == expected, condition


async def lists_follow_canonical_values(source: Source) -> None:
    order = (Order("sex"), Order("ethnicity"), Order("link_state"), Order("sector_code"))
    found, after = [], None
    while rows := await source.page(
        Page("learner", ("sex", "ethnicity", "link_state", "sector_code"), EVERYTHING, (), order, 1, after)
    ):
        after = tuple(rows[0])
        found.append(after)
    assert [row[0] + row[3] for row in found] == ["FEMALE8", "FEMALE10", "MALE7"]
    counts = await source.counts(Count("learner", EVERYTHING, (), ("sex", "ethnicity", "link_state")))
    assert counts == {("FEMALE", None, "VERIFIED"): 2, ("MALE", None, "VERIFIED"): 1}


async def test_other_names_in_sqlite(in_sqlite: Source) -> None:
    await keeps_its_promises(in_sqlite)


async def test_other_names_in_postgresql(in_postgresql: Source) -> None:
    await keeps_its_promises(in_postgresql)


async def test_a_value_outside_the_value_map_is_a_fault(in_sqlite: Source, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "so.sqlite") as connection:
        connection.execute("INSERT INTO so_hoc_sinh (ma, gioi_tinh) VALUES (11, 'khác')")
    connection.close()
    fault = Fault("education", "learner", "sex")
    found = await in_sqlite.rows(Lookup("learner", "sector_code", ("11",), ("sector_code", "sex")))
    assert list(found) == [("11", fault)]
    counts = await in_sqlite.counts(Count("learner", EVERYTHING, (), ("sex",)))
    assert counts[fault,] == 1
    await in_sqlite.close()


TABLE = {"table": "t"}
INVALID: list[tuple[dict[str, Any], str]] = [
    ({"pupil": TABLE}, "`pupil` is not one of its records (institution, learner, enrolment)"),
    (
        {"learner": {**TABLE, "colums": {}}},
        "record `learner`: unknown `colums`",
    ),
    ({"learner": {}}, "record `learner`: `table` is missing"),
    ({"learner": {"table": 7}}, "record `learner`: `table` must be a text, got a whole number"),
    ({"learner": {**TABLE, "columns": 7}}, "record `learner`: `columns` must be a table, got a whole number"),
    (
        {"learner": {**TABLE, "columns": {"name": "x"}}},
        "record `learner`: `columns` names `name`, which is not a column of it",
    ),
    ({"learner": {**TABLE, "types": {"ma": "x"}}}, "record `learner`: `types` names `ma`, which is not a column of it"),
    (
        {"learner": {**TABLE, "columns": {"sector_code": False}}},
        "record `learner`: column `sector_code` identifies a row or its subject and cannot be left out",
    ),
    (
        {"learner": {**TABLE, "columns": {"sex": 3}}},
        "record `learner`: column `sex` must be mapped to a column's name, or to false where there is none",
    ),
    (
        {"learner": {**TABLE, "types": {"sector_code": "float"}}},
        "record `learner`: column `sector_code` cannot be stored as `float` (text, char, integer, uuid, citext)",
    ),
    (
        {"learner": {**TABLE, "types": {"sex": "integer"}}},
        "record `learner`: column `sex` cannot be stored as `integer` (char, citext)",
    ),
    (
        {"learner": {**TABLE, "types": {"birth_date": "text"}}},
        "record `learner`: column `birth_date` cannot be stored as `text` (timestamp, partial)",
    ),
    (
        {"learner": {**TABLE, "constants": {"sector_code": "7"}}},
        "record `learner`: column `sector_code` is a key: it cannot be a constant",
    ),
    (
        {"learner": {**TABLE, "constants": {"poor_household": "no"}}},
        "record `learner`: column `poor_household`: its constant must be a boolean",
    ),
    (
        {"learner": {**TABLE, "columns": {"sex": "s"}, "constants": {"sex": "MALE"}}},
        "record `learner`: column `sex` is a constant, so nothing else can be said of it",
    ),
    (
        {"learner": {**TABLE, "values": {"sex": {}}}},
        "record `learner`: column `sex`: `values` must map each stored value to a canonical one",
    ),
    (
        {"learner": {**TABLE, "values": {"sex": {"m": "MAN"}}}},
        "record `learner`: column `sex` knows no `MAN` (FEMALE, MALE)",
    ),
    (
        {"learner": {**TABLE, "constants": {"link_state": "YES"}}},
        "record `learner`: column `link_state` knows no `YES` (MISMATCHED, UNLINKED, VERIFIED)",
    ),
    (
        {"learner": {**TABLE, "values": {"sex": {"m": 1}}}},
        "record `learner`: column `sex`: every canonical value must be a text",
    ),
    (
        {"learner": {**TABLE, "values": {"birth_date": {"x": "y"}}}},
        "record `learner`: column `birth_date` is a date: its values cannot be mapped",
    ),
    (
        {"learner": {**TABLE, "types": {"sex": "integer"}, "values": {"sex": {"m": "MALE"}}}},
        "record `learner`: column `sex`: is stored as integer, so `values` must map integers",
    ),
    ({"learner": TABLE, "institution": TABLE}, "record `enrolment` is not mapped"),
]


@pytest.mark.parametrize(("config", "message"), INVALID, ids=[message for _, message in INVALID])
def test_an_invalid_mapping_names_register_record_and_column(config: dict[str, Any], message: str) -> None:
    complete = config if message.startswith(("`pupil`", "record `enrolment`")) else {**RECORDS, **config}
    with pytest.raises(RegistersInvalid) as invalid:
        mapped_records("education", complete, RECORDS)
    assert str(invalid.value) == f"register `education`: {message}"
