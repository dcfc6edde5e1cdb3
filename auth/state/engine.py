"""Opening our own state: the connections' settings, and the schema brought up to date by whoever comes first."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, NullPool, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from auth.errors import ForeignDatabase, StateUnavailable
from auth.state.doubt import doubt_of, doubting
from auth.state.file import StateFile
from auth.state.hints import HintingCompiler
from auth.state.patience import ANSWER_S, OPEN_S, SERVER_SETTINGS
from runtime.postgresql import connected_directly

_log = structlog.get_logger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
REVISIONS = frozenset(path.name[1:5] for path in MIGRATIONS.glob("versions/v*.py"))
NEWEST = max(REVISIONS)
"""The revision that the newest migration leads to; its file is named after it."""
CONNECTIONS = 8
"""Connections to PostgreSQL for our own state; who finds none free waits."""
_LOCK = 0x6C69656E74686F6E
"""The advisory lock that serialises replicas during start."""
_BUSY_MS = 4_000
_OF_SERVER = ("08", "25006", "53", "55", "57", "58")
"""SQLSTATE by which PostgreSQL says that it cannot serve now: a connection, a standby, no resources, a shutdown."""


async def migrated_engine(url: str) -> AsyncEngine:
    """Return an engine for `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`, its schema current.

    Its errors do not show what statements were given. Raises ValueError for another kind of URL, ForeignDatabase for
    somebody else's tables. The caller disposes of the engine.
    """
    engine = _engine(url)
    bare = _bare(url) if engine.dialect.name == "postgresql" else engine
    try:
        if bare is engine:
            await _refuse_foreign_file(url)
        async with _transaction(bare) as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(_upgrade)
    except BaseException:
        await engine.dispose()
        raise
    finally:
        if bare is not engine:
            await bare.dispose()
    return engine


def existing(url: str | None) -> str:
    """Return the URL of a state that is there, for commands. Raises ValueError where there is none: none is made."""
    if url is None:
        raise ValueError("which state? name it with `--state` or LIENTHONG_STATE_URL")
    parsed = make_url(url)
    if parsed.drivername.startswith("sqlite") and not Path(parsed.database or "").is_file():
        raise ValueError("there is no such state")
    return url


@asynccontextmanager
async def writing(engine: AsyncEngine, within_s: float = ANSWER_S) -> AsyncIterator[AsyncConnection]:
    """A transaction that may write. SQLite's waits for its turn at once, so that it may read first and then write.

    Raises StateUnavailable where the state does not answer: then it is not known whether anything was written.
    """
    try:
        async with asyncio.timeout(within_s), _transaction(engine) as connection:
            await _wait_longer(connection, within_s)
            yield connection
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        if not _is_absence(error):
            raise
        failure = _unavailable(engine, error, "our own state cannot be written now")
    else:
        return
    raise failure


@asynccontextmanager
async def rehearsing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """As `writing`, and what was written is undone. SQLite writes a page as it was: else a full disk would not show."""
    async with writing(engine) as connection:
        async with connection.begin_nested() as done:
            yield connection
            await done.rollback()
        if connection.dialect.name == "sqlite":
            version = int((await connection.exec_driver_sql("pragma user_version")).scalar_one())
            await connection.exec_driver_sql(f"pragma user_version = {version}")


async def one_at_a_time(connection: AsyncConnection, whose: bytes) -> None:
    """Let nobody else change what is somebody's until the transaction ends; SQLite has one writer anyway.

    `whose` are at least nine bytes that tell one from others, such as a pseudonym.
    """
    if connection.dialect.name == "postgresql":
        lock = int.from_bytes(whose[1:9], signed=True)
        await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": lock})


@asynccontextmanager
async def reading(engine: AsyncEngine, within_s: float | None = ANSWER_S) -> AsyncIterator[AsyncConnection]:
    """A connection that reads; None: for as long as it takes.

    Raises StateUnavailable where the state does not answer; why is in the log.
    """
    try:
        async with asyncio.timeout(within_s), engine.connect() as connection:
            await _wait_longer(connection, within_s)
            yield connection
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        failure = _unavailable(engine, error, "our own state cannot be read now")
    else:
        return
    raise failure


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.execution_options(immediate=True).begin() as connection:
        yield connection


async def _wait_longer(connection: AsyncConnection, within_s: float | None) -> None:
    """Let PostgreSQL work as long as the caller waits, where that is longer than for requests."""
    if connection.dialect.name == "postgresql" and (within_s is None or within_s > ANSWER_S):
        await connection.execute(text(f"set local statement_timeout = {round((within_s or 0) * 1000)}"))


def _is_absence(error: Exception) -> bool:
    """Tell whether it is our own state that fails, not what was asked of it."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, (NoConnectionFree, OSError, TimeoutError))
    state = getattr(error.orig, "sqlstate", None)
    of_server = isinstance(state, str) and state.startswith(_OF_SERVER)
    return error.connection_invalidated or of_server or isinstance(error, OperationalError)


def _unavailable(engine: AsyncEngine, error: Exception, message: str) -> StateUnavailable:
    if isinstance(error, TimeoutError):
        doubt_of(engine).begin()
    _log.error("state unavailable", error=type(error).__name__)
    return StateUnavailable(message)


def _engine(url: str) -> AsyncEngine:
    driver = make_url(url).drivername
    if driver == "postgresql+asyncpg":
        engine = create_async_engine(
            url,
            hide_parameters=True,
            pool_size=CONNECTIONS,
            max_overflow=0,  # a connection beyond the pool would be opened and closed for each use: 9 ms of CPU there
            pool_timeout=ANSWER_S,
            connect_args={
                "timeout": OPEN_S,
                "server_settings": SERVER_SETTINGS,
                "async_creator_fn": connected_directly,
            },
        )
        doubting(engine)
        return engine
    if driver != "sqlite+aiosqlite":
        raise ValueError(f"the state is kept by `sqlite+aiosqlite` or `postgresql+asyncpg`, not by `{driver}`")
    _make_private(make_url(url).database)
    file = StateFile(make_url(url).database)
    engine = create_async_engine(
        url, hide_parameters=True, pool_timeout=ANSWER_S, connect_args={"async_creator_fn": file.opened}
    )
    engine.dialect.statement_compiler = HintingCompiler
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    event.listen(engine.sync_engine, "begin", lambda _connection: file.check())  # 2 µs
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _make_private(path: str | None) -> None:
    """Make the file of a new state readable by its owner alone; SQLite gives the files beside it the same mode."""
    if path and path != ":memory:":
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def _bare(url: str) -> AsyncEngine:
    """Return an engine whose statements take as long as they need: migrations, and the wait for another's."""
    arguments = {"timeout": OPEN_S, "async_creator_fn": connected_directly}
    return create_async_engine(url, hide_parameters=True, poolclass=NullPool, connect_args=arguments)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin in _begin_sqlite, DDL included
    cursor = connection.cursor()
    cursor.execute(f"pragma busy_timeout = {_BUSY_MS}")
    cursor.execute("pragma journal_mode = wal")
    cursor.execute("pragma synchronous = full")
    cursor.execute("pragma foreign_keys = on")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("begin immediate" if connection.get_execution_options().get("immediate") else "begin")


async def _refuse_foreign_file(url: str) -> None:
    """Raise ForeignDatabase before the file is put into another mode, as our own connections do with theirs."""
    plain = create_async_engine(url, hide_parameters=True, poolclass=NullPool)
    try:
        async with plain.connect() as connection:
            await connection.run_sync(_refuse_foreign)
    finally:
        await plain.dispose()


def _refuse_foreign(connection: Connection) -> None:
    if _version(connection) not in REVISIONS and set(inspect(connection).get_table_names()) - {"alembic_version"}:
        raise ForeignDatabase("it holds tables that are not ours, or of a later release: name an empty database")


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    version: str | None = connection.execute(text("select version_num from alembic_version")).scalar()
    return version


def _upgrade(connection: Connection) -> None:
    """Run the migrations that are missing; only who finds some loads Alembic, which takes 10 MiB."""
    if _version(connection) == NEWEST:
        return
    _refuse_foreign(connection)
    from auth.state.upgrade import upgrade

    upgrade(connection, MIGRATIONS)
