"""Databases with collations of their own are walked in one order: by code point, where a record is shared."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest

from connectors.source import EVERYTHING, Order, Page
from tests.connectors.composition.installations import UNION, configured, opened
from tests.connectors.small_register import ROWS, table_definition

pytestmark = [pytest.mark.anyio, pytest.mark.servers]

NAMES: dict[str, list[tuple[str, str | None]]] = {
    "north": [("a1", "an"), ("B1", "Ánh"), ("c-1", "Bình"), ("d1", "đào")],
    "south": [("A2", "An"), ("b2", "ánh"), ("C2", "bình"), ("c_3", "Đào"), ("e1", None)],
}


async def _write(admin: str, url: str, name: str, rows: list[tuple[str, str | None]]) -> None:
    connection = await asyncpg.connect(admin.replace("+asyncpg", ""))
    await connection.execute(f"DROP DATABASE {name}")
    await connection.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'vi' LOCALE 'C.UTF-8'"
    )
    await connection.close()
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    for record in ROWS:
        await connection.execute(table_definition(record))
    await connection.executemany("INSERT INTO learners (sector_code, full_name) VALUES ($1, $2)", rows)
    assert await connection.fetchval("SELECT 'a' < 'B'"), "this database does not order by a collation of its own"
    await connection.close()


@pytest.fixture(scope="module")
def urls(fresh_database: Callable[[str], str]) -> dict[str, str]:
    admin = fresh_database("composition_admin")
    urls = {name: fresh_database(f"composition_{name}") for name in NAMES}
    asyncio.run(_write(admin, urls["south"], "composition_south", NAMES["south"]))

    async def north() -> None:
        connection = await asyncpg.connect(urls["north"].replace("+asyncpg", ""))
        for record in ROWS:
            await connection.execute(table_definition(record))
        await connection.executemany("INSERT INTO learners (sector_code, full_name) VALUES ($1, $2)", NAMES["north"])
        await connection.close()

    asyncio.run(north())
    return urls


@pytest.mark.parametrize(
    "order", [(Order("full_name"), Order("sector_code")), (Order("sector_code"),)], ids=["name", "key"]
)
async def test_a_list_over_a_database_that_collates_as_vietnamese(
    urls: dict[str, str], order: tuple[Order, ...]
) -> None:
    rows = [(code, name) for own in NAMES.values() for code, name in own]
    expected = [code for code, _ in sorted(rows)]
    if len(order) == 2:
        expected = [code for code, _ in sorted(rows, key=lambda row: (row[1] is None, row[1] or "", row[0]))]
    learners = opened(configured(urls, UNION, normalised=True))["learner"]
    columns = tuple(term.column for term in order)
    for limit in (1, 2, 20):
        found: list[str] = []
        after = None
        while page := await learners.page(Page("learner", columns, EVERYTHING, (), order, limit, after)):
            found += [row[-1] for row in page]
            after = tuple(page[-1])
            assert len(found) <= len(expected), "a page came again"
        assert found == expected
    await learners.close()
