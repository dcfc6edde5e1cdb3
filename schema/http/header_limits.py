"""What a request's headers may be at most, for every path: held before anything reads one of them."""

from collections.abc import Awaitable, Sequence
from itertools import chain
from typing import Final

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

MOST_BYTES: Final = 32_768
"""Of all names and values; a token has 8,192 at most. httptools refuses a URL over 65,535 bytes."""
MOST_HEADERS: Final = 100

CHUNKED = b"chunked"


class HeaderLimits:
    """Answers 431 where headers are too large or too many, 501 where a body is coded otherwise than by chunks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        refusal = _refusal(scope) if scope["type"] == "http" else None
        return (self._app if refusal is None else refusal)(scope, receive, send)


def _refusal(scope: Scope) -> Response | None:
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    # httptools takes the last coding for the body's length, and leaves the others to us (RFC 9112 section 6.1)
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if any(coding.strip().lower() != CHUNKED for coding in codings):
        return _refused(501, "`Transfer-Encoding` must be chunked or absent: bodies are not taken compressed")
    if len(headers) > MOST_HEADERS or sum(map(len, chain.from_iterable(headers))) > MOST_BYTES:
        return _refused(431, f"headers exceed the limit of {MOST_BYTES} bytes or {MOST_HEADERS} in number")
    return None


def _refused(status: int, message: str) -> Response:
    error = {"message": message, "extensions": {"code": "BAD_USER_INPUT"}}
    return JSONResponse({"errors": [error]}, status, {"Cache-Control": "no-store", "Connection": "close"})
