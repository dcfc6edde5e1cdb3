"""Over HTTP a list runs over both installations of a register, and says so where one of them is away."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from sandbox.issuer import SandboxIssuer
from sandbox.serve import PopulationService, sandbox_settings
from tests.app import app, running
from tests.connectors.composition.installations import UNION, configured
from tests.connectors.small_register import write_sqlite

pytestmark = pytest.mark.anyio

NAMES = {"north": ["An Khánh", "Đống Đa", "Ba Đình"], "south": ["an Phú", "Bình Thạnh", "Cần Giờ"]}
LIST = """query ($after: String) {
  institutions(first: 2, after: $after) { totalCount nodes { name } pageInfo { endCursor hasNextPage } }
}"""


def _write(path: Path, names: list[str], first: int) -> str:
    write_sqlite(path)
    with sqlite3.connect(path) as connection:
        for number, name in enumerate(names):
            connection.execute(
                "INSERT INTO institutions (code, name, as_of) VALUES (?, ?, '2026-11-20 18:00:00+00:00')",
                (f"T{2 * number + first}", name),
            )
    connection.close()
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    urls = {
        name: await asyncio.to_thread(_write, tmp_path / f"{name}.sqlite", names, first)
        for first, (name, names) in enumerate(NAMES.items())
    }
    issuer = await asyncio.to_thread(SandboxIssuer, tmp_path)
    settings = sandbox_settings(tmp_path, PopulationService("http://127.0.0.1:9", "sesame"), issuer)
    registers = configured(urls, UNION)
    settings = replace(settings, registers=registers, variables={**settings.variables, "token": "sesame"})
    async with running(app(settings)) as client:
        yield client


async def _page(client: httpx2.AsyncClient, after: str | None) -> Any:
    return (await client.post("/graphql", json={"query": LIST, "variables": {"after": after}})).json()


async def test_a_list_goes_over_both(client: httpx2.AsyncClient) -> None:
    names: list[str] = []
    after = None
    for _ in range(3):
        answer = await _page(client, after)
        connection = answer["data"]["institutions"]
        names += [node["name"] for node in connection["nodes"]]
        after = connection["pageInfo"]["endCursor"]
        assert connection["totalCount"] == 6
    assert connection["pageInfo"]["hasNextPage"] is False
    assert names == ["An Khánh", "an Phú", "Đống Đa", "Bình Thạnh", "Ba Đình", "Cần Giờ"]


async def test_a_list_with_one_away_is_an_error_that_names_it(client: httpx2.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "south.sqlite").unlink()
    answer = await _page(client, None)
    assert answer["data"] == {"institutions": None}
    assert [(error["path"], error["extensions"], error["message"]) for error in answer["errors"]] == [
        (
            ["institutions"],
            {"code": "SOURCE_UNAVAILABLE", "register": "south"},
            "register `south`: no answer for record `institution` (SQLITE_CANTOPEN)",
        )
    ]
