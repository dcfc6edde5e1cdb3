"""A connection of its own to our state in PostgreSQL, for the few statements that every request waits for.

The driver itself runs them: SQLAlchemy's share of one look-up (a pooled connection, a transaction begun and rolled
back, rows wrapped) is 0.6 ms of CPU, the driver's own 0.1 ms.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import asyncpg
import structlog
from sqlalchemy import Engine, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.errors import StateUnavailable
from auth.state.doubt import doubt_of
from auth.state.patience import ANSWER_S, OPEN_S, SERVER_SETTINGS
from runtime.postgresql import connected_directly

LOST = (asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.InternalClientError, OSError)
"""What the driver says where the connection, not the statement, is at fault; TimeoutError is among them."""
# few values in an array: no reason to plan anew
_SETTINGS = {**SERVER_SETTINGS, "plan_cache_mode": "force_generic_plan"}
_log = structlog.get_logger(__name__)


class DedicatedConnection:
    """One statement at a time. It opens when first needed, again when it was lost, and closes with the engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        url = make_url(engine.url).set(drivername="postgresql")
        self._dsn = url.render_as_string(hide_password=False)
        self._doubt = doubt_of(engine)
        self._connection: Any = None
        self._opened_at = 0.0
        event.listen(engine.sync_engine, "engine_disposed", self._close)

    async def fetch(self, statement: str, *arguments: Any) -> Sequence[Any]:
        """Return the rows; each statement is a transaction. Raises what the driver raises, and TimeoutError.

        A connection that has failed, or that did not answer in time, is ended: what was asked may have been done.
        """
        return await self._in_time(statement, arguments, attempts=1)

    async def read(self, statement: str, *arguments: Any) -> Sequence[Any]:
        """As `fetch`, once more where the connection was lost. Raises StateUnavailable; why is in the log."""
        try:
            return await self._in_time(statement, arguments, attempts=2)
        except (asyncpg.PostgresError, *LOST) as error:
            _log.error("state unavailable", error=type(error).__name__)
        raise StateUnavailable("our own state cannot be read now")

    async def rehearse(self, statement: str, *arguments: Any) -> None:
        """As `fetch`, and what was written is undone."""
        await self._in_time(statement, arguments, attempts=1, undone=True)

    async def _in_time(
        self, statement: str, arguments: tuple[Any, ...], attempts: int, undone: bool = False
    ) -> Sequence[Any]:
        try:
            async with asyncio.timeout(ANSWER_S):
                while True:
                    attempts -= 1
                    try:
                        return await self._once(statement, arguments, undone)
                    except LOST as error:
                        if not attempts or isinstance(error, TimeoutError):
                            raise
        except LOST:
            self._doubt.begin()
            raise

    async def _once(self, statement: str, arguments: tuple[Any, ...], undone: bool) -> Sequence[Any]:
        try:
            connection = await self._opened()
            ask = _undone if undone else _fetched
            return await ask(connection, statement, arguments)
        except BaseException as error:
            if isinstance(error, LOST) or not isinstance(error, asyncpg.PostgresError):
                self._end()
            raise

    async def _opened(self) -> Any:
        """Return the connection, a new one where there is none that is trusted."""
        if self._connection is not None and self._doubt.covers(self._opened_at):
            self._end()
        if self._connection is None or self._connection.is_closed():
            self._connection = await connected_directly(self._dsn, timeout=OPEN_S, server_settings=_SETTINGS)
            self._opened_at = time.monotonic()
        return self._connection

    def _end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    def _close(self, _engine: Engine) -> None:
        self._end()


async def _fetched(connection: Any, statement: str, arguments: tuple[Any, ...]) -> Sequence[Any]:
    rows: Sequence[Any] = await connection.fetch(statement, *arguments)
    return rows


async def _undone(connection: Any, statement: str, arguments: tuple[Any, ...]) -> Sequence[Any]:
    transaction = connection.transaction()
    await transaction.start()
    try:
        rows = await _fetched(connection, statement, arguments)
    except asyncpg.PostgresError:  # after anything else the connection is ended, and nobody waits for it
        await transaction.rollback()
        raise
    await transaction.rollback()
    return rows
