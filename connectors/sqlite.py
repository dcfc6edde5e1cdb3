"""SQLite files by aiosqlite: one thread hop for a statement and its rows."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import aiosqlite
from sqlalchemy import URL

from connectors.connections import Connections
from connectors.dialects import Dialect, SQLite
from connectors.errors import RegistersInvalid, SourceContractBroken, SourceError, SourceUnavailable
from connectors.statements import Statement


class Unprinted(list[Any]):
    """Arguments of a statement: aiosqlite prints what it executes when it logs at the debug level."""

    def __repr__(self) -> str:
        return "[…]"


class FileConnection:
    """One connection, served by a thread of its own."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._is_open = True

    def is_open(self) -> bool:
        return self._is_open

    def discard(self) -> None:
        self._is_open = False
        self._connection.stop()

    async def close(self) -> None:
        self._is_open = False
        with suppress(sqlite3.Error):
            await self._connection.close()

    async def fetch(self, text: str, arguments: list[Any]) -> Sequence[Sequence[Any]]:
        try:
            return list(await self._connection.execute_fetchall(text, Unprinted(arguments)))
        except asyncio.CancelledError:
            await self._connection.interrupt()  # the thread must not go on for a caller who has left
            raise


class SQLiteDatabase:
    """One file, read only. It types no columns: what comes back is checked value by value."""

    typed = False

    def __init__(self, register: str, url: URL, size: int, deadline_s: float) -> None:
        if not url.database or url.database == ":memory:":
            raise RegistersInvalid(register, "`url` names no file")
        self.dialect: Dialect = SQLite()
        self._register = register
        self._uri = f"file:{quote(url.database)}?mode=ro"
        self._deadline_s = deadline_s
        self._connections = Connections(size, self._opened)

    async def fetch(self, statement: Statement, arguments: list[Any]) -> Sequence[Sequence[Any]]:
        try:
            return await self._connections.using(FileConnection.fetch, statement.text, arguments)
        except (sqlite3.Error, OverflowError) as error:
            failure = self._failure(error, statement)
        raise failure

    async def close(self) -> None:
        await self._connections.close()

    async def _opened(self) -> FileConnection:
        connection = aiosqlite.connect(self._uri, uri=True, timeout=self._deadline_s)
        connection._thread.daemon = True  # a reader left open must not keep the process from ending
        return FileConnection(await connection)

    def _failure(self, error: Exception, statement: Statement) -> SourceError:
        code = getattr(error, "sqlite_errorname", None)
        if isinstance(error, OverflowError) or code == "SQLITE_ERROR":  # no such table or column
            return SourceContractBroken(self._register, f"record `{statement.record}` cannot be read as configured")
        return SourceUnavailable(
            self._register, f"no answer for record `{statement.record}` ({code or 'no connection'})"
        )
