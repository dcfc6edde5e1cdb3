"""The edge: every request is answered as GraphQL over HTTP asks, and none with the caller's words."""

import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from auth.errors import (
    AuditUnavailable,
    IssuerUnavailable,
    Refused,
    SharedStateUnavailable,
    StateUnavailable,
    Unauthenticated,
)
from schema.documents.documents import Documents
from schema.http.endpoint import GraphQLParams, HTTPReply, graphql_endpoint
from schema.http.media import GRAPHQL, JSON
from schema.http.request_id import RequestIds
from tests.schema.documents.samples import SCHEMA

NUMBER = "079203001234"
DOCUMENTS = Documents(SCHEMA)


async def echo(_request: Request, _headers: Mapping[str, str], params: GraphQLParams) -> HTTPReply:
    """Judge the document, and answer with the parameters as they were read."""
    DOCUMENTS.get(params.query)
    read = {"operation": params.operation_name, "variables": params.variables, "extensions": params.extensions}
    return HTTPReply(200, {"data": read}, {"RateLimit": "r=1"})


def client(run: Any = echo) -> TestClient:
    return TestClient(Starlette(routes=[Route("/graphql", graphql_endpoint(run, 5_000), methods=None)]))


def posted(body: bytes | Iterator[bytes], to: TestClient | None = None, **headers: str) -> Any:
    sent = {"content-type": JSON, "accept": GRAPHQL, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return (to or client()).post("/graphql", content=body, headers=sent)


def body(**params: Any) -> bytes:
    return orjson.dumps({"query": "{node{id}}", **params})


NOTHING = {"operation": None, "variables": None, "extensions": None}


@pytest.mark.parametrize(
    ("params", "read"),
    [
        ({}, NOTHING),
        ({"variables": None, "operationName": None, "extensions": None, "more": 1}, NOTHING),
        ({"variables": {"a": "ữ"}, "operationName": "A"}, {**NOTHING, "variables": {"a": "ữ"}, "operation": "A"}),
        ({"extensions": {"a": [1]}}, {**NOTHING, "extensions": {"a": [1]}}),
    ],
)
def test_parameters_are_read(params: dict[str, Any], read: dict[str, Any]) -> None:
    answer = posted(body(**params))
    assert (answer.status_code, answer.json()) == (200, {"data": read})
    assert answer.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["ratelimit"] == "r=1"


BAD_BODIES = {
    "empty": b"",
    "cut": b"{",
    "bad utf-8": b'{"query":"{node{id}}\xff"}',
    "nul": b'{"query":"{node{id}}"}\x00',
    "lone surrogate": b'{"query":"\\ud800"}',
    "nested": b'{"query":"{node{id}}","variables":{"n":' + b"[" * 2000 + b"]" * 2000 + b"}}",
    "rather nested": body(variables={"n": orjson.loads(b"[" * 30 + b"]" * 30)}),
    "nul in a variable": body(variables={"n": [NUMBER + "\0"]}),
    "scalar": b"5",
    "null": b"null",
    "batch": orjson.dumps([{"query": "{node{id}}"}]),
    "no query": b"{}",
    "query a list": b'{"query":["a"]}',
    "operation a number": body(operationName=1),
    "variables a list": body(variables=[NUMBER]),
    "variables text": body(variables=NUMBER),
    "extensions a list": body(extensions=[1]),
    "not a number": b'{"query":"{node{id}}","variables":{"a":NaN}}',
}


@pytest.mark.parametrize("media", [JSON, GRAPHQL])
@pytest.mark.parametrize("sent", BAD_BODIES.values(), ids=list(BAD_BODIES))
def test_bodies_that_hold_no_parameters_are_refused(sent: bytes, media: str) -> None:
    answer = posted(sent, accept=media)
    assert (answer.status_code, answer.headers["content-type"]) == (400, f"{media}; charset=utf-8")
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert NUMBER not in answer.text


def test_large_numbers_are_read() -> None:
    sent = b'{"query":"{node{id}}","variables":{"n":99999999999999999999}}'
    assert posted(sent).json()["data"]["variables"] == {"n": 1e20}


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/json"],
)
def test_what_a_foreign_form_can_send_is_not_taken(content_type: str) -> None:
    answer = posted(body(), content_type=content_type)
    assert (answer.status_code, answer.headers["accept"]) == (415, JSON)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip"])
def test_compressed_bodies_are_not_taken(encoding: str) -> None:
    answer = posted(zlib.compress(body()), content_encoding=encoding)
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")


def test_large_bodies_are_not_taken_whether_or_not_they_say_so() -> None:
    large = body(query="{node{id}} #" + "x" * 6_000)
    assert posted(large).status_code == 413
    assert posted(iter([large[:3_000], large[3_000:]])).status_code == 413


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_other_methods_are_not_answered(method: str) -> None:
    answer = client().request(method, "/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, GET")


def test_of_a_header_sent_twice_the_first_counts() -> None:
    headers = [("content-type", JSON), ("content-type", "text/plain"), ("accept", GRAPHQL), ("accept", "text/html")]
    answer = client().post("/graphql", content=body(), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, f"{GRAPHQL}; charset=utf-8")


def test_what_the_caller_does_not_accept_is_not_sent() -> None:
    answer = posted(body(), accept="text/html")
    assert (answer.status_code, answer.headers["content-type"]) == (406, f"{JSON}; charset=utf-8")


def asked(query: str, **headers: str) -> Any:
    return client().get(f"/graphql?{query}", headers=headers)


def test_queries_are_answered_by_get() -> None:
    query = urlencode({"query": "{node{id}}", "variables": '{"a":"ữ +"}', "extensions": "{}", "operationName": "A"})
    read = {"operation": "A", "variables": {"a": "ữ +"}, "extensions": {}}
    assert asked(query).json() == {"data": read}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("query=%7Bid%7D&query=%7Bid%7D", 400),
        ("query=%ff", 400),
        ("query=%7Bnode%7Bid%7D%7D&variables=%7B", 400),
        ("query=%7Bnode%7Bid%7D%7D&variables=[]", 400),
        (f"query=%7Bnode%7Bid%7D%7D&variables=%7B%22n%22:%22{NUMBER}%22%7D", 400),
        ("query=%7Bnode%7Bid%7D%7D&variables=%7B%22n%22:%22%30%37%39%32%303001234%22%7D", 400),
        ("query=%7Bnode%7Bid%7D%7D&operationName=of_079-203-001234", 400),
        ("query=%7Bnode(id:%22%5Cu0030%5Cu0037%5Cu0039203001234%22)%7Bid%7D%7D", 400),
        ("&".join(f"a{n}=1" for n in range(50)), 400),
    ],
)
def test_unreadable_urls_are_refused(query: str, status: int) -> None:
    answer = asked(query)
    assert answer.status_code == status
    assert NUMBER not in answer.text


def test_a_url_is_bounded_before_anything_looks_into_it() -> None:
    answer = asked(f"query=%7Bnode%7Bid%7D%7D&a={'9-' * 5_000}")

    assert (answer.status_code, "8192 bytes" in answer.json()["errors"][0]["message"]) == (414, True)


def test_a_number_in_the_url_is_refused_of_a_post_too() -> None:
    answer = client().post("/graphql?trace=079-203-001234", content=body(), headers={"content-type": JSON})

    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        400,
        "a URL must not hold numbers of persons, since logs hold URLs: use the body of a POST",
    )


def test_get_is_not_answered_to_whoever_sends_cookies() -> None:
    assert asked("query=%7Bnode%7Bid%7D%7D", cookie="session=1").status_code == 403


@pytest.mark.parametrize(("media", "status"), [(JSON, 200), (GRAPHQL, 400)])
@pytest.mark.parametrize("query", ["{", "{nothing}", "{" + "a{" * 30 + "b" + "}" * 31])
def test_invalid_documents_have_a_status_by_media_type(query: str, media: str, status: int) -> None:
    answer = posted(body(query=query), accept=media)
    assert answer.status_code == status
    assert answer.json().keys() == {"errors"}


FAILURES = [
    (Refused("no", "RATE_LIMITED", {"Retry-After": "9"}), 429, "RATE_LIMITED", {"retry-after": "9"}),
    (Refused("no", "METHOD_NOT_ALLOWED", {"Allow": "POST"}), 405, "METHOD_NOT_ALLOWED", {"allow": "POST"}),
    (Refused("no", "PURPOSE_NOT_GRANTED"), 403, "PURPOSE_NOT_GRANTED", {}),
    (Refused("no", "AGREEMENT_SUSPENDED"), 403, "AGREEMENT_SUSPENDED", {}),
    (Refused("no", "AGREEMENT_EXPIRED"), 403, "AGREEMENT_EXPIRED", {}),
    (Unauthenticated("no"), 401, "UNAUTHENTICATED", {"www-authenticate": "Bearer"}),
    (IssuerUnavailable("no"), 503, "ISSUER_UNAVAILABLE", {"retry-after": "5"}),
    (AuditUnavailable(NUMBER), 503, "AUDIT_UNAVAILABLE", {"retry-after": "5"}),
    (StateUnavailable(NUMBER), 503, "STATE_UNAVAILABLE", {"retry-after": "5"}),
    (SharedStateUnavailable(NUMBER), 503, "SHARED_STATE_UNAVAILABLE", {"retry-after": "5"}),
    (ValueError(NUMBER), 500, "INTERNAL", {}),
]


@pytest.mark.parametrize("media", [JSON, GRAPHQL])
@pytest.mark.parametrize(("failure", "status", "code", "headers"), FAILURES, ids=[str(one[2]) for one in FAILURES])
def test_failures_are_translated(
    failure: Exception, status: int, code: str, headers: dict[str, str], media: str
) -> None:
    async def fail(_request: Request, _headers: Mapping[str, str], _params: GraphQLParams) -> HTTPReply:
        raise failure

    with capture_logs() as logs:
        answer = posted(body(), client(fail), accept=media)
    assert answer.status_code == status
    assert [one["extensions"]["code"] for one in answer.json()["errors"]] == [code]
    assert headers.items() <= dict(answer.headers).items()
    assert NUMBER not in answer.text + str(logs)
    assert len(logs) == (status == 500)


def test_an_answer_that_cannot_be_written_is_a_failure_too() -> None:
    async def unwritable(_request: Request, _headers: Mapping[str, str], _params: GraphQLParams) -> HTTPReply:
        return HTTPReply(200, {"data": object()})

    with capture_logs():
        assert posted(body(), client(unwritable)).status_code == 500


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "/graphql", 200), ("PUT", "/graphql", 405), ("GET", "/", 404)]
)
def test_every_answer_has_an_id_and_a_line_in_the_log(method: str, path: str, status: int) -> None:
    routes = [Route("/graphql", graphql_endpoint(echo), methods=None)]
    headers = {"content-type": JSON, "accept": JSON, "x-request-id": NUMBER}
    with capture_logs() as logs:
        answer = TestClient(Starlette(routes=routes, middleware=[Middleware(RequestIds)])).request(
            method, path, content=body(), headers=headers
        )
    assert answer.status_code == status
    assert len(answer.headers["x-request-id"]) == 32
    assert [(line["event"], line["status"]) for line in logs] == [("answered", status)]
