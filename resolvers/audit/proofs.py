"""The proofs of one operation, made in one batch and from one budget for all logs and pages."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from auth.audit.proof.usage_proof import HashBudget, Place, UsageProofValue
from auth.audit.usage.entries import UsageEntry
from resolvers.request.memo import MemoKey
from resolvers.request.request import Request

Entries = Callable[[], Awaitable[Sequence[UsageEntry]]]


class ProofsAsked:
    """The logs of an operation, and the proofs of their entries: of a window asked for by all of them, made once."""

    def __init__(self, request: Request) -> None:
        self._audit = request.services.audit
        self._budget = HashBudget()
        self._logs: list[Entries] = []
        self._making: dict[Place, asyncio.Task[Mapping[Place, UsageProofValue]]] = {}

    def expect(self, entries: Entries) -> None:
        """Register a log, whose entries are proved in one batch with those of the others."""
        self._logs.append(entries)

    async def proof(self, entry: UsageEntry) -> UsageProofValue | None:
        """Return the proof of an entry of such a log; None while there is none. Raises Refused beyond the budget."""
        place = entry.position[1:]
        if place not in self._making:
            pages = await asyncio.gather(*(entries() for entries in self._logs), return_exceptions=True)
            every = [entry for page in pages if not isinstance(page, BaseException) for entry in page]
            # what another alias has begun meanwhile is not begun again
            wanted = {entry.position[1:]: entry for entry in every if entry.position[1:] not in self._making}
            if wanted:
                making = asyncio.ensure_future(self._audit.proofs(wanted.values(), self._budget))
                self._making.update(dict.fromkeys(wanted, making))
        return (await asyncio.shield(self._making[place])).get(place)


def proofs_asked(request: Request) -> ProofsAsked:
    """Return those of the operation."""
    return request.memo.of(_PROOFS, None, lambda: ProofsAsked(request))


_PROOFS = MemoKey[ProofsAsked]()
