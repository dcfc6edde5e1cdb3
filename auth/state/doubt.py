"""When connections to our own state are no longer trusted: those opened before are ended, not used again.

After a failover without a reset an open connection takes statements and never answers. Who finds out on one of them
tells the others, or each would be found out by a request of its own.
"""

import math
import time
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine

_OPENED_AT = "opened_at"


class Doubt:
    """One engine's. Moments are those of the monotonic clock."""

    def __init__(self) -> None:
        self._since = -math.inf

    def begin(self) -> None:
        """Trust nothing that is open now."""
        self._since = time.monotonic()

    def covers(self, opened_at: float) -> bool:
        return opened_at <= self._since


_DOUBTS: WeakKeyDictionary[Dialect, Doubt] = WeakKeyDictionary()


def doubt_of(engine: AsyncEngine) -> Doubt:
    """Return the doubt that the engine's pool and the lines beside it share."""
    return _DOUBTS.setdefault(engine.dialect, Doubt())


def doubting(engine: AsyncEngine) -> None:
    """Let the engine's pool end connections without a farewell, and hand out none that is closed or in doubt."""
    doubt = doubt_of(engine)

    def opened(_connection: Any, record: Any) -> None:
        record.info[_OPENED_AT] = time.monotonic()

    def taken(connection: Any, record: Any, _proxy: Any) -> None:
        if connection.driver_connection.is_closed() or doubt.covers(record.info[_OPENED_AT]):
            raise DisconnectionError  # SQLAlchemy ends it and opens another

    event.listen(engine.sync_engine, "connect", opened)
    event.listen(engine.sync_engine, "checkout", taken)
    event.listen(engine.sync_engine, "close", _end)


def _end(connection: Any, _record: Any) -> None:
    """Whether anybody is there to take leave of is not known: the driver would wait for an answer."""
    connection.driver_connection.terminate()
