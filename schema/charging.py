"""What an operation is charged for the persons that it found and missed, by outcome: whoever asks, in whichever way."""

from collections.abc import Sequence

from auth.errors import Refused, SharedStateUnavailable
from auth.harvest import HarvestGuard, HarvestStopped, miss_digests
from auth.principal import PrincipalKind
from resolvers.request import Request


def bar(harvest: HarvestGuard, request: Request, *, mutation: bool) -> None:
    """Keep a client that is known to be stopped from persons: the Gate refuses them, and public data goes on.

    Raises that refusal for a mutation: all of a client's are about persons.
    """
    if request.grant is None:
        return
    request.disclosure.barred = harvest.refusal(request.grant, request.today)
    if mutation and request.disclosure.barred is not None:
        raise request.disclosure.barred


async def charge(harvest: HarvestGuard, request: Request, subjects: Sequence[bytes], key: bytes, *, done: bool) -> None:
    """Count whom the operation found and missed. Raises HarvestStopped and the like: then nothing counts as released.

    What is `done` already is told of all the same: there the stop counts from the next request on.
    """
    disclosure = request.disclosure
    misses = miss_digests(key, request.request_id, disclosure.missed_keys, disclosure.missed_lists)
    try:
        if disclosure.barred is not None and disclosure.reached_persons:
            raise disclosure.barred
        if request.principal.kind is PrincipalKind.CITIZEN and misses:
            assert request.principal.person_key is not None
            citizen = request.pseudonyms[request.principal.person_key]
            await harvest.charge_citizen(request.principal.client_id, request.purpose, citizen, misses, request.today)
        elif request.grant is not None and (subjects or misses):
            await harvest.charge(request.grant, subjects, misses, request.today)
    except Refused as refused:
        if isinstance(refused, HarvestStopped) and done:
            return
        disclosure.withhold(refused.code, "harvest-guard")
        raise
    except SharedStateUnavailable:
        disclosure.withhold("STATE_UNAVAILABLE", "harvest-guard")
        raise
