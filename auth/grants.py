"""What agencies' data-sharing agreements let their clients ask for."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import RowMapping, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.principal import Grant, Jurisdiction
from auth.state.engine import reading, writing
from auth.state.line import Line
from auth.state.tables import GRANTS
from auth.state.together import Together

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_HELD = (
    "select client_id, role, purpose, jurisdiction, valid_from, valid_to, category_expiry, requests_per_minute, "
    "subjects_per_day from grants where client_id = any($1::text[]) and (valid_to is null or valid_to >= $2) "
    "and valid_from <= $3 order by valid_from desc, id desc"
)
_IDENTITY = ("client_id", "role", "purpose", "valid_from")


class Grants:
    """The grants of every client."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._line = Line(engine) if engine.dialect.name == "postgresql" else None
        self._together = Together(self._read)

    async def of(self, client_id: str, today: date) -> tuple[Grant, ...]:
        """Return the client's grants that hold today, the newest first.

        They are read anew each time, in PostgreSQL by one statement for all who ask at the same time.
        """
        if self._line is not None:
            return await self._together.answer((client_id, today))
        statement = (
            select(GRANTS)
            .where(
                GRANTS.c.client_id == client_id,
                GRANTS.c.valid_from <= today,
                or_(GRANTS.c.valid_to.is_(None), GRANTS.c.valid_to >= today),
            )
            .order_by(GRANTS.c.valid_from.desc(), GRANTS.c.id.desc())
        )
        async with reading(self._engine) as connection:
            return tuple(_grant(row) for row in (await connection.execute(statement)).mappings())

    async def _read(self, asked: Sequence[tuple[str, date]]) -> Sequence[tuple[Grant, ...]]:
        assert self._line is not None
        rows = await self._line.read(
            _HELD,
            list({client_id for client_id, _ in asked}),
            min(today for _, today in asked),
            max(today for _, today in asked),
        )
        held = [_stored(row) for row in rows]
        return [tuple(grant for grant in held if _holds(grant, *one)) for one in asked]

    async def save(self, grant: Grant) -> None:
        """Keep the grant, in place of the one of the same client, role, purpose and first day."""
        row = _row(grant)
        statement = _INSERT[self._engine.dialect.name](GRANTS).values(row)
        changed = {name: statement.excluded[name] for name in row.keys() - set(_IDENTITY)}
        async with writing(self._engine) as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=_IDENTITY, set_=changed))


def _row(grant: Grant) -> dict[str, Any]:
    jurisdiction = grant.jurisdiction
    return {
        "client_id": grant.client_id,
        "role": grant.role,
        "purpose": grant.purpose,
        "jurisdiction": {
            "country": jurisdiction.country,
            "provinces": sorted(jurisdiction.provinces),
            "institutions": sorted(jurisdiction.institutions, key=str),
        },
        "valid_from": grant.valid_from,
        "valid_to": grant.valid_to,
        "category_expiry": {name: day.isoformat() for name, day in grant.category_expiry.items()},
        "requests_per_minute": grant.requests_per_minute,
        "subjects_per_day": grant.subjects_per_day,
    }


def _stored(row: Mapping[str, Any]) -> Grant:
    """Return the grant of the driver's own row, in which JSON is text."""
    return _parsed(*row.values())


@lru_cache(10_000)
def _parsed(
    client_id: str,
    role: str,
    purpose: str,
    jurisdiction: str,
    valid_from: date,
    valid_to: date | None,
    category_expiry: str,
    requests_per_minute: int,
    subjects_per_day: int,
) -> Grant:
    """Return the same grant for the same row: what is cached is how to read it, never that it holds."""
    return Grant(
        client_id,
        role,
        purpose,
        _jurisdiction(orjson.loads(jurisdiction)),
        valid_from,
        valid_to,
        MappingProxyType({name: date.fromisoformat(day) for name, day in orjson.loads(category_expiry).items()}),
        requests_per_minute,
        subjects_per_day,
    )


def _holds(grant: Grant, client_id: str, today: date) -> bool:
    ended = grant.valid_to is not None and grant.valid_to < today
    return grant.client_id == client_id and grant.valid_from <= today and not ended


def _grant(row: RowMapping) -> Grant:
    return Grant(
        client_id=row["client_id"],
        role=row["role"],
        purpose=row["purpose"],
        jurisdiction=_jurisdiction(row["jurisdiction"]),
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        category_expiry=MappingProxyType(
            {name: date.fromisoformat(day) for name, day in row["category_expiry"].items()}
        ),
        requests_per_minute=row["requests_per_minute"],
        subjects_per_day=row["subjects_per_day"],
    )


def _jurisdiction(stored: Mapping[str, Any]) -> Jurisdiction:
    return Jurisdiction(stored["country"], frozenset(stored["provinces"]), frozenset(stored["institutions"]))
