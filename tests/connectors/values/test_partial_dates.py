"""Dates of which only the year or the month is known: the day is null, what is known is told, in every connector."""

import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from connectors.errors import RegistersInvalid
from connectors.faults import Fault
from connectors.source import EVERYTHING, Condition, Lookup, Order, Page, Source
from connectors.sql.mapping import mapped_records
from tests.connectors.deployments import RECORDS, education_at, education_in
from tests.connectors.register_service import RegisterService

pytestmark = pytest.mark.anyio

COLUMNS = ("sector_code", "birth_date", "birth_period")
STORED = {
    "1": "1950",
    "2": "1950-07",
    "3": "07/1950",
    "4": "1950-07-21",
    "5": "21/07/1950",
    "6": "1950-00-00",
    "7": "1950-07-00",
    "8": None,
    "9": "31/02/1950",
    "A": "about 1950",
}
TOLD: dict[str, tuple[date | None, str | None]] = {
    "1": (None, "1950"),
    "2": (None, "1950-07"),
    "3": (None, "1950-07"),
    "4": (date(1950, 7, 21), "1950-07-21"),
    "5": (date(1950, 7, 21), "1950-07-21"),
    "6": (None, "1950"),
    "7": (None, "1950-07"),
    "8": (None, None),
}
CONFIG = {**RECORDS, "learner": {"table": "partial", "types": {"birth_date": "partial"}}}
TABLE = "CREATE TABLE partial (sector_code text, birth_date text)"


def fault(column: str) -> Fault:
    return Fault("education", "learner", column)


async def keeps_its_promises(source: Source) -> None:
    rows = await source.rows(Lookup("learner", "sector_code", tuple(STORED), COLUMNS))
    unreadable = {code: (fault("birth_date"), fault("birth_period")) for code in ("9", "A")}
    assert {code: (day, period) for code, day, period in rows} == {**TOLD, **unreadable}
    since = (Condition("birth_date", ">=", date(1950, 7, 21)), Condition("birth_date", "<", date(1951, 1, 1)))
    found = await source.rows(Lookup("learner", "sector_code", ("1", "2", "3", "4", "5"), ("sector_code",), since))
    assert {row[0] for row in found} == {"4", "5"}
    assert sorted(await walked(source)) == sorted(STORED)
    await source.close()


async def walked(source: Source) -> list[str]:
    """Return the codes of a list in the order of birth, a row a page."""
    codes: list[str] = []
    after = None
    order = (Order("birth_date"), Order("sector_code"))
    while rows := await source.page(Page("learner", ("birth_date", "sector_code"), EVERYTHING, (), order, 1, after)):
        assert len(codes) <= len(STORED)
        born, code = rows[0]
        codes.append(code)
        after = (born.stored if isinstance(born, Fault) else born, code)
    return codes


async def test_in_sqlite(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "partial.sqlite") as connection:
        connection.execute(TABLE)
        connection.executemany("INSERT INTO partial VALUES (?, ?)", STORED.items())
    connection.close()
    await keeps_its_promises(education_in(f"sqlite+aiosqlite:///{tmp_path}/partial.sqlite", CONFIG))


@pytest.mark.servers
async def test_in_postgresql(fresh_database: Callable[[str], str]) -> None:
    url = fresh_database("connectors_partial_dates")
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(TABLE)
    await connection.copy_records_to_table("partial", records=list(STORED.items()))
    await connection.close()
    await keeps_its_promises(education_in(url, CONFIG))


@pytest.mark.servers
async def test_a_date_tells_its_day_in_postgresql(postgresql_url: str) -> None:
    source = education_in(postgresql_url)
    rows = await source.rows(Lookup("learner", "sector_code", ("HS01", "HS03"), COLUMNS))
    assert {tuple(row) for row in rows} == {("HS01", date(2015, 3, 2), "2015-03-02"), ("HS03", None, None)}
    await source.close()


async def test_behind_rest(service: RegisterService) -> None:
    stored = {code: text for code, text in STORED.items() if text is None or text[4:5] in ("", "-")}
    written = {code: text for code, text in stored.items() if text is None or not text.endswith("-00")}
    service.body = orjson.dumps({"rows": [[code, text] for code, text in written.items()]})
    source = education_at(service.url)
    rows = await source.rows(Lookup("learner", "sector_code", tuple(written), COLUMNS))
    assert {row[0]: (row[1], row[2]) for row in rows} == {code: TOLD[code] for code in written}
    periods = await source.rows(Lookup("learner", "sector_code", tuple(written), ("sector_code", "birth_period")))
    assert {row[0]: row[1] for row in periods} == {code: TOLD[code][1] for code in written}
    await source.close()


@pytest.mark.parametrize(
    ("learner", "message"),
    [
        ({"types": {"as_of": "partial"}}, "cannot be stored as `partial`"),
        ({"columns": {"birth_period": "born"}}, "column `birth_period` is told by `birth_date`"),
    ],
)
def test_only_a_birth_date_may_be_partial(learner: dict[str, Any], message: str) -> None:
    with pytest.raises(RegistersInvalid, match=message):
        mapped_records("education", {**RECORDS, "learner": {"table": "t", **learner}}, RECORDS)
