"""What agencies' data-sharing agreements let their clients ask for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, select
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
        return tuple(grant for grant in await self._of_client(client_id) if grant.holds_on(today))

    async def held(self, today: date) -> tuple[Grant, ...]:
        """Return every client's grants that hold today, the newest first."""
        return tuple(grant for grant in await self._kept(KEPT) if grant.holds_on(today))

    async def lapsed(self, client_id: str, purpose: str, today: date) -> tuple[Grant, ...]:
        """Return the client's grants for the purpose that have begun and do not hold today, the newest first."""
        begun = [grant for grant in await self._of_client(client_id) if grant.valid_from <= today]
        return tuple(grant for grant in begun if grant.purpose == purpose and not grant.holds_on(today))

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

    async def _of_client(self, client_id: str) -> tuple[Grant, ...]:
        return await self._kept(KEPT.where(AGREEMENTS.c.client_id == client_id))

    async def _kept(self, statement: Select[Any]) -> tuple[Grant, ...]:
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
        return [
            tuple(grant for grant in held if grant.client_id == client_id and grant.holds_on(today))
            for client_id, today in asked
        ]
