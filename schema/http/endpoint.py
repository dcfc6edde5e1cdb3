"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): where requests come in and answers leave.

Whatever goes wrong on the way is translated here, once, to a status; the body is always that of GraphQL:

Unreadable               as it says   no GraphQL parameters: the status holds for both media types
DocumentInvalid          400          syntax, limits, validation
Refused                  400          or as its code asks
Unauthenticated          401
  IssuerUnavailable      503
AuditUnavailable         503
StateUnavailable         503
SharedStateUnavailable   503
DeadlineExceeded         503
anything else            500          opaque; its kind and place are logged, never its text
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import structlog
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.errors import IssuerUnavailable, Refused, Unauthenticated
from resolvers.request.error_codes import CODE_BY_ABSENCE
from schema.documents.documents import DocumentInvalid
from schema.errors import place_of
from schema.http.media import JSON, accepted
from schema.http.params import GraphQLParams as GraphQLParams
from schema.http.params import Unreadable, headers_of, params_of

_log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 524_288
RETRY_AFTER = {"Retry-After": "5"}
STATUS_BY_CODE = {
    "PURPOSE_NOT_GRANTED": 403,
    "AGREEMENT_SUSPENDED": 403,
    "AGREEMENT_EXPIRED": 403,
    "EMERGENCY_NOT_GRANTED": 403,
    "EMERGENCY_TOO_WIDE": 403,
    "METHOD_NOT_ALLOWED": 405,
    "RATE_LIMITED": 429,
    "HARVEST_STOPPED": 429,
}

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class HTTPReply(NamedTuple):
    """The result of an operation: the status for `application/graphql-response+json`, the body, further headers."""

    status: int
    payload: Mapping[str, Any] | bytes
    headers: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def refused(
        cls, message: str, code: str = "BAD_USER_INPUT", status: int = 400, headers: Mapping[str, str] | None = None
    ) -> "HTTPReply":
        """Return an outcome that is one error, without data."""
        return cls(status, {"errors": [{"message": message, "extensions": {"code": code}}]}, headers or {})

    @classmethod
    def invalid(cls, errors: Sequence[GraphQLError]) -> "HTTPReply":
        """Return an outcome that is these errors, without data."""
        return cls(400, {"errors": [error.formatted for error in errors]})


Run = Callable[[Request, Mapping[str, str], GraphQLParams], Awaitable[HTTPReply]]
"""From the request, its headers and its parameters."""


Unread = Callable[[Request], Awaitable[None]]
"""What counts a request that cannot be read. It may raise: then that is the answer."""


def graphql_endpoint(run: Run, max_body_bytes: int = MAX_BODY_BYTES, unread: Unread | None = None) -> ASGIApp:
    """Return the endpoint that answers each request with what `run` makes of its parameters."""
    return _Endpoint(run, max_body_bytes, unread)


class _Endpoint:
    """An ASGI application, not a function, or Starlette's Route would answer other methods in its own words."""

    def __init__(self, run: Run, max_body_bytes: int, unread: Unread | None) -> None:
        self._run = run
        self._max_body_bytes = max_body_bytes
        self._unread = unread

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answered(Request(scope, receive))
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        headers = headers_of(request)
        media = accepted(headers.get("accept"))
        try:
            if media is None:
                raise Unreadable(406, "`Accept` must allow application/graphql-response+json or application/json")
            params = await params_of(request, headers, self._max_body_bytes)
        except Unreadable as error:
            outcome = await self._unreadable(request, error)
            return _response(outcome, outcome.status, media or JSON)
        outcome = await self._outcome(request, headers, params)
        # application/json says 200 of every well-formed request, as servers did before there was another media type
        status = 200 if media == JSON and outcome.status == 400 else outcome.status
        return _response(outcome, status, media or JSON)

    async def _unreadable(self, request: Request, error: Unreadable) -> HTTPReply:
        try:
            if self._unread is not None:
                await self._unread(request)
        except Exception as refusal:
            return failed(refusal)
        return HTTPReply.refused(error.message, status=error.status, headers=error.headers)

    async def _outcome(self, request: Request, headers: Mapping[str, str], params: GraphQLParams) -> HTTPReply:
        try:
            outcome = await self._run(request, headers, params)
            return HTTPReply(outcome.status, _dumped(outcome.payload), outcome.headers)
        except DocumentInvalid as error:
            return HTTPReply.invalid(error.errors)
        except Exception as error:
            return failed(error)


def failed(error: Exception) -> HTTPReply:
    """Return the reply for an error that no other handler answers, by the table above and the one of codes."""
    match error:
        case Refused():
            return HTTPReply.refused(error.message, error.code, STATUS_BY_CODE.get(error.code, 400), error.headers)
        case IssuerUnavailable():
            return HTTPReply.refused(error.message, "ISSUER_UNAVAILABLE", 503, RETRY_AFTER)
        case Unauthenticated():
            return HTTPReply.refused(error.message, "UNAUTHENTICATED", 401, {"WWW-Authenticate": "Bearer"})
    for kind, code in CODE_BY_ABSENCE.items():
        if isinstance(error, kind):
            return HTTPReply.refused("nothing can be answered at the moment", code, 503, RETRY_AFTER)
    _log.error("request failed", error=type(error).__name__, at=place_of(error))
    return HTTPReply.refused("internal error", "INTERNAL", 500)


def _dumped(payload: Mapping[str, Any] | bytes) -> bytes:
    return payload if isinstance(payload, bytes) else orjson.dumps(payload)


def _response(outcome: HTTPReply, status: int, media: str) -> Response:
    headers = {**HEADERS, **outcome.headers, "Content-Type": f"{media}; charset=utf-8"}
    return Response(_dumped(outcome.payload), status, headers)
