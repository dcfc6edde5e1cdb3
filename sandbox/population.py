"""The population register as a REST service, as slow or absent as told: batch look-ups, never a number in a URL."""

import asyncio
import hmac
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from operator import eq, ge, gt, le, lt
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Date, Select, Table, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.registers import REGISTERS

MOST_KEYS = 500
TABLE_BY_RECORD = {table.name.removesuffix("s"): table for table in REGISTERS["population"].tables.values()}
COMPARISONS = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


class Malformed(Exception):
    """The question is not one the service understands; the message quotes no key."""


@dataclass(slots=True)
class SlowPopulation:
    """How the service behaves: seconds before each answer, share of answers refused, absent altogether."""

    delay_s: float = 0.0
    fail_rate: float = 0.0
    down: bool = False

    def told(self, settings: Any) -> "SlowPopulation":
        """Return the behaviour with what is told changed. Raises Malformed."""
        known = {"delay_s": (int, float), "fail_rate": (int, float), "down": (bool,)}
        if not isinstance(settings, dict) or not settings.keys() <= known.keys():
            raise Malformed("expected an object of `delay_s`, `fail_rate` and `down`")
        for name, value in settings.items():
            if type(value) not in known[name]:
                raise Malformed(f"`{name}` has a wrong type")
        return SlowPopulation(**{"delay_s": self.delay_s, "fail_rate": self.fail_rate, "down": self.down, **settings})


class Population:
    """Answers look-ups from the population tables."""

    def __init__(self, engine: AsyncEngine, token: str, behaviour: SlowPopulation) -> None:
        self._engine = engine
        self._authorization = f"Bearer {token}".encode()
        self._behaviour = behaviour

    async def lookup(self, request: Request) -> Response:
        if refusal := await self._refusal(request):
            return refusal
        try:
            query = _query(request.path_params["record"], await _body(request))
        except Malformed as error:
            return _answer({"error": str(error)}, 400)
        try:
            async with self._engine.connect() as connection:
                rows = (await connection.execute(query)).all()
        except (SQLAlchemyError, OSError):
            return _answer({"error": "overloaded"}, 503)
        return _answer({"rows": [tuple(row) for row in rows]})

    async def control(self, request: Request) -> Response:
        """Change the behaviour; exists in the sandbox only."""
        if not self._is_authorized(request):
            return _answer({"error": "unauthorized"}, 401)
        try:
            self._behaviour = self._behaviour.told(await _body(request))
        except Malformed as error:
            return _answer({"error": str(error)}, 400)
        return Response(status_code=204)

    async def healthz(self, request: Request) -> Response:
        return _answer({"error": "down"}, 503) if self._behaviour.down else _answer({"status": "ok"})

    async def _refusal(self, request: Request) -> Response | None:
        if self._behaviour.delay_s:
            await asyncio.sleep(self._behaviour.delay_s)
        if self._behaviour.down or random.random() < self._behaviour.fail_rate:
            return _answer({"error": "overloaded"}, 503)
        return None if self._is_authorized(request) else _answer({"error": "unauthorized"}, 401)

    def _is_authorized(self, request: Request) -> bool:
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), self._authorization)


def population_app(url: str, token: str, behaviour: SlowPopulation | None = None) -> Starlette:
    """Return the service over the population tables at an asynchronous SQLAlchemy URL."""
    engine = create_async_engine(url, hide_parameters=True)
    population = Population(engine, token, behaviour or SlowPopulation())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    routes = [
        Route("/v1/{record}/lookup", population.lookup, methods=["POST"]),
        Route("/control", population.control, methods=["POST"]),
        Route("/healthz", population.healthz, methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _answer(content: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


async def _body(request: Request) -> Any:
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise Malformed("not JSON") from None


def _query(record: str, body: Any) -> Select[Any]:
    """Return the statement of a look-up. Raises Malformed."""
    table = TABLE_BY_RECORD.get(record)
    if table is None or not isinstance(body, dict):
        raise Malformed("no such record, or not an object")
    keys = _list(body, "keys")
    if not 0 < len(keys) <= MOST_KEYS or not all(isinstance(key, str) for key in keys):
        raise Malformed(f"`keys` must be 1 to {MOST_KEYS} texts")
    columns = [_column(table, name) for name in _list(body, "columns")]
    if not columns:
        raise Malformed("`columns` is empty")
    conditions = (_condition(table, condition) for condition in _list(body, "where"))
    query = select(*columns).where(_column(table, body.get("by")).in_(keys), *conditions)
    return query.order_by(*(_order(table, order) for order in _list(body, "order")))


def _list(body: dict[str, Any], name: str) -> Sequence[Any]:
    value = body.get(name, [])
    if not isinstance(value, list):
        raise Malformed(f"`{name}` must be a list")
    return value


def _column(table: Table, name: Any) -> Column[Any]:
    column = table.columns.get(name) if isinstance(name, str) else None
    if column is None:
        raise Malformed("no such column")
    return column


def _condition(table: Table, condition: Any) -> ColumnElement[bool]:
    if not isinstance(condition, dict):
        raise Malformed("a condition must be an object")
    column, operator, value = _column(table, condition.get("column")), condition.get("operator"), condition.get("value")
    if operator == "in" and isinstance(value, list):
        return column.in_([_value(column, each) for each in value])
    if operator == "starts-with" and isinstance(value, str):
        return column.startswith(value, autoescape=True)
    if operator in COMPARISONS:
        compared: ColumnElement[bool] = COMPARISONS[operator](column, _value(column, value))
        return compared
    raise Malformed("no such operator, or not with such a value")


def _value(column: Column[Any], value: Any) -> Any:
    """Return a JSON value as the column's type."""
    if not isinstance(value, str):
        raise Malformed("a value must be a text")
    if not isinstance(column.type, Date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Malformed("not a date") from None


def _order(table: Table, order: Any) -> ColumnElement[Any]:
    if not isinstance(order, dict):
        raise Malformed("an order must be an object")
    column = _column(table, order.get("column"))
    return (column.desc() if order.get("descending") else column.asc()).nulls_last()
