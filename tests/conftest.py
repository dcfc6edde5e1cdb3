"""Fixtures every room's tests share: the event loop, and real servers started on first use."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from auth.state.engine import migrated_engine
from connectors.faults import TOLD
from tests import servers
from tests.oidc.provider import OpenIdProvider, openid_provider

pytest_plugins = ["tests.differential.share"]
TESTS = Path(__file__).parent
SLOW_FOLDERS = frozenset({"leaks", "differential", "audit_kill", "journeys"})
"""What `test --quick` leaves out, as well as whatever runs a whole application (`trial`)."""
SERVER_FIXTURES = frozenset({"postgresql", "postgres_url", "fresh_database", "redis_url", "oidc_provider"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server, before `-m` chooses: nobody has to remember the marker."""
    for item in items:
        if isinstance(item, pytest.Function) and SERVER_FIXTURES.intersection(item.fixturenames):
            item.add_marker("servers")
        folders = item.path.relative_to(TESTS).parts
        if SLOW_FOLDERS.intersection(folders) or "trial" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def nothing_told() -> None:
    """What an earlier test's registers could not read is told of again, though its minute is not over."""
    TOLD.clear()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own state in SQLite, up to date and empty, to be copied: that takes a tenth of what making it does."""
    path = tmp_path_factory.mktemp("state") / "state.sqlite"

    async def make() -> None:
        await (await migrated_engine(f"sqlite+aiosqlite:///{path}")).dispose()

    asyncio.run(make())
    return path


@pytest.fixture
def fresh_state(migrated_file: Path, tmp_path: Path) -> str:
    """The URL of an empty state in SQLite, its schema current."""
    return f"sqlite+aiosqlite:///{shutil.copy(migrated_file, tmp_path / 'state.sqlite')}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[servers.PostgreSQL]:
    with servers.postgresql() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_url(postgresql: servers.PostgreSQL) -> str:
    """The URL of the cluster's maintenance database."""
    return postgresql.database_url("postgres")


@pytest.fixture(scope="session")
def fresh_database(postgresql: servers.PostgreSQL) -> Callable[[str], str]:
    """A function from a name to the URL of an empty database of that name."""
    return postgresql.fresh_database


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.redis() as url:
        yield url


@pytest.fixture(scope="session")
def oidc_provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as provider:
        yield provider
