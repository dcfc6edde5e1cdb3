"""What agencies' data-sharing agreements let their clients ask for."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import RowMapping, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.principal import Grant, Jurisdiction
from auth.state.engine import reading, writing
from auth.state.tables import GRANTS

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_IDENTITY = ("client_id", "role", "purpose", "valid_from")


class Grants:
    """The grants of every client."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, client_id: str, today: date) -> tuple[Grant, ...]:
        """Return the client's grants that hold today, the newest first."""
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
    }


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
    )


def _jurisdiction(stored: Mapping[str, Any]) -> Jurisdiction:
    return Jurisdiction(stored["country"], frozenset(stored["provinces"]), frozenset(stored["institutions"]))
