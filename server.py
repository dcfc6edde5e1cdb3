"""The composition root: settings, the parts put together, the application. Nothing imports it."""

import asyncio
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import httpx2
import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request as HTTPRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from auth.agreements.grants import Grants
from auth.audit.log.signed_roots import latest
from auth.audit.record import Audit
from auth.authentication.bearer import Authentication
from auth.consent.consents import Consents
from auth.crypto.keys import Keys
from auth.deployment.key_checks import checked_keys
from auth.deployment.settings import Settings as Settings
from auth.deployment.settings import settings_from_environment
from auth.deployment.starting import NO_STATE, starting
from auth.dossiers.store import Dossiers
from auth.emergencies import Emergencies
from auth.errors import NotStarted
from auth.limits.address_quotas import AddressQuotas
from auth.limits.addresses import Addresses
from auth.limits.harvest import HarvestGuard
from auth.limits.local_state import LocalState
from auth.limits.published_counts import PublishedCounts
from auth.limits.query_budget import QueryBudget
from auth.limits.shared_state import SharedState
from auth.policy.decisions import Holdings
from auth.policy.policy_set import Policies, PolicyInvalid
from auth.policy.reload import follow, reloads_on_signal
from auth.rights.requests import Rights
from auth.state.clock import Clock
from auth.state.engine import migrated_engine
from connectors.errors import RegistersInvalid
from connectors.holdings import absent_columns, required_registers, unserved_records
from connectors.records import GUARDIANSHIPS
from connectors.registry import open_sources, refuse_misfits, sources_by_record
from connectors.source import Source
from reference.vietnam_time import today
from resolvers.coalescing import Coalescing, InFlight
from resolvers.guardianships import RegisteredGuardians
from resolvers.plan.planned import Planned
from resolvers.plan.shadow import Shadow
from resolvers.readiness import Readiness
from resolvers.request.factory import RequestFactory
from resolvers.request.own_state import OwnState
from resolvers.request.warm_tables import warm_tables
from runtime.watchdog import watched
from schema.audit.find_usage import find_usage_endpoint
from schema.build import build_schema
from schema.documents.documents import Documents
from schema.http.edge import EDGE
from schema.http.endpoint import GraphQLParams, HTTPReply, graphql_endpoint
from schema.operations.admittance import address_of, count_unread
from schema.operations.operation import OperationRequest, Services, answered


def deployed() -> Starlette:
    """Return the application of a deployment, for `uvicorn --factory server:deployed`."""
    configure_logging()
    try:
        settings = settings_from_environment()
    except NotStarted as error:
        sys.exit(f"lienthong: {error}")
    return create_app(settings, alone=True)


def create_app(settings: Settings, routes: Sequence[BaseRoute] = (), *, alone: bool = False) -> Starlette:
    """Return the application: GraphQL, health, the SDL, and `routes` on top of them.

    `alone`: the process is there for it only, so that the garbage collector need not look again through what was made
    at the start (a quarter of a short request's CPU; docs/performance.md), it may be ended where its loop stands, and
    it makes the decision tables of clients before they ask.
    """
    own = [
        Route("/graphql", graphql_endpoint(_run, unread=count_unread), methods=None),
        Route("/schema.graphql", _sdl),
        Route("/healthz", _alive),
        Route("/readyz", _ready),
        Route("/v3/findUsage", find_usage_endpoint()),
        Route("/audit/keys.json", _audit_keys),
        Route("/audit/root", _audit_root),
    ]

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            async with AsyncExitStack() as stack:
                parts = await _composed(settings, stack)
                app.state.services, app.state.sdl, app.state.engine, sources = parts
                app.state.readiness = _readiness(settings, sources, app.state.services, app.state.engine)
                stack.push_async_callback(app.state.readiness.close)
                if alone:
                    gc.collect()
                    gc.freeze()
                    gc.set_threshold(20_000, 20, 50)
                    await stack.enter_async_context(watched(settings.watchdog_s))
                    services = app.state.services
                    warming = warm_tables(services.policies, services.grants, today())
                    stack.push_async_callback(_cancelled, asyncio.create_task(warming, name="decision tables"))
                yield
        except NotStarted as error:
            if not alone:
                raise
            # nothing has been served, and the server around us would print a traceback in place of the one line
            print(f"lienthong: {error}", file=sys.stderr, flush=True)
            os._exit(1)

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


_STATE = "LIENTHONG_STATE_URL must name a database that answers and may be written to"


async def _composed(
    settings: Settings, stack: AsyncExitStack
) -> tuple[Services, str, AsyncEngine, Mapping[str, Source]]:
    """Return the parts put together; the stack takes them apart in reverse. Raises where one of them is unsound."""
    strawberry_schema, catalogue = build_schema()
    with starting("LIENTHONG_REGISTERS must describe the registers", RegistersInvalid):
        sources = open_sources(settings.registers, settings.variables)
        by_record = sources_by_record(settings.registers, sources)
    for source in sources.values():
        stack.push_async_callback(source.close)
    with starting("LIENTHONG_POLICIES must be a folder of valid policies", PolicyInvalid):
        holdings = Holdings(unserved_records(settings.registers), absent_columns(settings.registers))
        policies = Policies(settings.policies, holdings)
    with starting("LIENTHONG_REGISTERS must fit the registers", RegistersInvalid):
        await refuse_misfits(sources)
    with starting(_STATE, *NO_STATE):
        engine = await migrated_engine(settings.state_url)
    stack.push_async_callback(engine.dispose)
    keys = Keys(settings.master_secret, settings.earlier_secrets)
    with starting(_STATE, *NO_STATE):
        record_keys = await checked_keys(engine, keys, settings.signing_key)
    audit = Audit(engine, keys, record=record_keys)
    with starting(_STATE, *NO_STATE):
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
    in_flight = InFlight()
    asked = (
        {name: Coalescing(source, in_flight) for name, source in by_record.items()} if settings.coalesce else by_record
    )
    consents = Consents(engine, keys, RegisteredGuardians(asked[GUARDIANSHIPS.name]), settings.signing_key)
    questions = QueryBudget(engine, keys)
    with starting(_STATE, *NO_STATE):
        await questions.forget(today())
    state = OwnState(
        keys=keys,
        grants=grants,
        consents=consents,
        audit=audit,
        rights=Rights(engine, keys),
        query_budget=questions,
        dossiers=Dossiers(engine, keys),
        emergencies=Emergencies(engine, keys),
        published=PublishedCounts(engine, keys),
    )
    openings = RequestFactory(catalogue, asked, state)
    with starting("LIENTHONG_ISSUERS must describe issuers with keys that can be used", ValueError):
        authentication = Authentication(settings.issuers, client)
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
        in_flight,
        Addresses(settings.trusted_proxies, settings.proxy_header),
        AddressQuotas(shared, keys.guard_key("address"), settings.address_limits),
        keys.guard_key("misses"),
        Planned(catalogue) if settings.plan else None,
        citizen_requests_per_minute=settings.citizen_requests_per_minute,
    )
    if settings.shadow:
        shadow = Shadow(settings.shadow, schema, openings)
        stack.push_async_callback(shadow.finished)
        services = replace(services, shadow=shadow)
    return services, strawberry_schema.as_str(), engine, sources


def _readiness(settings: Settings, sources: Mapping[str, Source], services: Services, engine: AsyncEngine) -> Readiness:
    clock = Clock(engine)
    required = required_registers(settings.registers)
    grants, audit, shared = services.grants, services.audit, services.shared
    return Readiness(sources, grants, audit, clock, shared, settings.clock_skew_s, required)


def _shared_state(redis_url: str | None) -> SharedState:
    """Return what replicas share; its client takes 6 MiB, and is loaded only where there is a Redis to ask."""
    if not redis_url:
        return LocalState()
    from auth.limits.redis_state import RedisState

    return RedisState(redis_url)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _run(request: HTTPRequest, headers: Mapping[str, str], params: GraphQLParams) -> HTTPReply:
    services: Services = request.app.state.services
    asked = OperationRequest(
        params,
        request.state.request_id,
        authorization=headers.get("authorization"),
        purpose=headers.get("purpose"),
        case=headers.get("case"),
        accept_language=headers.get("accept-language"),
        may_mutate=request.method == "POST",
        address=address_of(services, request),
        break_glass=headers.get("break-glass"),
    )
    with services.in_flight:
        return await answered(services, asked)


async def _sdl(request: HTTPRequest) -> Response:
    return PlainTextResponse(request.app.state.sdl)


async def _audit_keys(request: HTTPRequest) -> Response:
    """Publish the keys that sign or have signed the audit record's roots and consent receipts (RFC 7517)."""
    services: Services = request.app.state.services
    return JSONResponse({"keys": services.audit.published_keys()})


async def _audit_root(request: HTTPRequest) -> Response:
    """Publish the latest signed root, for whoever keeps it as a witness."""
    root = await latest(request.app.state.engine)
    return PlainTextResponse(root or "", 200 if root else 404)


async def _alive(_request: HTTPRequest) -> Response:
    return JSONResponse({"status": "alive"})


async def _ready(request: HTTPRequest) -> Response:
    """Say whether this replica should be sent requests, and of what it depends on, how each is."""
    ready, body = await request.app.state.readiness.report(request.app.state.services.policies.version)
    return JSONResponse(body, 200 if ready else 503, headers={"Cache-Control": "no-store"})
