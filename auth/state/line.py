"""A connection of its own to our state in PostgreSQL, for the few statements that every request waits for.

The driver itself runs them: SQLAlchemy's share of one look-up (a pooled connection, a transaction begun and rolled
back, rows wrapped) is 0.6 ms of CPU, the driver's own 0.1 ms.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import structlog
from sqlalchemy import Engine, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

from auth.errors import StateUnavailable

OPEN_S = 10.0
READ_S = 10.0
_LOST = (asyncpg.InterfaceError, asyncpg.PostgresConnectionError, OSError)
"""What the driver says where the connection, not the statement, is at fault."""
_log = structlog.get_logger(__name__)


class Line:
    """One statement at a time. It opens when first needed, again when it was lost, and closes with the engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        url = make_url(engine.url).set(drivername="postgresql")
        self._dsn = url.render_as_string(hide_password=False)
        self._connection: Any = None
        event.listen(engine.sync_engine, "engine_disposed", self._close)

    async def fetch(self, statement: str, *arguments: Any) -> Sequence[Any]:
        """Return the rows; each statement is a transaction. Raises what the driver raises."""
        if self._connection is None or self._connection.is_closed():
            # durable means on disk, whatever the cluster's default is; few values in an array: no reason to plan anew
            settings = {
                "synchronous_commit": "on",
                "plan_cache_mode": "force_generic_plan",
                "application_name": "lienthong state",
            }
            self._connection = await asyncpg.connect(self._dsn, timeout=OPEN_S, server_settings=settings)
        rows: Sequence[Any] = await self._connection.fetch(statement, *arguments)
        return rows

    async def read(self, statement: str, *arguments: Any) -> Sequence[Any]:
        """As `fetch`, once more where the connection was lost. Raises StateUnavailable; why is in the log."""
        try:
            try:
                return await self._in_time(statement, arguments)
            except _LOST:
                return await self._in_time(statement, arguments)
        except (asyncpg.PostgresError, asyncpg.InternalClientError, TimeoutError, *_LOST) as error:
            _log.error("state unavailable", kind=type(error).__name__)
        raise StateUnavailable("our own state cannot be read now")

    async def _in_time(self, statement: str, arguments: tuple[Any, ...]) -> Sequence[Any]:
        async with asyncio.timeout(READ_S):
            return await self.fetch(statement, *arguments)

    def _close(self, _engine: Engine) -> None:
        """SQLAlchemy calls it where it may wait: the engine is disposed of by a coroutine."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            await_only(connection.close())
