"""`bench engine`: CPU of one query in this process, the plan beside graphql-core, on one schema with the policy on."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson
import uvloop

from auth.agreements.grants import Grants
from auth.crypto.keys import Keys
from auth.policy.policy_set import Policies
from auth.principal import Grant, Principal, PrincipalKind
from bench.memory import remembered_sources
from bench.peers.bodies import QUERIES, citizen_id, leaves
from bench.peers.product import MASTER_SECRET, PURPOSE, REGISTRAR, registrar_grant, written_policies
from bench.results import Results, spread
from reference.vietnam_time import VIETNAM
from resolvers.plan.planned import Planned
from resolvers.request.access import AccessContext, access_context_of
from resolvers.request.factory import RequestFactory
from resolvers.request.own_state import OwnState
from schema.build import build_schema
from schema.documents.documents import Documents
from schema.http.params import GraphQLParams
from schema.operations.operation import Services, executed, payload

NOW = datetime(2026, 11, 21, 10, tzinfo=VIETNAM)
TARGETS = {"one record": 8, "100 learners": 25, "500 learners": 35}
COLUMNS = ("case", "leaves", "plan ms", "least", "graphql-core ms", "least ", "times cheaper", "wanted")
Execution = Callable[[], Awaitable[bytes]]
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Case:
    """A query with its variables; `runs` make one sample."""

    name: str
    query: str
    variables: dict[str, Any]
    runs: int


def cases() -> Sequence[Case]:
    def text(name: str) -> str:
        return (QUERIES / f"{name}.graphql").read_text("utf-8")

    numbers = [citizen_id(learner) for learner in range(1, 501)]
    return (
        Case("one record", text("q1"), {"id": "7"}, 60),
        Case("100 learners", text("q2"), {"provinceCode": "01", "first": 100}, 8),
        Case("500 learners", text("q3"), {"ids": numbers}, 3),
    )


def measure(folder: Path, rounds: int) -> Results:
    return uvloop.run(_measured(folder, rounds))


async def _measured(folder: Path, rounds: int) -> Results:
    strawberry_schema, catalogue = build_schema()
    policies, grants = Policies(written_policies(folder / "policies")), cast(Grants, _Grants())
    parts = {"grants": grants, "keys": Keys(MASTER_SECRET)}
    state = _with(OwnState, consents=_Consents(), **parts)
    openings = RequestFactory(catalogue, remembered_sources(), state)
    schema = strawberry_schema._schema
    parts |= {"policies": policies, "schema": schema, "documents": Documents(schema), "openings": openings}
    reference, planned = _with(Services, **parts), _with(Services, planned=Planned(catalogue), **parts)
    principal = Principal(PrincipalKind.CLIENT, REGISTRAR.client_id, frozenset())
    access = await access_context_of(principal, PURPOSE, None, grants, policies.current, NOW.date())
    found = Results("engine", "times less CPU than graphql-core; wanted: 8, 25, 35", COLUMNS, unit="CPU ms a query")
    # as in a server that has its process to itself (server.py): what lives on is not looked through for garbage
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    for case in cases():
        plan, core = (partial(_answer, services, access, case) for services in (planned, reference))
        if (data := await plan()) != await core():
            raise AssertionError(f"the executors differ on `{case.name}`")
        both = [(await _cpu_ms(plan, case.runs), await _cpu_ms(core, case.runs)) for _ in range(rounds)]
        ours, theirs = (spread(times) for times in zip(*both, strict=True))
        times = theirs.least / ours.least
        count = leaves(orjson.loads(data)["data"])
        milliseconds = [round(figure, 4) for figure in (ours.median, ours.least, theirs.median, theirs.least)]
        found.rows.append((case.name, count, *milliseconds, round(times, 2), TARGETS[case.name]))
        found.ratio[case.name] = times
        found.bars += [(case.name, "plan", ours.least), (case.name, "graphql-core", theirs.least)]
    return found


async def _answer(services: Services, access: AccessContext, case: Case) -> bytes:
    """Open the request, execute, and return the body: all of the way but HTTP, authentication and audit."""
    request = services.openings.request("bench", access, NOW)
    document = services.documents.get(case.query)
    result = await executed(services, request, document, GraphQLParams(case.query, None, case.variables, None))
    return orjson.dumps(payload(request, result, "vi"))


async def _cpu_ms(execution: Execution, runs: int) -> float:
    await execution()
    gc.collect()
    began = time.process_time()
    for _ in range(runs):
        await execution()
    return 1000 * (time.process_time() - began) / runs


def _with(kind: type[Part], **given: Any) -> Part:
    """Return a part of a server with these parts; others, which no execution of a query touches, are left out."""
    absent = [field.name for field in fields(kind) if field.default is MISSING]  # type: ignore[arg-type]
    return kind(**{**dict.fromkeys(absent), **given})


class _Grants:
    """The registrar's one grant, from memory."""

    async def of(self, client_id: str, today: date) -> tuple[Grant, ...]:
        return (registrar_grant(),)


class _Consents:
    """Every tenth person has consented to one category, from memory."""

    async def categories_by_subject(
        self, subjects: Sequence[Any], client_id: str, purpose: str, at: datetime, pseudonyms: Any = None
    ) -> Mapping[Any, frozenset[str]]:
        await asyncio.sleep(0)  # as a look-up would give way
        return {subject: _NAME for subject in subjects if str(subject).endswith("0")}


_NAME = frozenset({"identity.name"})
