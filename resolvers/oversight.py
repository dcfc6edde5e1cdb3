"""What data-protection officers see of the record: operations, what clients ask for beside their grants, and alarms."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from auth.audit_alarms import Alarm
from auth.audit_search import FoundEntry, Outcome, Search
from auth.errors import Refused
from auth.principal import Fact, PrincipalKind
from resolvers.granted_fields import category_by_coordinate, granted_to
from resolvers.pages import DEFAULT_FIRST, PageInfoValue
from resolvers.request import Request
from resolvers.rights import permitted
from resolvers.usage import BANDS
from resolvers.usage_words import category_of

ENTRIES, REPORT, ALARMS = "audit.entry", "audit.report", "audit.alarm"
CURSOR = "cursor Query.auditEntries"
LARGEST = 100
MOST_OPERATIONS = 100_000
"""Operations that one report is made from: a second of the server's time."""
USUAL_PERIOD = timedelta(days=7)
FINDINGS = {"granted, never asked": "NEVER_ASKED", "asked, never released": "NEVER_RELEASED"}

Period = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class DenialValue:
    coordinate: str
    code: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class EntryValue:
    """One operation, without whom it concerned."""

    at: datetime
    client: str
    principal_kind: str
    purpose: str
    case: str | None
    agreement: str | None
    operation: str
    released: list[str]
    denied: list[DenialValue]
    rules: list[str]
    bases: list[str]
    rows: int
    subjects: str | None
    hidden_by: str | None
    hidden_until: date | None


@dataclass(frozen=True, slots=True)
class EntryPageValue:
    nodes: list[EntryValue]
    page_info: PageInfoValue


@dataclass(frozen=True, slots=True)
class Filters:
    """What an officer looks for; of a category, any field of it."""

    client: str | None = None
    purpose: str | None = None
    period: Period = (None, None)
    category: str | None = None
    coordinate: str | None = None
    outcome: str | None = None

    def search(self, request: Request) -> Search | None:
        """Return the search; None where nothing can fit. Raises Refused for what policy and schema do not know."""
        coordinates = self._coordinates(request)
        if coordinates is not None and not coordinates:
            return None
        outcome = None if self.outcome is None else Outcome[self.outcome]
        return Search(self.client, self.purpose, *checked(self.period), coordinates or frozenset(), outcome)

    def _coordinates(self, request: Request) -> frozenset[str] | None:
        if self.coordinate is not None and category_of(request.catalogue, self.coordinate) is None:
            raise Refused("`coordinate` is not a field of the schema, such as `Learner.fullName`")
        if self.category is None:
            return None if self.coordinate is None else frozenset({self.coordinate})
        if self.category not in request.services.policies.current.categories:
            raise Refused("`category` is not a data category of the policies")
        of_category = frozenset(
            coordinate for coordinate, category in category_by_coordinate(request).items() if category == self.category
        )
        return of_category if self.coordinate is None else of_category & {self.coordinate}


@dataclass(frozen=True, slots=True)
class FieldUseValue:
    coordinate: str
    category: str | None
    asked: int
    released: int
    denied: int
    granted: bool | None
    finding: str | None


@dataclass(frozen=True, slots=True)
class ReaderUseValue:
    client: str
    purpose: str
    operations: int
    fields: list[FieldUseValue]


async def entries(request: Request, filters: Filters, first: int | None, after: str | None) -> EntryPageValue | None:
    """Return a page of the operations that fit, the newest first; None where policy opens the record not to the caller.

    A page may be short before the end: what is rare is looked for in so many entries at a time.
    """
    size = DEFAULT_FIRST if first is None else first
    if not 1 <= size <= LARGEST:
        raise Refused(f"`first` must be between 1 and {LARGEST}, not {size}")
    position: Any = None if after is None else request.open_cursor(after, CURSOR, 3)
    if not _oversees(request, "Query.auditEntries", ENTRIES):
        return None
    search = filters.search(request)
    if search is None:
        return EntryPageValue([], PageInfoValue(False, after is not None, None, None))
    page = await request.services.audit.found(search, size, position)
    request.disclosure.rows += len(page.entries)
    start = request.sealer.seal(CURSOR, page.entries[0].position) if page.entries else None
    last = page.next_after or (page.entries[-1].position if page.entries else None)
    end = None if last is None else request.sealer.seal(CURSOR, last)
    info = PageInfoValue(page.next_after is not None, after is not None, start, end)
    return EntryPageValue([_entry(one) for one in page.entries], info)


async def report(
    request: Request, period: Period, client: str | None, purpose: str | None
) -> list[ReaderUseValue] | None:
    """Return what clients asked for in a period beside what they may have now; None where policy does not open it."""
    if not _oversees(request, "Query.minimisationReport", REPORT):
        return None
    audit = request.services.audit
    search = Search(client, purpose, *_usual(request, period))
    granted = await granted_to(request, await audit.readers(search))
    uses = await audit.minimisation(search, granted, MOST_OPERATIONS)
    request.disclosure.rows += len(uses)
    category = category_by_coordinate(request)
    return [
        ReaderUseValue(
            use.client_id,
            use.purpose,
            use.operations,
            [
                FieldUseValue(
                    one.coordinate,
                    category.get(one.coordinate),
                    one.asked,
                    one.released,
                    one.denied,
                    one.granted,
                    FINDINGS.get(one.finding),
                )
                for one in use.coordinates
            ],
        )
        for use in uses
    ]


async def alarms(request: Request, period: Period) -> list[Alarm] | None:
    """Return the alarms of a period, the newest first; None where policy does not open them."""
    if not _oversees(request, "Query.alarms", ALARMS):
        return None
    found = await request.services.audit.alarms(*_usual(request, period), MOST_OPERATIONS)
    request.disclosure.rows += len(found)
    return found


def checked(period: Period) -> Period:
    """Return the period. Raises Refused for a time without a zone, and an end before the beginning."""
    for name, at in zip(("from", "to"), period, strict=True):
        if at is not None and at.tzinfo is None:
            raise Refused(f"`{name}` must be a time with its zone, such as 2026-01-31T10:20:30Z")
    since, until = period
    if since is not None and until is not None and until < since:
        raise Refused("`to` must not be before `from`")
    return period


def _usual(request: Request, period: Period) -> tuple[datetime, datetime]:
    """Return the period, by default the week before its end, which is by default now."""
    since, until = checked(period)
    until = until or request.now + timedelta(seconds=1)
    return since or until - USUAL_PERIOD, until


def _oversees(request: Request, coordinate: str, category: str) -> bool:
    """Tell whether policy lets the client see it; the record is of no province, so its grant must cover the country."""
    is_client = request.principal.kind is PrincipalKind.CLIENT
    covers = is_client and request.jurisdiction.country and not request.jurisdiction.cohorts
    return permitted(request, Fact.JURISDICTION if covers else Fact(0), coordinate, category)


def _entry(one: FoundEntry) -> EntryValue:
    hidden_by, hidden_until = one.hidden or (None, None)
    return EntryValue(
        at=one.at,
        client=one.client_id,
        principal_kind=one.principal_kind.name,
        purpose=one.purpose,
        case=one.case,
        agreement=one.agreement,
        operation=one.request_id,
        released=list(one.released),
        denied=[DenialValue(coordinate, code, rule or None) for coordinate, code, rule in one.denied],
        rules=list(one.rules),
        bases=list(one.bases),
        rows=one.rows,
        subjects=None if one.band is None else BANDS[one.band],
        hidden_by=hidden_by,
        hidden_until=hidden_until,
    )
