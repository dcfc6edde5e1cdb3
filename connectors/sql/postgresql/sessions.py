"""Sessions with PostgreSQL: straight to the server, or through a pooler that gives each transaction another server.

Straight there, the guards (read only, the time limit) hold for the session and statements stay prepared. Through a
pooler nothing may be left behind: each question is a transaction with guards of its own, and its text goes with it.
docs/decisions/0023-poolers.md
"""

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import asyncpg
import structlog

from connectors.errors import SourceContractBroken
from connectors.sql.statements import Statement
from runtime.postgresql import connected

_log = structlog.get_logger(__name__)

Rows = Sequence[Sequence[Any]]

PREPARED = 256
"""Statements kept on each session."""
STATEMENT_SHARE = 0.9
"""The server gives up a statement after this share of the deadline: so it is heard of while we still wait."""
LOST = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What the driver says where the connection, not the database, is at fault."""
ELSEWHERE = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)
"""What a server says of names that were given to another one."""
_AS_SET = """select pg_backend_pid(), current_setting('default_transaction_read_only') = 'on'
    and exists (select from pg_settings where name = 'statement_timeout' and setting = $1)"""


class PoolerFound(Exception):
    """The session that was thought to be one server's is not."""


class Session:
    """One connection, and the statements that it knows, their columns found to be those asked for."""

    def __init__(self, register: str, connection: Any) -> None:
        self._register, self._connection = register, connection
        self._statements: OrderedDict[str, Any] = OrderedDict()

    def is_open(self) -> bool:
        return not self._connection.is_closed()

    def discard(self) -> None:
        self._connection.terminate()

    async def close(self) -> None:
        try:
            await self._connection.close(timeout=1.0)
        except (asyncpg.PostgresError, *LOST):
            self.discard()

    async def fetch(self, statement: Statement, arguments: list[Any]) -> Rows:
        raise NotImplementedError

    async def _described(self, statement: Statement, name: str | None) -> Any:
        """Return the statement as the server describes it; raises where these are not the columns asked for."""
        described = await self._connection.prepare(statement.text, name=name)
        columns = tuple((column.name, column.type.name) for column in described.get_attributes())
        if columns != statement.shape:
            raise SourceContractBroken(
                self._register, f"record `{statement.record}`: {_difference(statement.shape, columns)}"
            )
        self._statements[statement.text] = described
        if len(self._statements) > PREPARED:
            self._statements.popitem(last=False)
        return described


class ServerSession(Session):
    """A session with one server. Names of statements are this session's alone, and none is given twice."""

    def __init__(self, register: str, connection: Any) -> None:
        super().__init__(register, connection)
        self._prefix, self._named = f"lienthong_{secrets.token_hex(12)}_", 0

    async def fetch(self, statement: Statement, arguments: list[Any]) -> Rows:
        try:
            prepared = self._statements.get(statement.text) or await self._prepared(statement)
            return await prepared.fetch(*arguments)  # type: ignore[no-any-return]
        except asyncpg.InvalidCachedStatementError:  # a table was altered meanwhile: prepare and verify it anew
            del self._statements[statement.text]
        except ELSEWHERE:
            self.discard()
            raise PoolerFound from None
        except LOST:
            self.discard()
            raise
        prepared = await self._prepared(statement)
        return await prepared.fetch(*arguments)  # type: ignore[no-any-return]

    async def _prepared(self, statement: Statement) -> Any:
        self._named += 1
        return await self._described(statement, f"{self._prefix}{self._named}")


class PooledSession(Session):
    """A session in which every transaction may be another server's, which others have used and will use.

    A statement has no name: its text is sent with every execution, in one go with its arguments.
    """

    def __init__(self, register: str, connection: Any, limit_ms: int) -> None:
        super().__init__(register, connection)
        self._begin = (
            f"begin read only; set local statement_timeout = {limit_ms}; set local jit = off; "
            "set local search_path to default"
        )

    async def fetch(self, statement: Statement, arguments: list[Any]) -> Rows:
        rows: Rows
        is_over = False
        try:
            await self._connection.execute(self._begin)
            described = self._statements.get(statement.text) or await self._described(statement, None)
            rows = await described.fetch(*arguments)
            await self._connection.execute("commit")
            is_over = True
        except (asyncpg.PostgresError, SourceContractBroken):
            await self._connection.execute("rollback")
            is_over = True
            raise
        finally:
            if not is_over:
                self.discard()  # it is in a transaction, and would keep a server for itself
        return rows


def _difference(asked: Sequence[tuple[str, str]], described: Sequence[tuple[str, str]]) -> str:
    for (name, type_), (_, described_type) in zip(asked, described, strict=False):
        if described_type != type_:
            return f"column `{name}` is of type `{described_type}`, not `{type_}`"
    return "the columns described are not those asked for"


async def opened_session(register: str, dsn: str, deadline_s: float, is_pooled: bool) -> Session:
    """Return a session; `is_pooled` says that there is a pooler, and if not, that is found out.

    Raises what the driver raises. Nobody prepares a statement under a name that the driver chooses: it numbers them in
    each process alike.
    """
    limit_ms = round(deadline_s * STATEMENT_SHARE * 1000)
    if not is_pooled:
        guards = {"default_transaction_read_only": "on", "jit": "off", "statement_timeout": str(limit_ms)}
        # jit costs more than it saves for statements this short
        try:
            connection = await _connected(dsn, deadline_s, guards)
        except asyncpg.ProtocolViolationError:  # a pooler refuses parameters that it cannot keep
            return await opened_session(register, dsn, deadline_s, True)
        try:
            is_one_servers = await _is_as_set(connection, limit_ms)
        except BaseException:
            connection.terminate()
            raise
        if is_one_servers:
            return ServerSession(register, connection)
        connection.terminate()
        return await opened_session(register, dsn, deadline_s, True)
    return PooledSession(register, await _connected(dsn, deadline_s, {}), limit_ms)


async def _connected(dsn: str, deadline_s: float, guards: dict[str, str]) -> Any:
    settings = {"application_name": "lienthong", **guards}
    return await connected(dsn, timeout=deadline_s, server_settings=settings, statement_cache_size=0)


async def _is_as_set(connection: Any, limit_ms: int) -> bool:
    """Whether the server that answers is the one that was greeted, and keeps what it was told."""
    server, are_kept = await connection.fetchrow(_AS_SET, str(limit_ms))
    return bool(server == connection.get_server_pid() and are_kept)
