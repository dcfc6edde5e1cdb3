"""What an operation is charged for the persons that it found and missed, by outcome: whoever asks, in whichever way."""

from collections.abc import Sequence
from functools import partial

from auth.errors import Refused, SharedStateUnavailable
from auth.limits.allowances import Allowance, headers, of_harvest, of_misses, of_requests
from auth.limits.harvest import HarvestGuard, HarvestState, miss_digests
from auth.limits.shared_state import Quota
from auth.principal import PrincipalKind
from resolvers.allowances import ALLOWANCES, Known
from resolvers.request.request import Request


def bar(harvest: HarvestGuard, request: Request, quota: Quota, *, mutation: bool) -> None:
    """Keep a client that is known to be stopped from persons: the Gate refuses them, and public data goes on.

    Raises that refusal for a mutation: all of a client's are about persons.
    """
    known: Known = partial(_allowances, harvest, quota)
    request.memo.put(ALLOWANCES, known)
    if request.grant is None:
        return
    request.disclosure.barred = harvest.refusal(request.grant, request.today)
    if mutation and request.disclosure.barred is not None:
        raise request.disclosure.barred


async def charge(
    harvest: HarvestGuard, request: Request, quota: Quota, subjects: Sequence[bytes], key: bytes, *, done: bool
) -> HarvestState | None:
    """Count the subjects and misses of the operation. Returns the client's state; None if unknown.

    Raises HarvestStopped and the like: then nothing counts as released. What is `done` already is told of all the same:
    there the stop counts from the next request on.
    """
    disclosure = request.disclosure
    misses: Sequence[bytes] = ()
    # a citizen's lists hold oneself and one's children: that one is empty tells nothing of anybody else
    lists = disclosure.missed_lists if request.grant is not None else ()
    if disclosure.missed_keys or lists:
        misses = miss_digests(key, request.request_id, disclosure.missed_keys, lists)
    try:
        if disclosure.barred is not None and disclosure.reached_persons:
            raise disclosure.barred
        if request.principal.kind is PrincipalKind.CITIZEN and misses:
            citizen = _citizen(request)
            await harvest.charge_citizen(request.principal.client_id, request.purpose, citizen, misses, request.today)
        elif request.grant is not None and (subjects or misses):
            return await harvest.charge(request.grant, subjects, misses, request.today)
    except Refused as refused:
        if done:
            return None
        disclosure.withhold(refused.code, "harvest-guard")
        refused.headers = {**rate_limits(request, quota, await _standing(harvest, request)), **refused.headers}
        raise
    except SharedStateUnavailable:
        disclosure.withhold("SHARED_STATE_UNAVAILABLE", "harvest-guard")
        raise
    return await _standing(harvest, request)


def rate_limits(request: Request, quota: Quota, state: HarvestState | None) -> dict[str, str]:
    """Return the header fields: of requests, and for a client of the persons of the day."""
    return headers(quota, state, request.now)


async def _standing(harvest: HarvestGuard, request: Request) -> HarvestState | None:
    """Return a client's state; None if unknown, since no decision about persons depends on it here."""
    try:
        return None if request.grant is None else await harvest.state(request.grant, request.today)
    except SharedStateUnavailable:
        return None


async def _allowances(harvest: HarvestGuard, quota: Quota, request: Request) -> Sequence[Allowance]:
    return of_requests(quota), *await _of_persons(harvest, request)


async def _of_persons(harvest: HarvestGuard, request: Request) -> Sequence[Allowance]:
    if request.grant is not None:
        return of_harvest(await harvest.state(request.grant, request.today), request.today)
    if request.principal.kind is not PrincipalKind.CITIZEN:
        return ()
    return (of_misses(*await harvest.strangers(request.purpose, _citizen(request), request.today)),)


def _citizen(request: Request) -> bytes:
    assert request.principal.person_key is not None
    return request.pseudonyms[request.principal.person_key]
