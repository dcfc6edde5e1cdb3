"""A site in the place of the server under the developer page: it issues tokens, answers, and keeps what it was sent."""

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Any

from graphql import build_schema, graphql_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.explorer import explorer_routes

TOKEN = "token-that-stays-in-memory"
PERSONAS: list[dict[str, Any]] = [
    {
        "name": "graduate",
        "kind": "citizen",
        "title": {"vi": "Người đã tốt nghiệp", "en": "an adult with a diploma"},
        "purposes": ["self-service"],
        "queries": [
            {"title": "My record", "query": "query MyRecord { me { fullName birthDate } }", "variables": {}},
            {"title": "A page", "query": "query Page($first: Int) { names(first: $first) }", "variables": {"first": 2}},
        ],
    },
    {
        "name": "exam-office",
        "kind": "client",
        "title": {"vi": "Hội đồng thi", "en": "the examination office"},
        "purposes": ["admission-priority", "examination"],
        "queries": [
            {"title": "One learner", "query": "query Learner { me { fullName birthDate } }", "variables": {}},
            {"title": "A candidate", "query": "query Candidate { me { fullName } }", "purpose": "examination"},
        ],
    },
    {"name": "stranger", "kind": "client", "title": {"vi": "Lạ", "en": "unknown"}, "purposes": ["none"], "queries": []},
]
DENIAL = {
    "coordinate": "Learner.birthDate",
    "code": "PURPOSE_NOT_GRANTED",
    "rule": "exam-office-birth",
    "citation": "Decree 104/2022/NĐ-CP art. 2",
    "obtain": "name the examination round in the data-sharing agreement",
    "count": 3,
    "message": "the date of birth is not released for this purpose",
}
PATIENCE_S = 5.0
"""How long one press is waited for."""
SCHEMA = build_schema("""
    type Query { me: Learner, names(first: Int): [String!] }
    "A learner in the education registers."
    type Learner { fullName: String, birthDate: String }
""")


@dataclass
class Site:
    """The page with a stand-in for the server's own endpoints, and what these were sent: each answer has its number.

    GraphiQL asks for the schema in its own time: that is kept apart from what is asked by the button.
    """

    tokens_for: list[dict[str, Any]] = field(default_factory=list)
    introspections: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    queries: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    origin: str = ""
    may_issue: threading.Event = field(default_factory=threading.Event)

    def app(self) -> Starlette:
        own = [Route("/graphql", self.graphql, methods=["POST"]), Route("/sandbox/token", self.token, methods=["POST"])]
        return Starlette(routes=[*explorer_routes(PERSONAS), *own])

    async def token(self, request: Request) -> JSONResponse:
        asked = await request.json()
        self.tokens_for.append(asked)
        await asyncio.to_thread(self.may_issue.wait, PATIENCE_S)
        if asked["persona"] == "stranger":
            return JSONResponse({"error": "access_denied"}, 403)
        return JSONResponse({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})

    async def graphql(self, request: Request) -> JSONResponse:
        asked = await request.json()
        credentials = (request.headers.get("authorization"), request.headers.get("purpose"))
        sent = self.introspections if asked["operationName"] == "IntrospectionQuery" else self.queries
        sent.append((asked["operationName"], *credentials))
        names = ["An", "Bình", "Cúc"]
        root = {"me": {"fullName": "Nguyễn Thị Thể", "birthDate": None}, "names": lambda _, first: names[:first]}
        result = graphql_sync(SCHEMA, asked["query"], root, variable_values=asked.get("variables"))
        access = {"denials": [DENIAL] if "birthDate" in asked["query"] else []}
        body = {**result.formatted, "extensions": {"answer": f"answer-{len(sent)}", "access": access}}
        return JSONResponse(body, media_type="application/graphql-response+json")
