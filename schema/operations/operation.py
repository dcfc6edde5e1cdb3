"""One operation from the caller's words to the answer: the walk of a request behind HTTP."""

import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from inspect import isawaitable
from typing import Any, NamedTuple, TypeVar

from graphql import ExecutionResult, GraphQLSchema, OperationDefinitionNode, OperationType, execute

from auth.agreements.grants import Grants
from auth.audit.log.chain import Entry
from auth.audit.record import Audit
from auth.authentication.bearer import Authentication
from auth.citizen_numbers import may_hold_a_number
from auth.crypto.keys import Keys
from auth.errors import Refused
from auth.limits.address_quotas import AddressQuotas
from auth.limits.addresses import Addresses
from auth.limits.harvest import HarvestGuard
from auth.limits.shared_state import CITIZEN_REQUESTS_PER_MINUTE, Quota, SharedState
from auth.policy.policy_set import Policies
from auth.principal import PrincipalKind
from engine.leaves import ReferenceExecutor
from reference.vietnam_time import VIETNAM
from resolvers.coalescing import InFlight
from resolvers.plan.planned import Planned
from resolvers.plan.shadow import Shadow
from resolvers.request.access import AccessContext
from resolvers.request.accounts import entry_of
from resolvers.request.break_glass import keep_emergency_use, with_break_glass
from resolvers.request.case import with_dossier
from resolvers.request.error_codes import code_of
from resolvers.request.factory import RequestFactory
from resolvers.request.request import Request
from schema.documents.cost import requests_of
from schema.documents.documents import Document, Documents
from schema.errors import as_answered
from schema.explain import DOCUMENTS
from schema.http.endpoint import GraphQLParams, HTTPReply
from schema.operations.access import access_of, language_of
from schema.operations.admittance import Address, admitted, priced
from schema.operations.answer_limit import written
from schema.operations.charging import bar, charge, rate_limits
from schema.operations.deadline import OPERATION_DEADLINE_S, by, ends_at

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """What every operation of this process shares."""

    schema: GraphQLSchema
    documents: Documents
    openings: RequestFactory
    authentication: Authentication
    policies: Policies
    grants: Grants
    audit: Audit
    keys: Keys
    shared: SharedState
    harvest: HarvestGuard
    in_flight: InFlight
    addresses: Addresses
    address_quotas: AddressQuotas
    miss_key: bytes = field(repr=False)
    """What misses are digested under."""
    planned: Planned | None = None
    shadow: Shadow | None = None
    deadline_s: float = OPERATION_DEADLINE_S
    citizen_requests_per_minute: int = CITIZEN_REQUESTS_PER_MINUTE


class OperationRequest(NamedTuple):
    """The caller's words: GraphQL parameters and the headers that matter, as they came."""

    params: GraphQLParams
    request_id: str
    authorization: str | None
    purpose: str | None
    case: str | None
    accept_language: str | None
    may_mutate: bool
    address: Address
    break_glass: str | None = None


class _Opened(NamedTuple):
    """What was found of an operation before it is executed."""

    request: Request
    access: AccessContext
    quota: Quota
    document: Document
    operation: OperationDefinitionNode


class _Released(NamedTuple):
    """The released result, and headers with the caller's limits."""

    status: int
    text: bytes
    limits: Mapping[str, str]


async def answered(services: Services, asked: OperationRequest) -> HTTPReply:
    """Return the answer, its audit entry durable. Raises Unauthenticated, and Refused for what cannot be answered.

    Raises DeadlineExceeded where it is not over in time, whatever it waits for; the entry is made all the same.
    """
    started = time.monotonic()
    moment = ends_at(services.deadline_s)
    with by(moment):
        opened = await _opened(services, asked)
    request, digest = opened.request, opened.document.hashed(services.keys)
    work = _released(services, opened, asked.params)
    return HTTPReply(*await on_record(services, request, _name(opened.operation), digest, started, moment, work))


async def _opened(services: Services, asked: OperationRequest) -> _Opened:
    now = datetime.now(VIETNAM)
    access, quota = await admitted(services, asked.address, asked.authorization, asked.purpose, asked.case, now)
    document = services.documents.get(asked.params.query, access.profile.client_id)
    operation = document.operation(asked.params.operation_name)
    if operation.operation is not OperationType.QUERY and not asked.may_mutate:
        raise Refused("only queries are answered by GET", "METHOD_NOT_ALLOWED", {"Allow": "POST"})
    document.check_values(asked.params.operation_name, asked.params.variables)
    cost = document.check_cost(asked.params.operation_name, asked.params.variables)
    quota = await priced(services, asked.address, access.principal, quota, requests_of(cost))
    access = with_break_glass(access, asked.break_glass)
    access = await with_dossier(access, services.openings.state.dossiers, now.date())
    request = services.openings.request(asked.request_id, access, now)
    request.memo.put(DOCUMENTS, services.documents)
    request.language = language_of(asked.accept_language)
    bar(services.harvest, request, quota, mutation=operation.operation is OperationType.MUTATION)
    return _Opened(request, access, quota, document, operation)


async def _released(services: Services, opened: _Opened, params: GraphQLParams) -> _Released:
    """Return the result after it is charged and break-glass access is stored."""
    request, access, quota, document, operation = opened
    result = await executed(services, request, document, params)
    if services.shadow is not None and request.disclosure.barred is None:
        services.shadow.follow(request, access, document.ast, params.operation_name, params.variables, result)
    subjects = request.pseudonyms.of(request.disclosure.subjects)
    is_mutation = operation.operation is OperationType.MUTATION
    try:
        state = await charge(services.harvest, request, quota, subjects, services.miss_key, done=is_mutation)
    finally:
        await keep_emergency_use(request, access)  # also where the guard stops it: a refusal is an answer
    text = written(request, payload(request, result, request.language), done=is_mutation)
    return _Released(_status(result), text, rate_limits(request, quota, state))


async def executed(services: Services, request: Request, document: Document, params: GraphQLParams) -> ExecutionResult:
    """Return the result: the plan's where there is one for the operation's shape, else the reference executor's."""
    if services.planned is not None:
        operation = document.operation(params.operation_name)
        found = await services.planned.executed(request, document.ast, operation, params.variables)
        if found is not None:
            return found
    result = execute(
        services.schema,
        document.ast,
        context_value=request,
        variable_values=params.variables,
        operation_name=params.operation_name,
        executor_class=ReferenceExecutor,
    )
    if isawaitable(result):
        return await result
    return result


def payload(request: Request, result: ExecutionResult, language: str) -> dict[str, Any]:
    """Return the body of the answer. `data` is left out where the request itself was wrong."""
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [as_answered(error) for error in result.errors]
    if not _request_error(result):
        body["data"] = result.data
    body["extensions"] = {
        "requestId": request.request_id,
        "access": access_of(request.disclosure, request.purpose, request.grant, language),
    }
    return body


def _request_error(result: ExecutionResult) -> bool:
    """Tell whether execution never began: such errors have no path (GraphQL specification, 7.1.2)."""
    return result.data is None and bool(result.errors) and all(error.path is None for error in result.errors or ())


def _status(result: ExecutionResult) -> int:
    return 400 if _request_error(result) else 200


def _name(operation: OperationDefinitionNode) -> str | None:
    """Return the operation's name, unless the caller has hidden a number in it."""
    name = operation.name.value if operation.name else None
    return None if name is None or may_hold_a_number(name) else name


async def on_record(
    services: Services,
    request: Request,
    name: str | None,
    operation: str,
    started: float,
    moment: float,
    work: Awaitable[T],
) -> T:
    """Return what the work comes to, its entry durable; `operation` is the hash of the document asked.

    Raises DeadlineExceeded where the work is not over at the moment. The entry is made where the work raises, too: that
    the answer is withheld is a thing to be put on record. Nobody in particular gets public data only, and leaves none.
    """
    disclosure = request.disclosure
    try:
        with by(moment):
            return await work
    except Exception as error:
        if disclosure.withheld is None:
            disclosure.withhold(code_of(error), "operation", request.coordinate or "Query")
        raise
    finally:
        request.memo.clear()  # loaders in it hold the request: a cycle would wait for the garbage collector
        if request.principal.kind is not PrincipalKind.ANONYMOUS:
            await services.audit.record(_entry(request, name, operation, started))


def _entry(request: Request, name: str | None, operation: str, started: float) -> Entry:
    disclosure = request.disclosure
    subjects = request.pseudonyms.of(disclosure.subjects)
    # citizens are told of what clients sought about them, not of each other (docs/decisions/0038-accounts.md)
    sought = disclosure.sought if request.principal.kind is PrincipalKind.CLIENT else ()
    refused = {(coordinate, code, "") for coordinate, code in disclosure.refusals}
    denied = sorted(refused | {(coordinate, denial.code, denial.rule) for coordinate, denial in disclosure.denials})
    if disclosure.withheld is not None:
        denied = [disclosure.withheld]
    return entry_of(
        request,
        tuple(sorted(disclosure.released)),
        tuple(denied),
        operation_hash=operation,
        operation_name=name,
        subjects=[*subjects, *request.pseudonyms.of(sought)] if sought else subjects,
        sought=len(sought),
        rows=disclosure.rows,
        latency_us=int((time.monotonic() - started) * 1_000_000),
    )
