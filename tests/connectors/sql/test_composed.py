"""Filters, prefixes and orders compare composed texts, however a register composes them; ASCII still has its index."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from connectors.source import EVERYTHING, Condition, Operator, Order, Page, Source
from connectors.sql.predicates import compared
from reference.normal_form import nfc, nfd
from tests.connectors.deployments import education_in
from tests.connectors.small_register import table_definition

pytestmark = pytest.mark.anyio

NAMES = {
    "HS01": nfd("Nguyễn Thị Ánh"),
    "HS02": nfc("Nguyễn Văn Bình"),
    "HS03": "Nguy\u00ea\u0303n \u0110\u01b0\u0301c",  # as windows-1258 has it: vowels composed, tones apart
    "HS04": "Nguyen",
    "HS05": nfd("Nguyệt"),
}
"""Of one register, each composed in another way."""
IN_ORDER = sorted(NAMES, key=lambda code: nfc(NAMES[code]))
INSERT = "INSERT INTO learners (sector_code, full_name, citizen_id) VALUES "


async def compares_composed_texts(source: Source) -> None:
    cases: list[tuple[Operator, object, list[str]]] = [
        ("starts-with", "Nguyễn", ["HS01", "HS02", "HS03"]),
        ("starts-with", nfd("Nguyễn"), ["HS01", "HS02", "HS03"]),
        ("starts-with", "Nguye", ["HS04"]),
        ("starts-with", "Nguy", ["HS01", "HS02", "HS03", "HS04", "HS05"]),
        ("=", "Nguyễn Thị Ánh", ["HS01"]),
        ("=", "Nguyễn Văn Bình", ["HS02"]),
        ("=", "Nguyễn Đức", ["HS03"]),
        ("=", "Nguyen", ["HS04"]),
        ("in", ("Nguyen", "Nguyễn Đức"), ["HS03", "HS04"]),
        (">=", "Nguyễn Đức", [code for code in sorted(NAMES) if nfc(NAMES[code]) >= "Nguyễn Đức"]),
    ]
    for operator, value, expected in cases:
        where = (Condition("full_name", operator, value),)
        page = Page("learner", ("sector_code",), EVERYTHING, where, (Order("sector_code"),), 9)
        assert [row[0] for row in await source.page(page)] == expected, (operator, value)
    await is_walked_in_order(source)
    await source.close()


async def is_walked_in_order(source: Source) -> None:
    order, found, after = (Order("full_name"), Order("sector_code")), [], None
    while rows := await source.page(Page("learner", ("full_name", "sector_code"), EVERYTHING, (), order, 2, after)):
        found += [row[1] for row in rows]
        after = tuple(rows[-1])
    assert found == IN_ORDER


def values() -> str:
    return ", ".join(f"('{code}', '{name}', '00121500000{code[-1]}')" for code, name in NAMES.items())


async def test_in_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(table_definition("learner"))
        connection.execute(INSERT + values())
    connection.close()
    await compares_composed_texts(education_in(f"sqlite+aiosqlite:///{path}"))


async def test_in_postgresql(fresh_database: Callable[[str], str]) -> None:
    url = fresh_database("connectors_composed")
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(table_definition("learner").replace("full_name text", 'full_name text COLLATE "C"'))
    await connection.execute(INSERT + values())
    await connection.close()
    await compares_composed_texts(education_in(url, deadline_s=20.0))


def test_what_is_equal_to_ascii_is_compared_as_it_is_stored() -> None:
    conditions = (Condition("citizen_id", "=", "001215000001"), Condition("full_name", "starts-with", "Nguye"))
    assert compared(conditions, normalised=False) == (
        ("citizen_id", "=", False),
        ("full_name", "starts-with", True),
    )
    assert compared(conditions, normalised=True) == (("citizen_id", "=", False), ("full_name", "starts-with", False))
