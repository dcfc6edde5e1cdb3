"""How fields with resolvers of their own are accounted for: coordinate, outcome, and whom it concerned, in one place.

Rows of registers are accounted for by the Gate. What is answered beside it (consents, dossiers, requests, logs) is
accounted for here, for each such field alike: its declaration names whom an answer concerns, and nothing else does.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from inspect import isawaitable
from typing import Any

from auth.audit.log.chain import Entry
from connectors.source import Key
from engine.declarations import Concerns
from resolvers.request.error_codes import code_of
from resolvers.request.request import IDENTITY, Info, Request

Answered = Callable[[], Any]


def accounted(resolve: Callable[..., Any], coordinate: str, concerns: Concerns) -> Callable[..., Awaitable[Any]]:
    """Return the resolver which accounts for what the given one answers; that one is told its coordinate."""

    async def answered(source: Any, info: Info, **given: Any) -> Any:
        request = replace(info.context, coordinate=coordinate)
        return await outcome(request, concerns, given, lambda: resolve(source, info._replace(context=request), **given))

    return answered


async def outcome(request: Request, concerns: Concerns, given: Mapping[str, Any], answer: Answered) -> Any:
    """Return what is answered at the request's coordinate, having accounted for it; raises what the answer raises.

    An answer of None is a denial: whoever decided it has kept the reason.
    """
    disclosure, coordinate = request.disclosure, request.coordinate
    try:
        with _noting(request) if _changes(coordinate) else nullcontext():
            value = answer()
            if isawaitable(value):
                value = await value
    except Exception as error:
        disclosure.refuse(coordinate, code_of(error))
        raise
    if value is None:
        disclosure.refuse(coordinate, None)
        return None
    disclosure.subjects.update(concerns(value, request, given))
    disclosure.rows += _shown(value)
    disclosure.answer(coordinate)
    return value


def entry_of(
    request: Request,
    released: tuple[str, ...],
    denied: tuple[tuple[str, str, str], ...] = (),
    *,
    rows: int,
    operation_hash: str = "",
    operation_name: str | None = None,
    subjects: Sequence[bytes] = (),
    sought: int = 0,
    latency_us: int = 0,
) -> Entry:
    """Return the entry of an operation; of one under way, what it can say already."""
    rules, grant = request.disclosure.rules, request.grant
    return Entry(
        at=request.now,
        request_id=request.request_id,
        client_id=request.principal.client_id,
        principal_kind=request.principal.kind,
        purpose=request.purpose,
        case=request.case or None,
        operation_hash=operation_hash,
        operation_name=operation_name,
        released=released,
        denied=denied,
        subjects=subjects,
        sought=sought,
        rows=rows,
        rules=tuple(sorted({rule for rule, _ in rules})),
        bases=tuple(sorted({basis for _, basis in rules})),
        latency_us=latency_us,
        agreement=grant.agreement if grant else None,
        hidden=grant.hidden if grant else None,
    )


def _noting(request: Request) -> AbstractContextManager[None]:
    """Let the change go with what its entry will say."""
    return request.services.audit.noting(entry_of(request, (request.coordinate,), rows=1))


def _changes(coordinate: str) -> bool:
    return coordinate.startswith("Mutation.")


def nobody(_value: Any, _request: Request, _given: Mapping[str, Any]) -> Collection[Key]:
    """Return no one: the answer is about clients, rules or numbers."""
    return ()


def the_caller(_value: Any, request: Request, _given: Mapping[str, Any]) -> Collection[Key]:
    """Return the citizen who asks."""
    person = request.principal.person_key
    return () if person is None else (person,)


def the_child_or_caller(_value: Any, request: Request, given: Mapping[str, Any]) -> Collection[Key]:
    """Return whom the argument `child`, which may stand in `terms`, names: else the citizen who asks."""
    child = given.get("terms", given).get("child")
    return the_caller(_value, request, given) if child is None else (request.open_id(child, (IDENTITY,))[1],)


def those_shown(value: Any, _request: Request, _given: Mapping[str, Any]) -> Collection[Key]:
    """Return each `person` of what is shown: of one value, of a list, or of a page's `nodes`."""
    return {shown.person for shown in _values(value)}


def the_caller_and_those_shown(value: Any, request: Request, given: Mapping[str, Any]) -> Collection[Key]:
    """Return the citizen who asks, and whom of the children what is shown is about."""
    return {*the_caller(value, request, given), *those_shown(value, request, given)}


def _values(value: Any) -> list[Any]:
    nodes = getattr(value, "nodes", value)
    return nodes if isinstance(nodes, list) else [value]


def _shown(value: Any) -> int:
    """Return how many rows an answer shows; what is neither a list nor a page of one is one."""
    return len(_values(value))
