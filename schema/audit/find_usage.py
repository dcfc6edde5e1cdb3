"""`GET /v3/findUsage`: the log of the citizen who asks, in the shape of the X-tee Data Tracker (Andmejälgija).

After the OpenAPI description 3.0.0-rc.3 of the Estonian Information System Authority
(https://github.com/e-gov/AJ, doc/spetsifikatsioonid/dumonitor-openapi-v3.yaml), but that the person is named by the
token alone: `userCode` and `X-Road-UserId` would put citizen numbers into addresses and logs, and are refused.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response

from auth.audit.usage.entries import UsageEntry
from auth.audit.usage.walk import MOST_COUNTED
from auth.errors import Refused, Unauthenticated
from auth.policy.policy_set import PolicySet
from auth.principal import PrincipalKind
from reference.iso_dates import instant_spelt
from reference.vietnam_time import VIETNAM
from resolvers.audit.usage import asked_under, reader_of_own_log
from resolvers.audit.walk import Walk, WalkedPage, walked
from resolvers.request.accounts import outcome, the_caller
from resolvers.request.instants import instant
from resolvers.request.request import Request
from schema.documents.text_bounds import BOUNDS, SHORT
from schema.http.endpoint import HEADERS, RETRY_AFTER, HTTPReply, failed
from schema.operations.access import language_of
from schema.operations.admittance import address_of, admitted
from schema.operations.deadline import by, ends_at
from schema.operations.operation import Services, on_record

COORDINATE = "Me.dataUsage"
"""Reading the log by this way is recorded as reading it by the other."""
SYSTEM = "lienthong"
MOST = 10_000
AT_ONCE = 1000
"""Entries in one answer, whatever `limit` allows: `returnedUsages` says how many, `offset` or `after` goes on."""
MOST_PARAMETERS = 20
TYPES = {"DATA_REQUEST", "DATA_RESPONSE", "DATA_PROCESSING", "INTERNAL_PROCESSING"}
_DENIED = {"FORBIDDEN", "ASSURANCE_TOO_LOW"}
_BOOLEANS = {"true", "false"}
_BOUND = {"after": BOUNDS["after"]}
_KNOWN = {
    "periodStart",
    "periodEnd",
    "limit",
    "offset",
    "after",
    "processingType",
    "includeBulkProcessing",
    "logSourceSystems",
}

AWAY = HTTPReply.refused("the education register does not answer", "SOURCE_UNAVAILABLE", 503, RETRY_AFTER)


@dataclass(frozen=True, slots=True)
class UsageQuestion:
    """What is asked for; `none`: by its filters, nothing that this system keeps."""

    walk: Walk
    none: bool


def find_usage_endpoint() -> Callable[[HTTPRequest], Awaitable[Response]]:
    """Return the endpoint; errors are `code` and `message`."""

    async def endpoint(http: HTTPRequest) -> Response:
        try:
            outcome = await _found(http)
        except Exception as error:  # said by the one table there is
            outcome = _as_described(failed(error))
        headers = {**HEADERS, **outcome.headers, "Content-Type": "application/json"}
        return Response(orjson.dumps(outcome.payload), outcome.status, headers)

    return endpoint


def _as_described(outcome: HTTPReply) -> HTTPReply:
    """Return an error of GraphQL's shape in that of the description."""
    assert isinstance(outcome.payload, Mapping)
    [error] = outcome.payload["errors"]
    body = {"code": error["extensions"]["code"], "message": error["message"]}
    return HTTPReply(403 if body["code"] in _DENIED else outcome.status, body, outcome.headers)


async def _found(http: HTTPRequest) -> HTTPReply:
    """Return a page of the log, its own entry durable."""
    started = time.monotonic()
    services: Services = http.app.state.services
    headers = http.headers
    now = datetime.now(VIETNAM)
    moment = ends_at(services.deadline_s)
    authorization, purpose = headers.get("authorization"), headers.get("purpose")
    asking = admitted(services, address_of(services, http), authorization, purpose, None, now)
    with by(moment):
        access, quota = await asking
    if access.principal.kind is PrincipalKind.ANONYMOUS:
        raise Unauthenticated("the log is shown to the person whom it is about: sign in")
    if "x-road-userid" in headers:
        raise Refused("`X-Road-UserId` is not taken: the token says whose log is asked for")
    wanted = wanted_by(http.query_params)
    request = replace(services.openings.request(http.state.request_id, access, now), coordinate=COORDINATE)
    request.language = language_of(headers.get("accept-language"))
    request.disclosure.subjects.update(the_caller(None, request, {}))  # as by `me`, whatever becomes of the question
    operation = wanted.walk.operation
    digest = services.keys.operation_hash(operation)
    body = await on_record(services, request, operation, digest, started, moment, _told(request, wanted))
    return _as_described(AWAY) if body is None else HTTPReply(200, body, quota.headers())


async def _told(request: Request, wanted: UsageQuestion) -> dict[str, Any] | None:
    """Return the answer, accounted for; None where the description has no word for it: something may be missing."""
    body: dict[str, Any] | None = await outcome(request, the_caller, {}, lambda: _page(request, wanted))
    if body is None:
        request.disclosure.withhold("SOURCE_UNAVAILABLE", "operation", COORDINATE)
    return body


async def _page(request: Request, wanted: UsageQuestion) -> dict[str, Any] | None:
    """Return the answer; None while it cannot be known whether it would be complete."""
    if request.principal.kind is not PrincipalKind.CITIZEN:
        raise Refused("the log is shown to the person whom it is about, and to no client", "FORBIDDEN")
    person = reader_of_own_log(request)
    page = WalkedPage((), 0, None, whole=True)
    if not wanted.none:
        also = await asked_under(request, person, COORDINATE)
        if also is None:
            return None
        page = await walked(request, person, also, wanted.walk)
    own: dict[str, Any] = {} if page.after is None else {"after": page.after}
    return {
        "totalUsages": page.total,
        "returnedUsages": len(page.entries),
        "dataRequests": [],
        "dataResponses": [_transfer(request, entry) for entry in page.entries],
        "dataProcessings": [],
        "internalProcessings": [],
        # the description has neither: where to go on, and that something stood there that no process of ours wrote
        **(own if page.whole else {**own, "incomplete": True}),
    }


def wanted_by(query: QueryParams) -> UsageQuestion:
    """Return what the query asks for. Raises Refused, which names the parameter and never says its value."""
    given = query.multi_items()
    if len(given) > MOST_PARAMETERS or any(len(value) > _BOUND.get(name, SHORT).characters for name, value in given):
        raise Refused(f"at most {MOST_PARAMETERS} parameters, each of at most {SHORT.characters} characters")
    if unknown := query.keys() - _KNOWN:
        known = ", ".join(f"`{name}`" for name in sorted(_KNOWN))
        what = "`userCode` is not taken: the token says whose log is asked for" if "userCode" in unknown else None
        raise Refused(what or f"a parameter is not one of {known}")
    types = set(query.getlist("processingType"))
    if not types <= TYPES:
        raise Refused(f"`processingType` must be of {', '.join(sorted(TYPES))}")
    if query.get("includeBulkProcessing", "true") not in _BOOLEANS:
        raise Refused("`includeBulkProcessing` must be true or false")
    systems = query.getlist("logSourceSystems")
    if "after" in query and ("offset" in query or "periodEnd" in query):
        raise Refused("`after` goes on with a walk: neither `offset` nor `periodEnd` can stand beside it")
    return UsageQuestion(
        Walk(
            (_instant(query, "periodStart"), _instant(query, "periodEnd")),
            min(_number(query, "limit", AT_ONCE, 1, MOST), AT_ONCE),
            _number(query, "offset", 0, 0, MOST_COUNTED),
            query.get("after"),
        ),
        none=bool(types and "DATA_RESPONSE" not in types) or bool(systems and SYSTEM not in systems),
    )


def _instant(query: QueryParams, name: str) -> datetime | None:
    text = query.get(name)
    try:
        at = None if text is None else instant_spelt(text)
    except ValueError:
        raise Refused(f"`{name}` must be a time with its zone, such as 2026-01-31T10:20:30Z") from None
    return instant(at, name)


def _number(query: QueryParams, name: str, otherwise: int, least: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return otherwise
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else -1
    if not least <= number <= most:
        raise Refused(f"`{name}` must be a whole number from {least} to {most}")
    return number


def _transfer(request: Request, entry: UsageEntry) -> dict[str, Any]:
    """Return an entry as the description's `UsageTransfer`: we answered a client's question."""
    policy = request.policies
    purpose = policy.purposes.get(entry.purpose)
    citations = [policy.rules[rule].citation for rule in entry.rules if rule in policy.rules]
    transfer = {
        "logTime": _time(entry.at),
        "purpose": entry.purpose if purpose is None else purpose.text[request.language],
        "logSourceSystem": SYSTEM,
        "legalBasis": "; ".join(dict.fromkeys(citations)) or None,
        "queryId": entry.request_id,
        "queryGroupId": None if entry.case is None else f"{entry.client_id}-{entry.case}",
        "initiatorOrg": {"type": _kind(policy, entry), "name": entry.client_id},
        "target": {"type": "GOV", "name": "Liên thông", "systemName": SYSTEM},
    }
    return {**transfer, **_hiding(entry)}


def _kind(policy: PolicySet, entry: UsageEntry) -> str:
    """Return `GOV` for citizens' own app and where a state body may have the purpose, else `COM`."""
    roles = [role for role in policy.roles.values() if entry.purpose in role.purposes]
    by_state = entry.principal_kind is PrincipalKind.CITIZEN or any(role.agency for role in roles)
    return "GOV" if by_state else "COM"


def _hiding(entry: UsageEntry) -> Mapping[str, str]:
    """Return why the entry was hidden and until when, for one that was: until the end of that day in Vietnam."""
    if entry.hidden is None:
        return {}
    last = entry.hidden.until
    until = datetime(last.year, last.month, last.day, tzinfo=VIETNAM) + timedelta(days=1)
    return {"hiddenReason": entry.hidden.citation, "hiddenUntil": _time(until)}


def _time(at: datetime) -> str:
    return at.astimezone(VIETNAM).isoformat(timespec="milliseconds")
