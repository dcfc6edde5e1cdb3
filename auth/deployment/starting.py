"""What goes wrong at the start is told in one line that names the setting, never in a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from auth.errors import ForeignDatabase, NotStarted, StateUnavailable

NO_STATE = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
    StateUnavailable,
    ForeignDatabase,
)
"""What our own state raises that is not there, or not as it must be."""
_TELLING = 400


@contextmanager
def starting(wanted: str, *errors: type[Exception]) -> Iterator[None]:
    """Raise NotStarted in place of the errors: `wanted` names the setting and what it should be."""
    try:
        yield
    except NotStarted:
        raise
    except errors as error:
        raise NotStarted(f"{wanted}: {_cause(error)}") from None


def _cause(error: Exception) -> str:
    """Return in one line what an error says; of a database's errors only what the database itself said."""
    said = getattr(error, "orig", None) or error
    lines = str(said).strip().splitlines()
    return lines[0][:_TELLING] if lines else type(said).__name__
