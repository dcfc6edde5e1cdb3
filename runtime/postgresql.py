"""asyncpg, held to PostgreSQL's protocol: what is no message never reaches it.

The driver's reader, in C, never leaves a message of type NUL: the event loop stands still for good, and with it every
deadline and signal. A length that counts backwards can do the same. A server that is not one, or a wire that garbles,
sends both. Whoever opens a connection to PostgreSQL opens it here.
"""

import asyncio
import socket
from struct import Struct
from typing import Any

import asyncpg
import asyncpg.protocol

KINDS = frozenset(b"RKvSZTtDC123nIENAsGHWdcV")
"""Types of the messages that a server sends (PostgreSQL documentation, 55.7 Message Formats)."""
LONGEST = 64 * 1024 * 1024
"""Bytes of one message, such as a row."""
_HEADER = Struct("!Bi").unpack_from
_HEADER_BYTES = 5
_READY = b"Z\0\0\0\5"
"""ReadyForQuery but for its last byte: no message follows until another statement is sent."""

_SOCKET_OPTIONS = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 2), ("TCP_USER_TIMEOUT", 15_000))
"""A peer whose machine is gone is noticed after 20 s where we wait, after 15 s where it does not take what we send."""


class Held(asyncpg.protocol.Protocol):  # type: ignore[misc]  # asyncpg ships no types
    """The driver's protocol, fed only what is framed as messages are.

    A chunk that ends as a whole answer does is taken for one unseen.
    """

    _to_come = 0
    """Bytes of the message under way that have not come yet."""
    _head = b""
    """The beginning of a header that was cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        connected = transport.get_extra_info("socket")
        if connected is not None and connected.family in (socket.AF_INET, socket.AF_INET6):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, number in _SOCKET_OPTIONS:
                if hasattr(socket, name):
                    connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), number)
        self._wire = transport
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if data[-6:-1] == _READY:  # all of an answer, mostly: to walk 500 rows takes 70 µs
            self._head, self._to_come = b"", 0
        elif not self._walked(data):
            self._wire.abort()  # whoever waits hears that the connection is lost
            return
        super().data_received(data)

    def _walked(self, data: bytes) -> bool:
        """Follow the messages to the end of what has come; return whether they are all such."""
        walked, at = (self._head + data, 0) if self._head else (data, self._to_come)
        last = len(walked) - _HEADER_BYTES
        while at <= last:
            kind, length = _HEADER(walked, at)
            if kind not in KINDS or not 4 <= length <= LONGEST:
                return False
            at += 1 + length
        self._head = walked[at:]
        self._to_come = max(0, at - len(walked))
        return True


# asyncpg has no parameter for it
asyncpg.protocol.Protocol = Held


class BehindPooler(ConnectionError):
    """Each transaction of this connection may be another server's: what is set for a session does not hold."""


async def connected(dsn: str | None = None, **options: Any) -> Any:
    """Return a connection, as `asyncpg.connect` does."""
    return await asyncpg.connect(dsn, **options)


async def connected_directly(dsn: str | None = None, **options: Any) -> Any:
    """Return a connection to one server; raise BehindPooler where something in between shares servers."""
    connection = await connected(dsn, **options)
    try:
        is_direct = await answers_itself(connection)
    except BaseException:
        connection.terminate()
        raise
    if not is_direct:
        connection.terminate()
        raise BehindPooler("PostgreSQL is behind a pooler, and must be reached directly")
    return connection


async def answers_itself(connection: Any) -> bool:
    """Whether the server that answers is the one that greeted: a pooler makes up the process that it greets with."""
    asked = await connection.prepare("select pg_backend_pid()", name="")  # a name may be another client's
    return bool(await asked.fetchval() == connection.get_server_pid())
