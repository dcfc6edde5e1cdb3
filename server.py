"""The composition root: settings, the parts put together, the application. Nothing imports it."""

import asyncio
import gc
import logging
import os
import sys
import tomllib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import orjson
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request as HTTPRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from auth.asked_arguments import AskedArguments
from auth.audit import Audit
from auth.audit_roots import latest
from auth.authentication import Authentication
from auth.consent import Consents
from auth.dossiers import Dossiers
from auth.emergencies import Emergencies
from auth.errors import StateUnavailable
from auth.grants import Grants
from auth.harvest import STRANGERS_PER_DAY, HarvestGuard
from auth.issuers import Issuer, issuer_of
from auth.keys import Keys
from auth.policy import Policies
from auth.policy_reload import follow, reloads_on_signal
from auth.rights import Rights
from auth.shared_state import SharedState
from auth.shared_state_local import LocalState
from auth.signing import SigningKey
from auth.state.engine import migrated_engine, reading
from connectors.errors import SourceError, SourceUnavailable
from connectors.registry import open_sources, refuse_misfits
from reference.vietnam_time import today
from resolvers.coalescing import Coalescing, Company
from resolvers.guardianships import RegisteredGuardians
from resolvers.openings import Openings
from resolvers.planned import Planned
from resolvers.shadow import Shadow
from runtime.watchdog import STALL_S, watched
from schema.build import build_schema
from schema.documents import Documents
from schema.edge import EDGE
from schema.find_usage import find_usage_endpoint
from schema.http import GraphQLParams, Outcome, graphql_endpoint
from schema.operation import Asked, Services, answered

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deployment decides. `variables` fill the placeholders of the registers' configuration."""

    registers: Mapping[str, Any]
    variables: Mapping[str, str]
    state_url: str
    master_secret: bytes = field(repr=False)
    issuers: Sequence[Issuer]
    redis_url: str | None = None
    earlier_secrets: Sequence[bytes] = field(default=(), repr=False)
    """Master secrets of before, the oldest first: what is kept under them is still found."""
    policies: Path = HERE / "policies"
    plan: bool = True
    """Whether queries run breadth-first by a compiled plan; if not, all run on the reference executor."""
    shadow: float = 0.0
    """The share of planned queries that the reference executor runs too, to log where the two differ."""
    strangers_per_day: int = STRANGERS_PER_DAY
    """How many questions of a day about persons a citizen may ask in vain."""
    coalesce: bool = True
    """Whether look-ups of concurrent requests are merged into one call of their register."""
    watchdog_s: float = STALL_S
    """How long the event loop may stand still before a process of its own ends."""


def settings_from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of a deployment, from LIENTHONG_* variables; docs/operating.md lists them.

    Raises KeyError naming a variable that is missing, and ValueError for one that is malformed.
    """
    registers = Path(environment.get("LIENTHONG_REGISTERS", HERE / "registers.toml"))
    issuers = tomllib.loads(Path(environment["LIENTHONG_ISSUERS"]).read_text(encoding="utf-8"))
    prefix = "LIENTHONG_REGISTER_"
    return Settings(
        registers=tomllib.loads(registers.read_text(encoding="utf-8")),
        variables={
            name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)
        },
        state_url=environment["LIENTHONG_STATE_URL"],
        master_secret=bytes.fromhex(environment["LIENTHONG_MASTER_SECRET"]),
        issuers=[issuer_of(section) for section in issuers["issuers"]],
        redis_url=environment.get("LIENTHONG_REDIS_URL"),
        earlier_secrets=[bytes.fromhex(one) for one in environment.get("LIENTHONG_EARLIER_SECRETS", "").split()],
        policies=Path(environment.get("LIENTHONG_POLICIES", HERE / "policies")),
        plan=environment.get("LIENTHONG_PLAN", "on") != "off",
        strangers_per_day=int(environment.get("LIENTHONG_STRANGERS_PER_DAY", STRANGERS_PER_DAY)),
        coalesce=environment.get("LIENTHONG_COALESCE", "on") != "off",
        shadow=float(environment.get("LIENTHONG_SHADOW", "0")),
        watchdog_s=float(environment.get("LIENTHONG_WATCHDOG_S", STALL_S)),
    )


def deployed() -> Starlette:
    """Return the application of a deployment, for `uvicorn --factory server:deployed`."""
    configure_logging()
    return create_app(settings_from_environment(), alone=True)


def create_app(settings: Settings, routes: Sequence[BaseRoute] = (), *, alone: bool = False) -> Starlette:
    """Return the application: GraphQL, health, the SDL, and `routes` on top of them.

    `alone`: the process is there for it only, so that the garbage collector need not look again through what was made
    at the start (a quarter of a short request's CPU; docs/performance.md), and it may be ended where its loop stands.
    """
    own = [
        Route("/graphql", graphql_endpoint(_run), methods=None),
        Route("/schema.graphql", _sdl),
        Route("/healthz", _alive),
        Route("/readyz", _ready),
        Route("/v3/findUsage", find_usage_endpoint()),
        Route("/audit/keys.json", _audit_keys),
        Route("/audit/root", _audit_root),
    ]

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.services, app.state.sdl, app.state.engine = await _composed(settings, stack)
            if alone:
                gc.collect()
                gc.freeze()
                gc.set_threshold(20_000, 20, 50)
                await stack.enter_async_context(watched(settings.watchdog_s))
            yield

    return Starlette(routes=[*own, *routes], lifespan=lifespan, middleware=EDGE)


def configure_logging() -> None:
    """Write JSON lines to the standard error stream, what other libraries log included."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=orjson.dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    renderer = structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        foreign_pre_chain=shared,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(renderer)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


async def _composed(settings: Settings, stack: AsyncExitStack) -> tuple[Services, str, AsyncEngine]:
    """Return the parts put together; the stack takes them apart in reverse. Raises where one of them is unsound."""
    strawberry_schema, catalogue = build_schema()
    policies = Policies(settings.policies)
    sources = open_sources(settings.registers, settings.variables)
    for source in sources.values():
        stack.push_async_callback(source.close)
    await refuse_misfits(sources)
    engine = await migrated_engine(settings.state_url)
    stack.push_async_callback(engine.dispose)
    keys = Keys(settings.master_secret, settings.earlier_secrets)
    audit = Audit(engine, keys)
    await audit.start()
    stack.push_async_callback(audit.stop)
    client = await stack.enter_async_context(httpx2.AsyncClient(timeout=5.0))
    shared = _shared_state(settings.redis_url)
    stack.push_async_callback(shared.close)
    stack.enter_context(reloads_on_signal(policies, shared))
    following = asyncio.create_task(follow(policies, shared), name="policy reloads")
    stack.push_async_callback(_cancelled, following)
    schema = strawberry_schema._schema
    grants = Grants(engine)
    company = Company()
    asked = {name: Coalescing(source, company) for name, source in sources.items()} if settings.coalesce else sources
    consents = Consents(engine, keys, RegisteredGuardians(asked["population"]))
    questions = AskedArguments(engine, keys)
    await questions.forget(today())
    kept = Rights(engine, keys), questions, Dossiers(engine, keys), Emergencies(engine, keys)
    openings = Openings(catalogue, asked, grants, consents, audit, keys, *kept)
    authentication = Authentication(settings.issuers, client)
    planned = Planned(catalogue) if settings.plan else None
    services = Services(
        schema,
        Documents(schema),
        openings,
        authentication,
        policies,
        grants,
        audit,
        keys,
        shared,
        HarvestGuard(shared, engine, settings.strangers_per_day),
        company,
        keys.guard_key("misses"),
        planned,
    )
    if settings.shadow:
        shadow = Shadow(settings.shadow, schema, openings)
        stack.push_async_callback(shadow.finished)
        services = replace(services, shadow=shadow)
    return services, strawberry_schema.as_str(), engine


def _shared_state(redis_url: str | None) -> SharedState:
    """Return what replicas share; its client takes 6 MiB, and is loaded only where there is a Redis to ask."""
    if not redis_url:
        return LocalState()
    from auth.shared_state_redis import RedisState

    return RedisState(redis_url)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _run(request: HTTPRequest, headers: Mapping[str, str], params: GraphQLParams) -> Outcome:
    asked = Asked(
        params,
        request_id=request.state.request_id,
        authorization=headers.get("authorization"),
        purpose=headers.get("purpose"),
        case=headers.get("case"),
        accept_language=headers.get("accept-language"),
        may_mutate=request.method == "POST",
        break_glass=headers.get("break-glass"),
    )
    services: Services = request.app.state.services
    with services.company:
        return await answered(services, asked)


async def _sdl(request: HTTPRequest) -> Response:
    return PlainTextResponse(request.app.state.sdl)


async def _audit_keys(request: HTTPRequest) -> Response:
    """Publish the key that signs the audit record's roots and consent receipts (RFC 7517)."""
    keys: Keys = request.app.state.services.keys
    return JSONResponse({"keys": [SigningKey(keys.signing_seed()).published()]})


async def _audit_root(request: HTTPRequest) -> Response:
    """Publish the latest signed root, for whoever keeps it as a witness."""
    root = await latest(request.app.state.engine)
    return PlainTextResponse(root or "", 200 if root else 404)


async def _alive(_request: HTTPRequest) -> Response:
    return JSONResponse({"status": "alive"})


async def _ready(request: HTTPRequest) -> Response:
    """Say whether each register answers; ready means that our own state does and the education register does."""
    services: Services = request.app.state.services
    registers: dict[str, str] = {}
    for name, source in services.openings.sources.items():
        try:
            await source.ready()
            registers[name] = "ready"
        except SourceUnavailable:
            registers[name] = "unavailable"
        except SourceError:  # what does not fit is in the log
            registers[name] = "unfit"
    try:
        async with reading(request.app.state.engine) as connection:
            await connection.execute(text("select 1"))
        state = "ready"
    except StateUnavailable:
        state = "unavailable"
    ready = state == registers["education"] == "ready"
    return JSONResponse(
        {"ready": ready, "state": state, "registers": registers, "policy": services.policies.version},
        200 if ready else 503,
    )
