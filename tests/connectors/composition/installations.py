"""The education register in two installations, north and south, each in a SQLite file of its own."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.records import RECORDS as RECORD_KEYS
from connectors.registry import open_sources, sources_by_record
from connectors.source import Count, Lookup, Page, Row, Source
from tests.connectors.deployments import ELSEWHERE, RECORDS, TOKEN
from tests.connectors.small_register import ACCENTED_KEY, ROWS, write_sqlite

BOTH = ["north", "south"]
IN_NORTH = {"HS01", "HS03", ACCENTED_KEY, "E1", "E4"}
UNION = {name: {"registers": BOTH} for name in RECORDS}
ROUTED = {
    "institution": {"registers": BOTH},
    "learner": {
        "registers": BOTH,
        "route": {
            "column": "sector_code",
            "prefixes": {"HS": "north", "HS02": "south", "HS04": "south"},
            "otherwise": "north",
        },
    },
    "enrolment": {
        "registers": BOTH,
        "route": {"column": "id", "prefixes": {"E1": "north", "E4": "north"}, "otherwise": "south"},
    },
}


def configured(
    urls: Mapping[str, str],
    records: Mapping[str, Any],
    mapped: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Return the configuration; `mapped` has what an installation's mapping says beside the tables' names."""
    registers: dict[str, Any] = {"credentials": ELSEWHERE, "population": ELSEWHERE}
    for name, url in urls.items():
        own = (mapped or {}).get(name, {})
        sections = {record: {**section, **own.get(record, {})} for record, section in RECORDS.items()}
        registers[name] = {"kind": "sql", "url": url, "records": sections, **settings}
    return {"registers": registers, "records": records}


def opened(config: Mapping[str, Any]) -> dict[str, Source]:
    return sources_by_record(config, open_sources(config, {"token": TOKEN}))


def split(folder: Path, is_in_north: Callable[[Any], bool]) -> dict[str, str]:
    """Write both files, each row in the one that its key belongs to, and return their addresses."""
    urls = {}
    for name in BOTH:
        path = folder / f"{name}.sqlite"
        write_sqlite(path)
        with sqlite3.connect(path) as connection:
            for record, rows in ROWS.items():
                key = RECORD_KEYS[record].key
                for row in rows:
                    if is_in_north(row[key]) != (name == "north"):
                        connection.execute(f"DELETE FROM {record}s WHERE {key} = ?", (row[key],))  # noqa: S608
        connection.close()
        urls[name] = f"sqlite+aiosqlite:///{path}"
    return urls


def written(path: Path, statements: Iterable[tuple[str, Sequence[Any]]]) -> str:
    """Run statements in an installation's file, and return its address."""
    with sqlite3.connect(path) as connection:
        for statement, values in statements:
            connection.execute(statement, values)
    connection.close()
    return f"sqlite+aiosqlite:///{path}"


class EveryRecord:
    """The sources of all records as one source, for promises about several of them."""

    register = "north, south"

    def __init__(self, by_record: Mapping[str, Source]) -> None:
        self.by_record = by_record

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        return await self.by_record[lookup.record].rows(lookup)

    async def page(self, page: Page) -> Sequence[Row]:
        return await self.by_record[page.record].page(page)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        return await self.by_record[count.record].counts(count)

    async def ready(self) -> None:
        for record in RECORDS:
            await self.by_record[record].ready()

    async def close(self) -> None:
        for source in set(self.by_record.values()):
            await source.close()
