"""Who read what of the citizen who asks: the same log that officers read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auth.audit_usage import UsageEntry
from auth.errors import Refused
from resolvers.pages import DEFAULT_FIRST, PageInfoValue
from resolvers.request import Request

CURSOR = "cursor Me.dataUsage"
LARGEST = 100


@dataclass(frozen=True, slots=True)
class DeniedValue:
    """A coordinate that was asked for and denied, and why."""

    coordinate: str
    code: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class UsageValue:
    """One operation about the citizen."""

    at: datetime
    client: str
    purpose: str
    case: str | None
    released: list[str]
    denied: list[DeniedValue]


@dataclass(frozen=True, slots=True)
class UsagePageValue:
    nodes: list[UsageValue]
    page_info: PageInfoValue


async def usage_of_caller(request: Request, first: int | None, after: str | None) -> UsagePageValue:
    """Return a page of the operations that concerned the citizen, the newest first."""
    person = request.principal.person_key
    if person is None:
        raise Refused("only a citizen has a log of data usage", "UNAUTHENTICATED")
    size = DEFAULT_FIRST if first is None else first
    if not 1 <= size <= LARGEST:
        raise Refused(f"`first` must be between 1 and {LARGEST}, not {size}")
    position: Any = None if after is None else request.open_cursor(after, CURSOR, 3)
    page = await request.services.audit.usage(person, size, position)
    cursors = [request.sealer.seal(CURSOR, entry.position) for entry in page.entries[:1] + page.entries[-1:]]
    info = PageInfoValue(page.has_next, after is not None, *(cursors or (None, None)))
    return UsagePageValue([_shown(entry) for entry in page.entries], info)


def _shown(entry: UsageEntry) -> UsageValue:
    denied = [DeniedValue(coordinate, code, rule or None) for coordinate, code, rule in entry.denied]
    return UsageValue(entry.at, entry.client_id, entry.purpose, entry.case, list(entry.released), denied)
