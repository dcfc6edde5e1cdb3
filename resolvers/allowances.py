"""What is left of each of the caller's limits, as of before this operation was charged."""

from collections.abc import Awaitable, Callable, Sequence

from auth.limits.allowances import Allowance
from resolvers.request.memo import MemoKey
from resolvers.request.request import Request

Known = Callable[[Request], Awaitable[Sequence[Allowance]]]
"""It is given the request: one that held it would lie in a cycle with it, and wait for the garbage collector."""

ALLOWANCES = MemoKey[Known]()
"""Who knows them."""


async def allowances(request: Request) -> Sequence[Allowance] | None:
    """Return the caller's limits; None where policy does not let the caller ask about its own access.

    Raises SharedStateUnavailable where they cannot be counted now.
    """
    if not request.gate.permitted("access", "Query.limits"):
        return None
    known = request.memo.known(ALLOWANCES)
    return () if known is None else await known(request)
