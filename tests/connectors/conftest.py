"""The small register behind every connector."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.connectors.register_service import RegisterServer, RegisterService, register_server
from tests.connectors.small_register import write_postgresql, write_sqlite


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("registers") / "education.sqlite"
    write_sqlite(path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_url(fresh_database: Callable[[str], str]) -> str:
    url = fresh_database("connectors_education")
    write_postgresql(url)
    return url


@pytest.fixture(scope="session")
def register() -> Iterator[RegisterServer]:
    with register_server() as running:
        yield running


@pytest.fixture
def service(register: RegisterServer) -> RegisterService:
    return register.fresh()


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> Path:
    return tmp_path / "register.sqlite"
