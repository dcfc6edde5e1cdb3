"""Our own state on each database it runs on."""

import itertools
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.crypto.keys import Keys
from auth.limits.local_state import LocalState
from auth.limits.redis_state import RedisState
from auth.limits.shared_state import SharedState
from auth.state.engine import migrated_engine

_numbers = itertools.count()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/state.sqlite"
        return
    fresh_database: Callable[[str], str] = request.getfixturevalue("fresh_database")
    yield fresh_database(f"state_{next(_numbers)}")


@pytest.fixture
async def engine(state_url: str, migrated_file: Path) -> AsyncIterator[AsyncEngine]:
    if state_url.startswith("sqlite"):
        shutil.copy(migrated_file, state_url.partition("///")[2])
    engine = await migrated_engine(state_url)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys(bytes(range(32)))


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.servers)])
async def shared(request: pytest.FixtureRequest) -> AsyncIterator[SharedState]:
    """What replicas share, on each of its two stores, empty."""
    state: SharedState
    if request.param == "local":
        state = LocalState()
    else:
        url: str = request.getfixturevalue("redis_url")
        Redis.from_url(url).flushall()
        state = RedisState(url)
    yield state
    await state.close()
