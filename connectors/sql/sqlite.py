"""SQLite files by aiosqlite: one thread hop for a statement and its rows."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosqlite
from sqlalchemy import URL

from connectors.errors import RegistersInvalid, SourceContractBroken, SourceError, SourceUnavailable
from connectors.guards.resilience import SourceLimits
from connectors.sql.connections import ConnectionPool
from connectors.sql.dialects import Dialect, SQLite
from connectors.sql.mapping import MappedRecord
from connectors.sql.misfits import FoundColumn, Misfits
from connectors.sql.statements import ALIVE, Statement
from reference.normal_form import nfc

HELD = Statement("SELECT name FROM pragma_table_xinfo(?, ?)", "any", (), (), {}, {})
FAREWELL_S = 1.0
"""How long threads of connections that were given up are waited for when the register is closed."""
Ending = asyncio.Future[Any]
FileIdentity = tuple[int, int]
"""Device and inode: another file in the same place has another one."""


class Unprinted(list[Any]):
    """Arguments of a statement: aiosqlite prints what it executes when it logs at the debug level."""

    def __repr__(self) -> str:
        return "[…]"


class RegisterFileConnection:
    """One connection, served by a thread of its own; over when another file stands in the place of the one opened."""

    def __init__(
        self, connection: aiosqlite.Connection, path: str, identity: FileIdentity | None, ending: "set[Ending]"
    ) -> None:
        """`ending`: where those are that end behind what their threads are doing."""
        self._connection = connection
        self._path, self._identity = path, identity
        self._ending = ending
        self._is_open = True

    def is_open(self) -> bool:
        return self._is_open and file_identity(self._path) == self._identity

    def discard(self) -> None:
        if self._is_open:
            self._is_open = False
            ended = self._connection.stop()
            if ended is not None:
                self._ending.add(ended)
                ended.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        self._is_open = False
        with suppress(sqlite3.Error):
            await self._connection.close()

    async def fetch(self, statement: Statement, arguments: list[Any]) -> Sequence[Sequence[Any]]:
        try:
            return list(await self._connection.execute_fetchall(statement.text, Unprinted(arguments)))
        except sqlite3.OperationalError as error:
            if hasattr(error, "sqlite_errorcode"):
                raise
        except asyncio.CancelledError:
            await self._connection.interrupt()  # the thread must not go on for a caller who has left
            raise
        return await self._undecoded(statement.text, arguments)

    async def _undecoded(self, text: str, arguments: list[Any]) -> Sequence[Sequence[Any]]:
        """Read again what could not be decoded: what is no UTF-8 comes as bytes, and so is of no kind."""
        self._connection.text_factory = _text_or_bytes
        try:
            return list(await self._connection.execute_fetchall(text, Unprinted(arguments)))
        finally:
            self._connection.text_factory = str


def file_identity(path: str) -> FileIdentity | None:
    """Return which file is there now; None where there is none."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _text_or_bytes(stored: bytes) -> str | bytes:
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored


def _nfc(stored: object) -> object:
    return nfc(stored) if isinstance(stored, str) else stored


class SQLiteDatabase:
    """One file, read only. It types no columns: what comes back is checked value by value."""

    typed = False

    def __init__(self, register: str, url: URL, records: Mapping[str, MappedRecord], limits: SourceLimits) -> None:
        if not url.database or url.database == ":memory:":
            raise RegistersInvalid(register, "`url` names no file")
        self.dialect: Dialect = SQLite()
        self._records = records
        self._register, self._path = register, url.database
        self._uri = f"file:{quote(url.database)}?mode=ro"
        self._deadline_s = limits.deadline_s
        self._misfits = Misfits(register, records)
        self._lookups = ConnectionPool(limits.calls, self._opened)
        self._lists = ConnectionPool(limits.lists, self._opened)
        self._ending: set[Ending] = set()

    async def fetch(self, statement: Statement, arguments: list[Any]) -> Sequence[Sequence[Any]]:
        connections = self._lists if statement.is_list else self._lookups
        try:
            return await connections.using(_rows, self._misfits, statement, arguments)
        except SourceError:
            raise
        except Exception as error:
            failure = self._failure(error, statement.record)
        raise failure

    async def ready(self) -> None:
        await self.fetch(ALIVE, [])
        if self._misfits:
            await self._look(self)
        self._misfits.refuse_any()

    async def close(self) -> None:
        await self._lookups.close()
        await self._lists.close()
        if self._ending:  # a thread that ends after its loop has nobody to tell
            await asyncio.wait(self._ending, timeout=FAREWELL_S)

    async def _opened(self) -> RegisterFileConnection:
        connection = aiosqlite.connect(self._uri, uri=True, timeout=self._deadline_s)
        connection._thread.daemon = True  # a reader left open must not keep the process from ending
        identity = file_identity(self._path)  # of before: what comes between is noticed at the next use
        opened = RegisterFileConnection(await connection, self._path, identity, self._ending)
        try:
            await connection.create_function("nfc", 1, _nfc, deterministic=True)
            await self._look(opened)
        except BaseException:
            opened.discard()
            raise
        return opened

    async def _look(self, through: "RegisterFileConnection | SQLiteDatabase") -> None:
        held = {}
        for name, record in self._records.items():
            rows = await through.fetch(HELD, [record.table, record.schema or "main"])
            if there := {column.lower() for (column,) in rows}:
                held[name] = {column: FoundColumn() for column in record.physical if column.lower() in there}
        self._misfits.note(held)

    def _failure(self, error: Exception, record: str) -> SourceError:
        code = getattr(error, "sqlite_errorname", None)
        if code == "SQLITE_ERROR" or not isinstance(error, (sqlite3.Error, ValueError)):
            # no such table or column; a key that is no 64-bit integer
            return SourceContractBroken(self._register, f"record `{record}` cannot be read as configured")
        reason = code or f"no connection: {type(error).__name__}"
        return SourceUnavailable(self._register, f"no answer for record `{record}` ({reason})")


def _rows(
    connection: RegisterFileConnection, misfits: Misfits, statement: Statement, arguments: list[Any]
) -> Awaitable[Sequence[Sequence[Any]]]:
    misfits.refuse(statement.record, statement.columns)  # the file was looked at when it was opened
    return connection.fetch(statement, arguments)
