"""Data-sharing agreements: what agencies' clients may ask for, on which legal basis, and for how long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Select, delete, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.agreements.rows import KEPT, grant_of, row_of
from auth.citizen_numbers import may_hold_a_number
from auth.principal import Grant
from auth.state.engine import reading, writing
from auth.state.tables import AGREEMENTS, GRANTS
from auth.state.upsert import upsert
from reference.validity import has_ended

_LONGEST_WHY = 300


class AgreementInvalid(ValueError):
    """An agreement says what cannot be, contradicts another, or is not there; the message names it."""


@dataclass(frozen=True, slots=True)
class Suspension:
    """Since when an agreement does not count, and why: an officer's words."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement with one client. `grants`: one for each purpose, each with the agreement's own terms in it.

    `issuer`: whose tokens alone speak for the client, None for any that is configured. `valid_to`: the last day.
    """

    number: str
    client_id: str
    issuer: str | None
    legal_basis: str
    citation: str
    valid_from: date
    valid_to: date | None
    grants: tuple[Grant, ...]
    suspension: Suspension | None = None

    def state(self, today: date) -> str:
        """Return `suspended`, `ended`, `to come` or `in force`."""
        if self.suspension is not None:
            return "suspended"
        if has_ended(self.valid_to, today):
            return "ended"
        return "to come" if today < self.valid_from else "in force"


class Agreements:
    """The agreements that are kept. What is changed here counts for the very next request, on every replica."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self) -> tuple[Agreement, ...]:
        """Return every agreement, by client and then the newest first."""
        return tuple(sorted(await self._read(KEPT), key=lambda one: one.client_id))

    async def numbered(self, number: str) -> Agreement:
        """Return the agreement. Raises AgreementInvalid where there is none."""
        found = await self._read(KEPT.where(AGREEMENTS.c.number == number))
        if not found:
            raise AgreementInvalid(f"there is no agreement `{number}`")
        return found[0]

    async def save(self, agreements: Sequence[Agreement]) -> None:
        """Keep the agreements, all or none, in place of those of the same numbers; a suspension stays.

        Raises AgreementInvalid where two of one client have a purpose in the same days, or a number is another's.
        """
        async with writing(self._engine) as connection:
            await _take_turn(connection)
            await _save(connection, agreements)

    async def replace(self, agreements: Sequence[Agreement]) -> None:
        """As `save`, and keep no others."""
        numbers = [agreement.number for agreement in agreements]
        async with writing(self._engine) as connection:
            await _take_turn(connection)
            await connection.execute(delete(GRANTS).where(GRANTS.c.agreement.not_in(numbers)))
            await connection.execute(delete(AGREEMENTS).where(AGREEMENTS.c.number.not_in(numbers)))
            await _save(connection, agreements)

    async def save_one(self, grant: Grant) -> None:
        """Keep one grant, as `auth.agreements.grants.Grants.save` says."""
        own = f"{grant.client_id}/{grant.role}/{grant.purpose}/{grant.valid_from}"
        kept = replace(grant, agreement=grant.agreement or own)
        suspension = {"suspended_at": datetime.now(UTC) if grant.suspended else None, "suspended_why": None}
        async with writing(self._engine) as connection:
            await _take_turn(connection)
            await _keep(connection, kept, suspension)
            of_purpose = (GRANTS.c.agreement == kept.agreement) & (GRANTS.c.purpose == kept.purpose)
            await connection.execute(delete(GRANTS).where(of_purpose))
            await connection.execute(insert(GRANTS), [row_of(kept)])
            await _check_alone(connection, kept)

    async def suspend(self, number: str, why: str, at: datetime) -> None:
        """Stop an agreement at once. Raises AgreementInvalid where it is not there, or stopped already."""
        if not why.strip() or len(why) > _LONGEST_WHY or may_hold_a_number(why):
            raise AgreementInvalid(f"why must have 1 to {_LONGEST_WHY} letters and name no citizen number")
        if (await self.numbered(number)).suspension is not None:
            raise AgreementInvalid(f"agreement `{number}` is suspended already")
        await self._set(number, {"suspended_at": at, "suspended_why": why.strip()})

    async def resume(self, number: str) -> None:
        """Let a suspended agreement count again. Raises AgreementInvalid where it is not there, or not suspended."""
        if (await self.numbered(number)).suspension is None:
            raise AgreementInvalid(f"agreement `{number}` is not suspended")
        await self._set(number, {"suspended_at": None, "suspended_why": None})

    async def _set(self, number: str, values: dict[str, Any]) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(update(AGREEMENTS).where(AGREEMENTS.c.number == number).values(values))

    async def _read(self, statement: Select[Any]) -> tuple[Agreement, ...]:
        """Return the agreements of the statement's rows, the newest first."""
        statement = statement.add_columns(AGREEMENTS.c.suspended_at, AGREEMENTS.c.suspended_why)
        async with reading(self._engine) as connection:
            rows = (await connection.execute(statement)).mappings().all()
        grants: dict[str, list[Grant]] = {}
        suspensions: dict[str, Suspension | None] = {}
        for row in rows:
            grant, at = grant_of(row), row["suspended_at"]
            grants.setdefault(grant.agreement, []).append(grant)
            suspensions[grant.agreement] = None if at is None else Suspension(at, row["suspended_why"] or "")
        return tuple(agreement_of(tuple(of), suspensions[number]) for number, of in grants.items())


def agreement_of(grants: tuple[Grant, ...], suspension: Suspension | None = None) -> Agreement:
    """Return the agreement in which the grants, at least one, stand; they are put in the order of their purposes."""
    one = grants[0]
    grants = tuple(sorted(grants, key=lambda grant: grant.purpose))
    of_all = (one.agreement, one.client_id, one.issuer, one.legal_basis, one.citation, one.valid_from, one.valid_to)
    return Agreement(*of_all, grants, suspension)


async def _take_turn(connection: AsyncConnection) -> None:
    """Let one change at a time look for contradictions; SQLite's transactions take turns by themselves."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("lock table agreements in share row exclusive mode"))


async def _save(connection: AsyncConnection, agreements: Sequence[Agreement]) -> None:
    for agreement in agreements:
        await _keep(connection, agreement.grants[0], {})
        await connection.execute(delete(GRANTS).where(GRANTS.c.agreement == agreement.number))
        await connection.execute(insert(GRANTS), [row_of(grant) for grant in agreement.grants])
    for grant in (grant for agreement in agreements for grant in agreement.grants):
        await _check_alone(connection, grant)


async def _keep(connection: AsyncConnection, grant: Grant, suspension: Mapping[str, Any]) -> None:
    """Keep what the grant says of its agreement."""
    owner = select(AGREEMENTS.c.client_id).where(AGREEMENTS.c.number == grant.agreement)
    if await connection.scalar(owner) not in (None, grant.client_id):
        raise AgreementInvalid(f"agreement `{grant.agreement}` is another client's")
    row = {
        "number": grant.agreement,
        "client_id": grant.client_id,
        "issuer": grant.issuer,
        "legal_basis": grant.legal_basis,
        "citation": grant.citation,
        "valid_from": grant.valid_from,
        "valid_to": grant.valid_to,
        **suspension,
    }
    statement = upsert(AGREEMENTS, connection.dialect).values(row)
    changed = {name: statement.excluded[name] for name in row.keys() - {"number"}}
    await connection.execute(statement.on_conflict_do_update(index_elements=["number"], set_=changed))


async def _check_alone(connection: AsyncConnection, grant: Grant) -> None:
    """Raise AgreementInvalid where the client has the purpose by another agreement in the same days.

    Two would have to be put together, and each would lend the other its role, its places or its categories.
    """
    agreement = AGREEMENTS.c
    statement = (
        select(agreement.number)
        .join_from(AGREEMENTS, GRANTS)
        .where(
            agreement.client_id == grant.client_id,
            agreement.number != grant.agreement,
            GRANTS.c.purpose == grant.purpose,
            or_(agreement.valid_to.is_(None), agreement.valid_to >= grant.valid_from),
        )
        .order_by(agreement.number)
    )
    if grant.valid_to is not None:
        statement = statement.where(agreement.valid_from <= grant.valid_to)
    other = await connection.scalar(statement.limit(1))
    if other is not None:
        raise AgreementInvalid(
            f"agreements `{other}` and `{grant.agreement}` both give `{grant.client_id}` the purpose "
            f"`{grant.purpose}` in the same days"
        )
