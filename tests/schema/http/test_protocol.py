"""Over real connections: header blocks, bodies and codings beyond the bounds are refused, and the refusal is read."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema.http.endpoint import GraphQLParams, HTTPReply, graphql_endpoint
from schema.http.header_limits import HeaderLimits
from schema.http.protocol import MOST_BYTES, BoundedHeaders

pytestmark = pytest.mark.anyio

HEAD = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
QUERY = '{"query":"{__typename}"}'


async def _run(_request: Request, _headers: object, _params: GraphQLParams) -> HTTPReply:
    return HTTPReply(200, {"data": {}})


async def _plain(_request: Request) -> Response:
    return Response("alive")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    routes = [Route("/graphql", graphql_endpoint(_run), methods=None), Route("/healthz", _plain)]
    application = Starlette(routes=routes, middleware=[Middleware(HeaderLimits)])
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, http=BoundedHeaders, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve([bound]))
    yield bound.getsockname()[1]
    server.should_exit = True
    await task


async def sent(port: int, *parts: bytes) -> bytes:
    """Return what the server answers to these bytes, all of them sent before any of the answer is read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await asyncio.wait_for(reader.read(4096), 20)
    finally:
        writer.close()


def request(body: str, *headers: str) -> bytes:
    return f"{HEAD}{''.join(f'{line}{chr(13)}{chr(10)}' for line in headers)}\r\n{body}".encode()


async def test_an_ordinary_request_is_answered(port: int) -> None:
    assert (await sent(port, request(QUERY, f"Content-Length: {len(QUERY)}"))).startswith(b"HTTP/1.1 200")


async def test_a_header_that_never_ends_is_refused_early(port: int) -> None:
    chunk = b"x" * 65_536
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD.encode() + b"X-Long: ")
    taken = 0
    while taken < 20_000_000 and not reader._buffer:  # type: ignore[attr-defined]
        writer.write(chunk)
        await asyncio.sleep(0)
        await writer.drain()
        taken += len(chunk)
    assert (await asyncio.wait_for(reader.read(64), 20)).startswith(b"HTTP/1.1 431")
    writer.close()


@pytest.mark.parametrize("number", [200, 2_000])
async def test_many_headers_are_refused(port: int, number: int) -> None:
    lines = [f"X-{at}: {'y' * 20}" for at in range(number)]
    assert (await sent(port, request("", *lines, "Content-Length: 0"))).startswith(b"HTTP/1.1 431")


async def test_a_large_header_is_refused_on_every_path(port: int) -> None:
    head = f"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: {'y' * 40_000}\r\n\r\n"
    assert (await sent(port, head.encode())).startswith(b"HTTP/1.1 431")


async def test_header_blocks_of_later_requests_count_anew(port: int) -> None:
    whole = request(QUERY, f"X-Long: {'y' * 20_000}", f"Content-Length: {len(QUERY)}")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(MOST_BYTES // 20_000 + 2):
        writer.write(whole)
        answer = await asyncio.wait_for(reader.readuntil(b'{"data":{}}'), 20)
        assert answer.startswith(b"HTTP/1.1 200")
    writer.close()


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
async def test_a_body_over_the_limit_is_413_and_no_reset(port: int, declared: bool) -> None:
    size = 20_000_000
    body = b"x" * size if declared else b"%x\r\n%s\r\n0\r\n\r\n" % (size, b"x" * size)
    coding = f"Content-Length: {size}" if declared else "Transfer-Encoding: chunked"
    assert (await sent(port, request("", coding), body)).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("coding", ["gzip, chunked", "chunked, chunked", "identity, chunked"])
async def test_a_coded_body_is_refused(port: int, coding: str) -> None:
    body = f"{len(QUERY):x}\r\n{QUERY}\r\n0\r\n\r\n"
    assert (await sent(port, request(body, f"Transfer-Encoding: {coding}"))).startswith(
        (b"HTTP/1.1 501", b"HTTP/1.1 400")
    )


async def test_a_url_over_the_limit_is_refused(port: int) -> None:
    head = f"GET /graphql?query={'x' * 70_000} HTTP/1.1\r\nHost: x\r\n\r\n"
    assert (await sent(port, head.encode())).startswith(b"HTTP/1.1 400")
