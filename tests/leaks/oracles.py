"""A deployment whose answers an attacker asks: one child by three ways, two replicas, and as many days as it likes."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from inspect import isawaitable
from pathlib import Path
from typing import Any, cast

from graphql import execute, parse
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.agreements.grants import Grants
from auth.audit.record import Audit
from auth.consent.consents import Consents
from auth.crypto.keys import Keys
from auth.dossiers.store import Dossiers
from auth.emergencies import Emergencies
from auth.limits.published_counts import PublishedCounts
from auth.limits.query_budget import QueryBudget
from auth.policy.policy_set import Policies
from auth.principal import Grant, Jurisdiction, Principal, PrincipalKind
from auth.rights.requests import Rights
from auth.state.engine import migrated_engine
from connectors.memory import MemorySource
from connectors.registry import sources_by_record
from connectors.source import Lookup, Row
from reference.vietnam_time import VIETNAM
from resolvers.plan.planned import Planned
from resolvers.request.access import access_context_of
from resolvers.request.factory import RequestFactory
from resolvers.request.own_state import OwnState
from resolvers.request.request import NODE, Request
from schema.build import build_schema
from tests.auth.policies import COMMITTED
from tests.auth.recipients import agency

TODAY = date(2026, 11, 21)
PERSON = "001309000001"
BORN, NAME = date(2009, 5, 17), "Trần Thị Hoà"
LIVES_IN, SINCE = "00292", date(2021, 3, 9)
CLIENT = "an-office"
REGISTERS = ("education", "credentials", "population")


def _learner(code: str, person: str | None) -> dict[str, Any]:
    place = {"province_code": "01", "institution_code": "T1", "status": "STUDYING"}
    link = "VERIFIED" if person else "UNLINKED"
    return {
        "sector_code": code,
        "person_key": person,
        "link_state": link,
        "full_name": NAME,
        "birth_date": BORN,
        **place,
    }


ROWS: Mapping[str, list[dict[str, Any]]] = {
    "learner": [_learner("one", PERSON), _learner("two", PERSON), _learner("alone", None)],
    "citizen": [{"person_key": PERSON, "citizen_id": PERSON, "full_name": NAME, "birth_date": BORN}],
    "residence_period": [
        {"id": "r", "person_key": PERSON, "kind": "PERMANENT", "unit_code": LIVES_IN, "from_date": SINCE}
    ],
}


class _Noting(MemorySource):
    """A register that notes what rows it is asked for."""

    def __init__(self, register: str, rows: Mapping[str, list[dict[str, Any]]], asked: list[Lookup]) -> None:
        super().__init__(register, rows)
        self._asked = asked

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        self._asked.append(lookup)
        return await super().rows(lookup)


class _NoConsents:
    async def categories_by_subject(self, *_: Any) -> Mapping[Any, frozenset[str]]:
        return {}


@dataclass
class Told:
    """What one operation told: its data, the denials with their numbers, and what the record would say it released."""

    data: Any
    denials: dict[tuple[str, str], int]
    released: set[str]
    errors: list[str]
    obtain: list[str]
    unanswered: dict[tuple[str, str], int]


@dataclass
class Deployment:
    """Two replicas on one state."""

    executor: str
    engines: list[AsyncEngine]
    keys: Keys = field(default_factory=lambda: Keys(bytes(range(32))))
    rows: Mapping[str, list[dict[str, Any]]] = field(default_factory=lambda: ROWS)
    asked_of: dict[str, list[Lookup]] = field(default_factory=lambda: {name: [] for name in REGISTERS})

    def __post_init__(self) -> None:
        strawberry_schema, self.catalogue = build_schema()
        self.schema = strawberry_schema._schema
        self.planned = Planned(self.catalogue)
        self.policies = Policies(COMMITTED)
        self.replicas = [self._replica(engine) for engine in self.engines]

    def _replica(self, engine: AsyncEngine) -> RequestFactory:
        sources = sources_by_record({}, {name: _Noting(name, self.rows, self.asked_of[name]) for name in REGISTERS})
        state = OwnState(
            keys=self.keys,
            grants=Grants(engine),
            consents=cast(Consents, _NoConsents()),
            audit=cast(Audit, None),
            rights=cast(Rights, None),
            query_budget=QueryBudget(engine, self.keys),
            dossiers=cast(Dossiers, None),
            emergencies=cast(Emergencies, None),
            published=PublishedCounts(engine, self.keys),
        )
        return RequestFactory(self.catalogue, sources, state)

    def ways(self, to_the_citizen: bool) -> list[str]:
        """Return the ways to the same person: by two records, by number, as an entity, and perhaps as a citizen."""
        token = self.entity("one")["id"]
        ways = [
            'learner(by: {sectorCode: "one"}) { %s }',
            'learner(by: {sectorCode: "two"}) { %s }',
            f'learnersByCitizenIds(citizenIds: ["{PERSON}"]) {{ %s }}',
            f'_entities(representations: [{{__typename: "Learner", id: "{token}"}}]) {{ ... on Learner {{ %s }} }}',
        ]
        return [*ways, 'learner(by: {sectorCode: "two"}) { identity { %s } }'] if to_the_citizen else ways

    def entity(self, code: str) -> dict[str, str]:
        """Return a learner as a gateway represents it."""
        return {"__typename": "Learner", "id": self.keys.sealer(agency(CLIENT)).seal(NODE, ("Learner", code))}

    async def agreed(self, role: str, purpose: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Let the client ask for a purpose, with arguments as its agreement says, or else the policy."""
        covers = Jurisdiction(country=True)
        more: dict[str, Any] = {} if arguments is None else {"arguments": arguments}
        grant = Grant(CLIENT, role, purpose, covers, date(2020, 1, 1), None, **more)
        await Grants(self.engines[0]).save(grant)

    async def ask(self, purpose: str, query: str, day: date = TODAY, replica: int = 0, **variables: Any) -> Told:
        """Return what a client of the purpose is told."""
        principal = Principal(PrincipalKind.CLIENT, CLIENT, frozenset())
        return await self._told(principal, purpose, query, day, replica, variables)

    async def ask_as_citizen(self, query: str, day: date = TODAY) -> Told:
        """Return what the person is told."""
        principal = Principal(PrincipalKind.CITIZEN, "vneid-app", frozenset({"citizen"}), 2, PERSON)
        return await self._told(principal, None, query, day, 0, {})

    async def _told(
        self,
        principal: Principal,
        purpose: str | None,
        query: str,
        day: date,
        replica: int,
        variables: dict[str, Any],
    ) -> Told:
        opening = self.replicas[replica % len(self.replicas)]
        access = await access_context_of(principal, purpose, None, opening.state.grants, self.policies.current, day)
        request = opening.request("request", access, datetime.combine(day, time(9), VIETNAM))
        result = await self._executed(request, query, variables)
        disclosure = request.disclosure
        denials: dict[tuple[str, str], int] = {}
        for (coordinate, denial), rows in disclosure.denials.items():
            denials[coordinate, denial.code] = denials.get((coordinate, denial.code), 0) + rows
        errors = [error.message for error in result.errors or ()]
        obtain = [denial.obtain["en"] for _, denial in disclosure.denials]
        return Told(result.data, denials, set(disclosure.released), errors, obtain, dict(disclosure.unanswered))

    async def _executed(self, request: Request, query: str, variables: dict[str, Any]) -> Any:
        document = parse(query)
        if self.executor == "plan":
            (operation,) = document.definitions
            planned = await self.planned.executed(request, document, cast(Any, operation), variables)
            assert planned is not None, "the attack is to be run by the plan"
            return planned
        result = execute(self.schema, document, context_value=request, variable_values=variables)
        return await result if isawaitable(result) else result


@asynccontextmanager
async def deployment(folder: Path, executor: str) -> AsyncIterator[Deployment]:
    """Open two replicas, each with connections of its own to one state."""
    async with AsyncExitStack() as stack:
        engines = []
        for _ in range(2):
            engine = await migrated_engine(f"sqlite+aiosqlite:///{folder}/state.sqlite")
            stack.push_async_callback(engine.dispose)
            engines.append(engine)
        yield Deployment(executor, engines)


def leaves(data: Any) -> Iterator[Any]:
    """Yield all values of an answer that are there."""
    match data:
        case None:
            return
        case dict():
            for value in data.values():
                yield from leaves(value)
        case list():
            for value in data:
                yield from leaves(value)
        case _:
            yield data
