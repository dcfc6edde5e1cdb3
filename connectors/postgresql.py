"""PostgreSQL by asyncpg itself: prepared statements whose columns' types are verified once, rows handed up uncopied."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import asyncpg
from sqlalchemy import URL

from connectors.connections import Connections
from connectors.dialects import Dialect, PostgreSQL
from connectors.errors import SourceContractBroken, SourceError, SourceUnavailable
from connectors.mapping import MappedColumn, Stored
from connectors.records import Kind
from connectors.statements import Statement

PREPARED = 256
"""Statements kept prepared on each connection."""

WIRE_TYPES = {
    Kind.TEXT: ("text", "varchar"),
    Kind.KEY: ("text", "varchar"),
    Kind.INTEGER: ("int2", "int4", "int8"),
    Kind.NUMBER: ("float8", "float4"),
    Kind.BOOLEAN: ("bool",),
    Kind.DATE: ("date",),
    Kind.INSTANT: ("timestamptz",),
}
BROKEN = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What the driver says where the connection, not the database, is at fault."""

OURS = ("22", "42")
"""SQLSTATE classes that say the question does not fit the register: data exceptions, unknown or forbidden tables."""


class PreparedConnection:
    """One connection and the statements prepared on it."""

    def __init__(self, register: str, connection: Any) -> None:
        self._register, self._connection = register, connection
        self._prepared: OrderedDict[str, Any] = OrderedDict()

    def is_open(self) -> bool:
        return not self._connection.is_closed()

    def discard(self) -> None:
        self._connection.terminate()

    async def close(self) -> None:
        try:
            await self._connection.close(timeout=1.0)
        except (asyncpg.PostgresError, *BROKEN):
            self.discard()

    async def fetch(self, statement: Statement, arguments: list[Any]) -> Sequence[Sequence[Any]]:
        try:
            prepared = self._prepared.get(statement.text) or await self._prepare(statement)
            return await prepared.fetch(*arguments)  # type: ignore[no-any-return]
        except asyncpg.InvalidCachedStatementError:  # a table was altered meanwhile: prepare and verify it anew
            del self._prepared[statement.text]
        except BROKEN:
            self.discard()
            raise
        prepared = await self._prepare(statement)
        return await prepared.fetch(*arguments)  # type: ignore[no-any-return]

    async def _prepare(self, statement: Statement) -> Any:
        prepared = await self._connection.prepare(statement.text)
        for column, attribute in zip(statement.columns, prepared.get_attributes(), strict=False):
            if attribute.type.name not in _wire_types(column):
                raise SourceContractBroken(
                    self._register,
                    f"record `{statement.record}`: column `{column.name}` is of type `{attribute.type.name}`, "
                    f"which is no {column.kind.value}",
                )
        self._prepared[statement.text] = prepared
        if len(self._prepared) > PREPARED:
            self._prepared.popitem(last=False)
        return prepared


def _wire_types(column: MappedColumn) -> tuple[str, ...]:
    if column.canonical_by_value is None or column.physical is None:
        return WIRE_TYPES[column.kind]
    return WIRE_TYPES[Kind.INTEGER if column.stored is Stored.INTEGER else Kind.TEXT]


class PostgreSQLDatabase:
    """One database, read only. Every row has the types of its columns: they were verified with the statement."""

    typed = True

    def __init__(self, register: str, url: URL, size: int, deadline_s: float) -> None:
        self.dialect: Dialect = PostgreSQL()
        self._register = register
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._deadline_s = deadline_s
        self._connections = Connections(size, self._opened)

    async def fetch(self, statement: Statement, arguments: list[Any]) -> Sequence[Sequence[Any]]:
        try:
            return await self._connections.using(PreparedConnection.fetch, statement, arguments)
        except SourceError:
            raise
        except (asyncpg.PostgresError, *BROKEN, ValueError) as error:
            failure = self._failure(error, statement)
        raise failure  # outside the handler: the driver's error may quote a key, and must not be its context

    async def close(self) -> None:
        await self._connections.close()

    async def _opened(self) -> PreparedConnection:
        connection = await asyncpg.connect(
            self._dsn,
            timeout=self._deadline_s,
            server_settings={
                "application_name": "lienthong",
                "default_transaction_read_only": "on",
                "jit": "off",  # costs more than it saves for statements this short
                "statement_timeout": str(round(self._deadline_s * 1000)),
            },
        )
        return PreparedConnection(self._register, connection)

    def _failure(self, error: Exception, statement: Statement) -> SourceError:
        state = getattr(error, "sqlstate", None)
        if isinstance(error, asyncpg.PostgresError) and isinstance(state, str) and state.startswith(OURS):
            return SourceContractBroken(
                self._register, f"record `{statement.record}` cannot be read as configured (SQLSTATE {state})"
            )
        if isinstance(error, ValueError):
            return SourceContractBroken(
                self._register, f"record `{statement.record}` cannot be asked with these values"
            )
        return SourceUnavailable(self._register, f"no answer for record `{statement.record}` ({_reason(state)})")


def _reason(state: object) -> str:
    return f"SQLSTATE {state}" if isinstance(state, str) else "no connection"
