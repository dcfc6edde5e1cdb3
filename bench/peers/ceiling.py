"""The ceiling: the three queries written by hand on asyncpg and orjson, without GraphQL, policy or audit.

`uvicorn --factory bench.peers.ceiling:app`. The query is told by its text, as from a cache of trusted documents.
"""

import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import orjson

from bench.peers.bodies import QUERIES

Variables = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

LEARNER = (
    "select id, citizen_id, full_name, birth_date, gender, ethnicity, nationality, province_code from learners "
    "where id = $1"
)
ENROLMENTS = (
    "select e.level, e.grade, e.school_year, e.gpa, i.name, i.province_code from enrolments e "
    "join institutions i on i.id = e.institution_id where e.learner_id = $1 order by e.id"
)
CREDENTIALS = (
    "select c.title, c.serial, c.issued_on, i.name from credentials c "
    "join institutions i on i.id = c.institution_id where c.learner_id = $1 order by c.id"
)
RESIDENCIES = "select province_code, ward_code, from_date, to_date from residencies where learner_id = $1 order by id"
LIST = (
    "select l.id, l.citizen_id, l.full_name, l.birth_date, l.gender, l.status, i.name from learners l "
    "join institutions i on i.id = l.current_institution_id where l.province_code = $1 order by l.id limit $2"
)
CREDENTIALS_OF = (
    "select learner_id, title, serial from credentials where learner_id = any($1::int[]) order by learner_id, id"
)
BY_NUMBER = "select id, citizen_id, full_name from learners where citizen_id = any($1::bpchar[]) order by id"
RESIDENCIES_OF = (
    "select learner_id, province_code, ward_code, from_date, to_date from residencies "
    "where learner_id = any($1::int[]) order by learner_id, id"
)


async def record(connection: Any, variables: Variables) -> Any:
    key = variables["id"]
    row = await connection.fetchrow(LEARNER, key)
    if row is None:
        return {"learner": None}
    names = ("id", "citizenId", "fullName", "birthDate", "gender", "ethnicity", "nationality", "provinceCode")
    learner: dict[str, Any] = dict(zip(names, row, strict=True))
    learner["enrolments"] = [
        {"level": r[0], "grade": r[1], "schoolYear": r[2], "gpa": r[3], "institution": _institution(r)}
        for r in await connection.fetch(ENROLMENTS, key)
    ]
    learner["credentials"] = [
        {"title": r[0], "serial": r[1], "issuedOn": r[2], "institution": {"name": r[3]}}
        for r in await connection.fetch(CREDENTIALS, key)
    ]
    learner["residencies"] = [_residency(r, 0) for r in await connection.fetch(RESIDENCIES, key)]
    return {"learner": learner}


async def listed(connection: Any, variables: Variables) -> Any:
    rows = await connection.fetch(LIST, variables["provinceCode"], variables["first"])
    credentials: dict[int, list[Any]] = {row[0]: [] for row in rows}
    for r in await connection.fetch(CREDENTIALS_OF, list(credentials)):
        credentials[r[0]].append({"title": r[1], "serial": r[2]})
    learners = [
        {
            "id": r[0],
            "citizenId": r[1],
            "fullName": r[2],
            "birthDate": r[3],
            "gender": r[4],
            "status": r[5],
            "currentInstitution": {"name": r[6]},
            "credentials": credentials[r[0]],
        }
        for r in rows
    ]
    return {"learners": learners}


async def batch(connection: Any, variables: Variables) -> Any:
    rows = await connection.fetch(BY_NUMBER, variables["ids"])
    residencies: dict[int, list[Any]] = {row[0]: [] for row in rows}
    for r in await connection.fetch(RESIDENCIES_OF, list(residencies)):
        residencies[r[0]].append(_residency(r, 1))
    learners = [{"id": r[0], "citizenId": r[1], "fullName": r[2], "residencies": residencies[r[0]]} for r in rows]
    return {"learnersByCitizenIds": learners}


def _institution(row: Any) -> dict[str, Any]:
    return {"name": row[4], "provinceCode": row[5]}


def _residency(row: Any, first: int) -> dict[str, Any]:
    names = ("provinceCode", "wardCode", "fromDate", "toDate")
    return {name: row[first + place] for place, name in enumerate(names)}


ANSWERS = {
    (QUERIES / "plain" / f"{name}.graphql").read_text("utf-8"): answer
    for name, answer in (("q1", record), ("q2", listed), ("q3", batch))
}


async def _keep(_connection: Any) -> None:
    """Spare the round trip by which a pool makes a connection forget its settings: nobody changes any here."""


class Ceiling:
    """An ASGI application."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._pool: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with AsyncExitStack() as stack:
            self._pool = await self._opened(stack)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _opened(self, stack: AsyncExitStack) -> asyncpg.Pool:
        """Return the connections; the stack closes what was opened."""
        return await stack.enter_async_context(asyncpg.create_pool(self._database, min_size=8, max_size=8, reset=_keep))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        asked = orjson.loads(body + message.get("body", b""))
        answer = orjson.dumps({"data": await self._data(scope, asked["query"], asked["variables"])})
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _data(self, scope: Scope, query: str, variables: Variables) -> Any:
        """Return the answer's data to a request of this scope."""
        async with self._pool.acquire() as connection:
            return await ANSWERS[query](connection, variables)


def app() -> Ceiling:
    """Return the application on the database that the environment names."""
    return Ceiling(os.environ["DATABASE"])
