"""PostgreSQL by asyncpg itself: statements whose columns were found to be those asked for, rows handed up uncopied."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

import asyncpg
import structlog
from sqlalchemy import URL

from connectors.errors import QuestionTooSlow, SourceContractBroken, SourceError, SourceUnavailable
from connectors.guards.resilience import SourceLimits
from connectors.sql.connections import ConnectionPool
from connectors.sql.dialects import Dialect, PostgreSQL
from connectors.sql.mapping import MappedRecord
from connectors.sql.misfits import Misfits
from connectors.sql.postgresql.sessions import LOST, PooledSession, PoolerFound, Session, opened_session
from connectors.sql.postgresql.tables import HELD, held_by_record, wanted
from connectors.sql.statements import ALIVE, Statement

OURS = ("22", "25006", "42")
"""SQLSTATEs that say the question does not fit the register: data exceptions, reading that writes, unknown tables."""
_log = structlog.get_logger(__name__)


class PostgreSQLDatabase:
    """One database, read only, straight or through a pooler. Every row has the types of its columns."""

    typed = True

    def __init__(self, register: str, url: URL, records: Mapping[str, MappedRecord], limits: SourceLimits) -> None:
        self.dialect: Dialect = PostgreSQL()
        self._register = register
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._deadline_s = limits.deadline_s
        self._is_pooled = False
        self._misfits = Misfits(register, records)
        self._wanted = wanted(records)
        self._lookups = ConnectionPool(limits.calls, self._opened)
        self._lists = ConnectionPool(limits.lists, self._opened)

    async def fetch(self, statement: Statement, arguments: list[Any]) -> Sequence[Sequence[Any]]:
        connections = self._lists if statement.is_list else self._lookups
        try:
            return await connections.using(_rows, self._misfits, statement, arguments)
        except SourceError:
            raise
        except PoolerFound:
            failure = None
        except Exception as error:
            failure = self._failure(error, statement.record)
        if failure is not None:  # outside the handler: the driver's error may quote a key, and must not be its context
            raise failure
        self._note_pooler()
        return await self.fetch(statement, arguments)  # the session is gone, and no new one believes to be a server's

    async def ready(self) -> None:
        await self.fetch(ALIVE, [])
        if self._misfits:
            self._misfits.note(held_by_record(await self.fetch(HELD, self._wanted)))
        self._misfits.refuse_any()

    async def close(self) -> None:
        await self._lookups.close()
        await self._lists.close()

    async def _opened(self) -> Session:
        session = await opened_session(self._register, self._dsn, self._deadline_s, self._is_pooled)
        if isinstance(session, PooledSession) and not self._is_pooled:
            self._note_pooler()
        try:
            self._misfits.note(held_by_record(await session.fetch(HELD, self._wanted)))
        except BaseException:
            session.discard()
            raise
        return session

    def _note_pooler(self) -> None:
        self._is_pooled = True
        _log.info("register behind a pooler: each question is a transaction", register=self._register)

    def _failure(self, error: Exception, record: str) -> SourceError:
        state = getattr(error, "sqlstate", None)
        if isinstance(error, asyncpg.PostgresError) and isinstance(state, str) and state.startswith(OURS):
            return SourceContractBroken(
                self._register, f"record `{record}` cannot be read as configured (SQLSTATE {state})"
            )
        if isinstance(error, asyncpg.ProtocolError) or not isinstance(error, (asyncpg.PostgresError, *LOST)):
            # what the driver could not write or read: a key out of range, a text in no UTF-8, a date before year 1
            return SourceContractBroken(
                self._register, f"record `{record}`: a value cannot be read ({type(error).__name__})"
            )
        if isinstance(error, asyncpg.QueryCanceledError):
            return QuestionTooSlow(self._register, f"record `{record}`: the question took too long")
        reason = f"SQLSTATE {state}" if isinstance(state, str) else f"no connection: {type(error).__name__}"
        return SourceUnavailable(self._register, f"no answer for record `{record}` ({reason})")


def _rows(
    session: Session, misfits: Misfits, statement: Statement, arguments: list[Any]
) -> Awaitable[Sequence[Sequence[Any]]]:
    misfits.refuse(statement.record, statement.columns)  # the session was looked at when it was opened
    return session.fetch(statement, arguments)
