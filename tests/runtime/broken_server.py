"""A server that is no PostgreSQL, or stops being one."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.servers import LOOPBACK

HANDSHAKE = (
    b"R\0\0\0\x08\0\0\0\0"
    b"S\0\0\0\x16server_version\x0015\0"
    b"S\0\0\0\x19client_encoding\0UTF8\0"
    b"K\0\0\0\x0c\0\0\0\x01\0\0\0\x01"
    b"Z\0\0\0\x05I"
)
"""What a real one says to somebody whom it trusts."""


def message(kind: bytes, length: int, content: bytes = b"") -> bytes:
    return kind + struct.pack("!i", length) + content


@asynccontextmanager
async def saying(*answers: Sequence[bytes]) -> AsyncIterator[str]:
    """Yield the address of a server that answers whatever comes first, second … with these chunks."""

    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await _say(answers, reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(serve, LOOPBACK)
    try:
        yield f"postgresql://somebody@{LOOPBACK}:{server.sockets[0].getsockname()[1]}/state?sslmode=disable"
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _say(answers: Sequence[Sequence[bytes]], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for chunks in answers:
        if not await reader.read(65_536):
            return
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(0.02)
    await reader.read()
