"""Pages of a person's log by number or by cursor; each entry occurs once, whatever is added meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auth.audit.usage.entries import UsageEntry
from auth.errors import Refused
from connectors.source import Key
from resolvers.request.request import Request

CURSOR = "cursor findUsage"
BEGUN, CONTINUED = "findUsage", "findUsagePage"
"""Names of the operations that begin a walk and that go on with one: where a walk began is found in the log itself."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What is asked of a log: a period, and how far into it by number or after a cursor."""

    period: tuple[datetime | None, datetime | None]
    limit: int
    offset: int
    after: str | None

    @property
    def operation(self) -> str:
        """The name that the record has for this answer."""
        return CONTINUED if self.offset or self.after is not None else BEGUN


@dataclass(frozen=True, slots=True)
class WalkedPage:
    """`total`: entries of the walk; `after`: the cursor of the next page, None at the end."""

    entries: Sequence[UsageEntry]
    total: int
    after: str | None
    whole: bool


async def walked(request: Request, person: Key, also: Sequence[Key], walk: Walk) -> WalkedPage:
    """Return a page, the newest first, of what the log had when the walk began. Raises Refused for a foreign cursor.

    By cursor a page takes the same however far it is; by number the index of what is skipped is read.
    """
    audit = request.services.audit
    whose = person, also, request.today
    own = request.services.keys.pseudonym(person).hex()
    place: Any = None
    if walk.after is not None:
        *place, until, total, whose_walk = request.open_cursor(walk.after, CURSOR, 6)
        if whose_walk != own:
            raise Refused("`after` is not a cursor of this log")
    else:
        begun = None
        if walk.offset and walk.period[1] is None:
            begun = await audit.walk_began(*whose, request.principal.client_id, BEGUN)
        until = walk.period[1] or begun or request.now
        total = await audit.usage_number(*whose, (walk.period[0], until))
    page = await audit.usage_in(
        *whose, (walk.period[0], until), walk.limit, walk.offset, None if place is None else tuple(place)
    )
    more = page.has_next and page.last is not None
    after = request.sealer.seal(CURSOR, (*(page.last or ()), until, total, own)) if more else None
    return WalkedPage(page.entries, total, after, page.whole)
