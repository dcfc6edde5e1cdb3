"""What is left of each of the caller's limits, as of before this operation was charged."""

from collections.abc import Awaitable, Callable, Sequence

from auth.limits.allowances import Allowance
from resolvers.request.request import Request

ALLOWANCES = "allowances"
"""Where the memo of a request has who knows them."""

Known = Callable[[Request], Awaitable[Sequence[Allowance]]]
"""It is given the request: one that held it would lie in a cycle with it, and wait for the garbage collector."""


async def allowances(request: Request) -> Sequence[Allowance] | None:
    """Return the caller's limits; None where policy does not let the caller ask about its own access.

    Raises SharedStateUnavailable where they cannot be counted now.
    """
    if not request.gate.permitted("access", "Query.limits"):
        return None
    known: Known | None = request.memo.get(ALLOWANCES)
    return () if known is None else await known(request)
