"""A register behind REST: a Starlette application on rows in memory, able to be slow, to fail and to lie."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.memory import MemorySource
from connectors.record import Kind
from connectors.records import RECORDS
from connectors.source import Condition, Lookup, Order
from tests.connectors.deployments import TOKEN
from tests.connectors.small_register import ROWS
from tests.servers import LOOPBACK, free_port


@dataclass
class RegisterService:
    """What the service has been asked, and how it is to misbehave from now on."""

    url: str = ""
    token: str = TOKEN
    delay_s: float = 0.0
    failures: int = 0
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def lookup(self, request: Request) -> Response:
        self.urls.append(str(request.url))
        if request.headers["authorization"] != f"Bearer {self.token}":
            return Response(status_code=401)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.delay_s)
            question = orjson.loads(await request.body())
            self.asked.append(question)
            return await self._answer(request.path_params["record"], question)
        finally:
            self.in_flight -= 1

    async def _answer(self, record: str, question: dict[str, Any]) -> Response:
        if self.failures:
            self.failures -= 1
            return Response(status_code=503)
        if self.body is not None:
            return Response(self.body, headers=self.headers)
        rows = await MemorySource("education", ROWS).rows(_lookup(record, question))
        return Response(orjson.dumps({"rows": [list(row) for row in rows]}))

    async def health(self, request: Request) -> Response:
        return Response("ok")


def _lookup(record: str, question: dict[str, Any]) -> Lookup:
    kinds = RECORDS[record].columns
    where = (Condition(c["column"], c["operator"], _value(kinds[c["column"]], c["value"])) for c in question["where"])
    order = (Order(term["column"], term["descending"]) for term in question["order"])
    return Lookup(
        record, question["by"], tuple(question["keys"]), tuple(question["columns"]), tuple(where), tuple(order)
    )


def _value(kind: Kind, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_value(kind, one) for one in value)
    return date.fromisoformat(value) if kind is Kind.DATE else value


@dataclass
class RegisterServer:
    """One server for all tests; each test puts a service of its own behind it."""

    url: str
    service: RegisterService

    def fresh(self) -> RegisterService:
        """Return the service that answers from now on."""
        self.service = RegisterService(self.url)
        return self.service

    async def lookup(self, request: Request) -> Response:
        return await self.service.lookup(request)

    async def health(self, request: Request) -> Response:
        return await self.service.health(request)


@contextlib.contextmanager
def register_server() -> Iterator[RegisterServer]:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    served = RegisterServer(url, RegisterService(url))
    routes = [Route("/v1/{record}/lookup", served.lookup, methods=["POST"]), Route("/healthz", served.health)]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), host=LOOPBACK, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield served
    server.should_exit = True
    thread.join()
