"""From the bytes of a request to GraphQL parameters, each of its type.

Source: https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request

from auth.citizen_numbers import may_hold_a_number
from schema.documents.limits import MOST_VALUES
from schema.http.media import is_json

MAX_VALUE_DEPTH = 20
LONGEST_QUERY = 8_192
"""Bytes of a URL's query: it is read in several ways before anything else (auth/citizen_numbers.py)."""
MOST_BRACKETS = 20_000
"""Lists and objects in a body. A document has 5,000 tokens, variables 5,000 values."""
MOST_THROWN_AWAY = 32 * 1024 * 1024
PATIENCE_S = 10.0


class GraphQLParams(NamedTuple):
    """What the caller asks, and nothing known of it but its types."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None
    extensions: dict[str, Any] | None


class Unreadable(Exception):
    """The request holds no GraphQL parameters; `status` says in HTTP's words why."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


def headers_of(request: Request) -> Mapping[str, str]:
    """Return the headers by their names in lower case; the first counts of several that have one name.

    Blanks around a value are no part of it (RFC 9110 section 5.5), and servers leave those behind it. Starlette's own
    mapping goes through all headers for each one looked up.
    """
    headers = reversed(request.scope["headers"])
    return {name.decode("latin-1"): value.strip(b" \t").decode("latin-1") for name, value in headers}


async def params_of(request: Request, headers: Mapping[str, str], max_body_bytes: int) -> GraphQLParams:
    """Return the parameters. Raises Unreadable."""
    url: bytes = request.scope["query_string"]
    if len(url) > LONGEST_QUERY:
        raise Unreadable(
            414, f"the query of the URL exceeds the limit of {LONGEST_QUERY} bytes: use the body of a POST"
        )
    if url and may_hold_a_number(url.decode("latin-1")):
        raise Unreadable(400, "a URL must not hold numbers of persons, since logs hold URLs: use the body of a POST")
    if request.method == "POST":
        return _typed(_decoded(await _body(request, headers, max_body_bytes), "body"))
    if request.method == "GET":
        return _typed(_from_url(request, headers))
    raise Unreadable(405, "only POST and GET are answered", {"Allow": "POST, GET"})


async def _body(request: Request, headers: Mapping[str, str], max_bytes: int) -> bytearray:
    if not is_json(headers.get("content-type")):
        # nothing that a form of another site may send without asking first is taken (cross-site request forgery)
        raise Unreadable(415, "`Content-Type` must be application/json, in UTF-8", {"Accept": "application/json"})
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Unreadable(415, "the body must not be compressed", {"Accept-Encoding": "identity"})
    declared = headers.get("content-length", "")
    size = int(declared) if declared.isdecimal() else 0
    body = bytearray()
    more = True
    while more and size <= max_bytes:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Unreadable(400, "the body ended early")
        body += message.get("body", b"")
        size, more = max(size, len(body)), message.get("more_body", False)
    if size > max_bytes:
        if more and "expect" not in headers:  # a caller who waits for our word sends nothing of it
            await _thrown_away(request)
        raise Unreadable(413, f"the body exceeds the limit of {max_bytes} bytes", {"Connection": "close"})
    return body


async def _thrown_away(request: Request) -> None:
    """Read on, keeping nothing: closed with bytes unread, a connection is reset before the answer is read.

    Ends after `MOST_THROWN_AWAY` bytes or `PATIENCE_S` seconds.
    """
    received = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while received <= MOST_THROWN_AWAY:
                message = await request.receive()
                received += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return


def _from_url(request: Request, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of a GET request; only `variables` and `extensions` are JSON."""
    if "cookie" in headers:
        raise Unreadable(403, "a request with cookies must be made by POST")
    text: bytes = request.scope["query_string"]
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise Unreadable(400, "the URL has no readable parameters") from None
    given: dict[str, Any] = dict(pairs)
    if len(given) < len(pairs):
        raise Unreadable(400, "a parameter of the URL is given twice")
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _decoded(given[name].encode(), f"`{name}`")
    return given


def _decoded(text: bytes | bytearray, what: str) -> Any:
    # a list or an object is 60 bytes and work for the collector; those in the document's text are counted too
    if text.count(b"[") + text.count(b"{") > MOST_BRACKETS:
        raise Unreadable(400, f"{what} holds more than {MOST_BRACKETS} lists and objects")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        # the place is told, what stands there is not
        where = f"line {error.lineno}, column {error.colno}"
    raise Unreadable(400, f"{what} is not JSON in UTF-8, or nests too deep: {where}")


def _typed(given: Any) -> GraphQLParams:
    if isinstance(given, list):
        raise Unreadable(400, "one operation at a time: batches are not answered")
    if not isinstance(given, dict):
        raise Unreadable(400, "the body must be a JSON object")
    query = given.get("query")
    if not isinstance(query, str):
        raise Unreadable(400, "`query` must be a string")
    operation_name = given.get("operationName")
    if not isinstance(operation_name, str | None):
        raise Unreadable(400, "`operationName` must be a string or null")
    variables, extensions = _object(given, "variables"), _object(given, "extensions")
    _check_values(variables)
    return GraphQLParams(query, operation_name, variables, extensions)


def _object(given: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = given.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise Unreadable(400, f"`{name}` must be an object or null")


_TEXT = frozenset({str})


def _check_values(variables: dict[str, Any] | None) -> None:
    """Raise Unreadable for variables that are too many or nest too deep, or hold what no register can."""
    stack: list[tuple[Any, int]] = [(variables, 0)]
    met = 0
    while stack:
        value, depth = stack.pop()
        if isinstance(value, str):
            if "\0" in value:
                raise Unreadable(400, "`variables` hold a NUL character")
        elif isinstance(value, dict | list):
            if depth > MAX_VALUE_DEPTH:
                raise Unreadable(400, f"`variables` nest deeper than {MAX_VALUE_DEPTH}")
            met += len(value)  # before any of them is looked at
            if met > MOST_VALUES:
                raise Unreadable(400, f"`variables` hold more than {MOST_VALUES} values")
            inside: Iterable[Any] = value.values() if isinstance(value, dict) else value
            if _TEXT.issuperset(map(type, inside)):  # a long list of keys: looked at in one go
                inside = ("".join(inside),)
            stack.extend((inner, depth + 1) for inner in inside)
