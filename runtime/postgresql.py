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
FOLLOWED = 8
"""Messages of one answer that are looked at one by one: what a few rows take, and 500 rows should not pay for."""
_NULS = bytes(256)
"""More in a row than any row of ours: an empty text is four."""
LONGEST = 64 * 1024 * 1024
"""Bytes of one message, such as a row."""
_HEADER = Struct("!Bi").unpack_from
_HEADER_BYTES = 5
_READY = b"Z\0\0\0\5"
"""ReadyForQuery but for its last byte: no message follows until another statement is sent."""
_READY_KIND = _READY[0]

_SOCKET_OPTIONS = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 2), ("TCP_USER_TIMEOUT", 15_000))
"""A peer whose machine is gone is noticed after 20 s where we wait, after 15 s where it does not take what we send."""


class FramedProtocol(asyncpg.protocol.Protocol):  # type: ignore[misc]  # asyncpg ships no types
    """The driver's protocol, fed only what is framed as messages are.

    The first messages of each answer are followed; a long answer that began well may only not turn into NUL bytes, and
    ends with a chunk that ends as whole answers do. Such a chunk may end within a row as well, so from there on what is
    no message ends the connection only once an answer was followed to its end again.
    """

    _to_come = 0
    """Bytes of the message under way that have not come yet."""
    _head = b""
    """The beginning of a header that was cut."""
    _kind = 0
    """Type of the message under way."""
    _left = FOLLOWED
    """Messages of this answer that are still followed."""
    _is_sure = True
    """Whether it is known where messages begin."""
    _end = b""
    """The last bytes of an answer that is followed no more."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        connected = transport.get_extra_info("socket")
        if connected is not None and connected.family in (socket.AF_INET, socket.AF_INET6):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, number in _SOCKET_OPTIONS:
                if hasattr(socket, name):
                    connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), number)
        self._wire = transport
        self._feed = super().data_received
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if not (self._is_followed(data) if self._left else self._goes_on(data)):
            self._wire.abort()  # whoever waits hears that the connection is lost
            return
        self._feed(data)

    def _is_followed(self, data: bytes) -> bool:
        """Follow the messages to the end of what has come; return whether they are such, as far as that is known."""
        followed, at = (self._head + data, 0) if self._head else (data, self._to_come)
        size, left, kind = len(followed), self._left, self._kind
        while at <= size - _HEADER_BYTES:
            kind, length = _HEADER(followed, at)
            if kind not in KINDS or not 4 <= length <= LONGEST:
                return not self._is_sure and any(data) and self._goes_on(data)  # the rest of an answer is not NUL alone
            at += 1 + length
            left -= 1
            if not left:
                return self._goes_on(data)
        if kind == _READY_KIND and at == size:
            left, self._is_sure = FOLLOWED, True
        self._left, self._kind = left, kind
        self._head, self._to_come = (b"", at - size) if at >= size else (followed[at:], 0)
        return self._is_sure or _is_alive(data)

    def _goes_on(self, data: bytes) -> bool:
        """Look for the end of an answer that is followed no more; return whether it still is one."""
        self._head, self._to_come, self._left = b"", 0, 0
        self._end = (self._end + data)[-6:] if len(data) < 6 else data[-6:]
        if self._end[:-1] == _READY:
            self._left, self._end, self._is_sure = FOLLOWED, b"", False
        return _is_alive(data)


def _is_alive(data: bytes) -> bool:
    """Tell whether a chunk ends in anything but NUL bytes; a few may be the end of a row."""
    return not data.endswith(_NULS)


# asyncpg has no parameter for it
asyncpg.protocol.Protocol = FramedProtocol


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
