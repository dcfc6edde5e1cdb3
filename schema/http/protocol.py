"""HTTP/1.1 by uvicorn and httptools, with a bound on what is held before a request is known: its line and headers.

httptools has none, and hands nothing up before a header is complete: a header of 20 MB would be held, and copied as it
grows. `uvicorn --http schema.http.protocol:BoundedHeaders` takes this instead.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 65_536
"""Of a request's line and headers, before they are complete."""
PATIENCE_S = 5.0
"""For how long what a refused caller still sends is thrown away, so that the refusal is read and no reset."""

_BODY = b'{"errors":[{"message":"the header block exceeds the limit of %d bytes"}]}' % MOST_BYTES
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
)


class BoundedHeaders(HttpToolsProtocol):
    """The protocol of one connection. A header block over the bound is 431, and the connection ends."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pending_bytes = 0
        self._in_headers = True
        self._ending: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        if self._ending is not None:
            return
        if self._in_headers:
            self._pending_bytes += len(data)
        super().data_received(data)
        if self._in_headers and self._pending_bytes > MOST_BYTES and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        self._in_headers = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_headers = False
        self._pending_bytes = 0
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._ending is not None:
            self._ending.cancel()
        super().connection_lost(exc)

    def eof_received(self) -> None:
        if self._ending is not None:
            self.transport.close()

    def _refuse(self) -> None:
        self.transport.write(_TOO_LARGE)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._ending = self.loop.call_later(PATIENCE_S, self.transport.abort)
