"""A small education register: the same rows for every connector, and the tables that hold them."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg

from connectors.record import PERIOD_OF, Kind
from connectors.records import RECORDS

AS_OF = datetime(2026, 11, 20, 18, tzinfo=UTC)
ACCENTED_KEY = "HS\u1ebe5"  # Ế in NFC; NFD writes it with two combining marks
CITIZEN_NUMBER = "001315000001"

Rows = Sequence[Mapping[str, Any]]


def _complete(record: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in RECORDS[record].columns if name not in PERIOD_OF} | {"as_of": AS_OF}


ANH = _complete(
    "learner",
    {
        "sector_code": "HS01",
        "person_key": CITIZEN_NUMBER,
        "citizen_id": CITIZEN_NUMBER,
        "link_state": "VERIFIED",
        "full_name": "Nguyễn Thị Ánh",
        "birth_date": date(2015, 3, 2),
        "sex": "FEMALE",
        "poor_household": True,
        "institution_code": "T1",
        "province_code": "01",
        "status": "STUDYING",
    },
)
BINH = _complete(
    "learner",
    {
        "sector_code": "HS02",
        "full_name": "Trần Văn Bình",
        "birth_date": date(2009, 7, 15),
        "sex": "MALE",
        "poor_household": False,
        "institution_code": "T1",
        "province_code": "01",
        "status": "STUDYING",
    },
)
DUONG = _complete(
    "learner",
    {"sector_code": "HS03", "full_name": "Ánh Dương", "sex": "FEMALE", "institution_code": "T2", "province_code": "24"},
)
NOBODY = _complete("learner", {"sector_code": "HS04", "birth_date": date(2015, 3, 2), "province_code": "24"})
ACCENTED = _complete(
    "learner", {"sector_code": ACCENTED_KEY, "full_name": "nguyễn", "sex": "MALE", "institution_code": "T2"}
)


def _enrolment(code: str, learner: str, grade: int | None, mark: float | None, started_on: date) -> dict[str, Any]:
    row = {"id": code, "learner_code": learner, "grade": grade, "average_mark": mark, "started_on": started_on}
    return _complete("enrolment", row)


ROWS: dict[str, Rows] = {
    "institution": (),
    "learner": (ANH, BINH, DUONG, NOBODY, ACCENTED),
    "enrolment": (
        _enrolment("E1", "HS01", 4, 8.0, date(2024, 9, 5)),
        _enrolment("E2", "HS01", 5, 9.5, date(2025, 9, 5)),
        _enrolment("E3", "HS01", None, None, date(2023, 9, 5)),
        _enrolment("E4", "HS02", 11, 7.5, date(2025, 9, 5)),
        _enrolment("E5", "HS02", 12, 8.0, date(2026, 9, 5)),
    ),
}
TYPES = {
    Kind.TEXT: "text",
    Kind.KEY: "text",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "double precision",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.INSTANT: "timestamptz",
}


def table_definition(record: str) -> str:
    columns = (f"{name} {TYPES[kind]}" for name, kind in RECORDS[record].columns.items() if name not in PERIOD_OF)
    return f"CREATE TABLE {record}s ({', '.join(columns)})"


def write_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        for record, rows in ROWS.items():
            connection.execute(table_definition(record))
            for row in rows:
                values = [value.isoformat(" ") if type(value) is datetime else _stored(value) for value in row.values()]
                connection.execute(f"INSERT INTO {record}s VALUES ({', '.join('?' * len(row))})", values)  # noqa: S608
    connection.close()


def write_postgresql(url: str) -> None:
    asyncio.run(_write_postgresql(url))


async def _write_postgresql(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    for record, rows in ROWS.items():
        await connection.execute(table_definition(record))
        await connection.copy_records_to_table(f"{record}s", records=[tuple(row.values()) for row in rows])
    await connection.close()


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
