"""What agencies' data-sharing agreements let their clients ask for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.agreements.rows import HELD, KEPT, grant_of
from auth.agreements.store import Agreements
from auth.principal import Grant
from auth.state.engine import reading
from auth.state.line import DedicatedConnection
from auth.state.tables import AGREEMENTS, GRANTS
from auth.state.together import MicroBatcher


class Grants:
    """The grants of every client."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._line = DedicatedConnection(engine) if engine.dialect.name == "postgresql" else None
        self._together = MicroBatcher(self._read)

    async def of(self, client_id: str, today: date) -> tuple[Grant, ...]:
        """Return the client's grants that hold today, the newest first.

        They are read anew each time, in PostgreSQL by one statement for all who ask at the same time.
        """
        if self._line is not None:
            return await self._together.answer((client_id, today))
        in_force = and_(AGREEMENTS.c.suspended_at.is_(None), _not_ended(today))
        return await self._begun(client_id, today, in_force)

    async def held(self, today: date) -> tuple[Grant, ...]:
        """Return every client's grants that hold today, the newest first."""
        statement = KEPT.where(AGREEMENTS.c.suspended_at.is_(None), _not_ended(today), AGREEMENTS.c.valid_from <= today)
        async with reading(self._engine) as connection:
            return tuple(grant_of(row) for row in (await connection.execute(statement)).mappings())

    async def lapsed(self, client_id: str, purpose: str, today: date) -> tuple[Grant, ...]:
        """Return the client's grants for the purpose that have begun and do not hold today, the newest first."""
        lapsed = or_(AGREEMENTS.c.suspended_at.is_not(None), not_(_not_ended(today)))
        return await self._begun(client_id, today, and_(GRANTS.c.purpose == purpose, lapsed))

    async def issuers(self, client_ids: Collection[str]) -> Mapping[tuple[str, str], str | None]:
        """Return by client and purpose the issuer that the newest agreement names, in force or not."""
        statement = (
            select(AGREEMENTS.c.client_id, GRANTS.c.purpose, AGREEMENTS.c.issuer)
            .join_from(AGREEMENTS, GRANTS)
            .where(AGREEMENTS.c.client_id.in_(client_ids))
            .order_by(AGREEMENTS.c.valid_from, GRANTS.c.id)
        )
        async with reading(self._engine) as connection:
            return {(client, purpose): issuer for client, purpose, issuer in await connection.execute(statement)}

    async def save(self, grant: Grant) -> None:
        """Keep the grant in its agreement, in place of what that said of the purpose.

        One that names no agreement stands in one of its own, numbered by client, role, purpose and first day. Raises
        AgreementInvalid where another agreement of the client has the purpose in the same days.
        """
        await Agreements(self._engine).save_one(grant)

    async def _begun(self, client_id: str, today: date, which: ColumnElement[bool]) -> tuple[Grant, ...]:
        statement = KEPT.where(AGREEMENTS.c.client_id == client_id, AGREEMENTS.c.valid_from <= today, which)
        async with reading(self._engine) as connection:
            return tuple(grant_of(row) for row in (await connection.execute(statement)).mappings())

    async def _read(self, asked: Sequence[tuple[str, date]]) -> Sequence[tuple[Grant, ...]]:
        assert self._line is not None
        rows = await self._line.read(
            HELD,
            list({client_id for client_id, _ in asked}),
            min(today for _, today in asked),
            max(today for _, today in asked),
        )
        held = [grant_of(row) for row in rows]
        return [tuple(grant for grant in held if _holds(grant, *one)) for one in asked]


def _holds(grant: Grant, client_id: str, today: date) -> bool:
    ended = grant.valid_to is not None and grant.valid_to < today
    return grant.client_id == client_id and grant.valid_from <= today and not ended


def _not_ended(today: date) -> ColumnElement[bool]:
    return or_(AGREEMENTS.c.valid_to.is_(None), AGREEMENTS.c.valid_to >= today)
