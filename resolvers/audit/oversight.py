"""What data-protection officers see of the record: operations, what clients ask for beside their grants, and alarms."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from auth.audit.oversight.alarms import Alarm
from auth.audit.oversight.search import EntryOutcome, FoundEntry, Search
from auth.errors import Refused
from resolvers.audit.granted_fields import category_by_coordinate, granted_to
from resolvers.audit.words import category_of
from resolvers.reference_executor.pages import PageInfoValue, checked_first, page_info
from resolvers.request.instants import instant
from resolvers.request.memo import MemoKey
from resolvers.request.representation import permitted_over_the_country
from resolvers.request.request import Request

ENTRIES, REPORT, ALARMS = "audit.entry", "audit.report", "audit.alarm"
CURSOR = "cursor Query.auditEntries"
MOST_OPERATIONS = 100_000
"""Operations that one report is made from: a second of the server's time."""
USUAL_PERIOD = timedelta(days=7)
_READ = MemoKey[bool]()
"""Where the memo of a request notes what has been asked of the record."""

Period = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class DenialValue:
    coordinate: str
    code: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class EntryValue:
    """One operation, without the persons concerned."""

    at: datetime
    client: str
    principal_kind: str
    purpose: str
    case: str | None
    agreement: str | None
    request_id: str
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
    complete: bool = True


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
        outcome = None if self.outcome is None else EntryOutcome[self.outcome]
        return Search(self.client, self.purpose, *checked_period(self.period), coordinates or frozenset(), outcome)

    def _coordinates(self, request: Request) -> frozenset[str] | None:
        if self.coordinate is not None and category_of(request.catalogue, self.coordinate) is None:
            raise Refused("`coordinate` is not a field of the schema, such as `Learner.fullName`")
        if self.category is None:
            return None if self.coordinate is None else frozenset({self.coordinate})
        if self.category not in request.policies.categories:
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
    size = checked_first(first)
    position: Any = None if after is None else request.open_cursor(after, CURSOR, 3)
    if not permitted_over_the_country(request, ENTRIES):
        return None
    _once(request, "auditEntries")
    search = filters.search(request)
    if search is None:
        return EntryPageValue([], page_info(request, CURSOR, [], False, after))
    page = await request.services.audit.found(search, size, position)
    info = page_info(request, CURSOR, [entry.position for entry in page.entries], page.next_after is not None, after)
    if page.next_after is not None:  # further on than the last entry that fits
        info = replace(info, end_cursor=request.sealer.seal(CURSOR, page.next_after))
    return EntryPageValue([_entry(entry) for entry in page.entries], info, page.whole)


async def report(
    request: Request, period: Period, client: str | None, purpose: str | None
) -> list[ReaderUseValue] | None:
    """Return what clients asked for in a period beside what they may have now; None where policy does not open it."""
    if not permitted_over_the_country(request, REPORT):
        return None
    _once(request, "minimisationReport")
    audit = request.services.audit
    search = Search(client, purpose, *_usual(request, period))
    granted = await granted_to(request, search)
    uses = await audit.minimisation(search, granted, MOST_OPERATIONS)
    category = category_by_coordinate(request)
    return [
        ReaderUseValue(
            use.client_id,
            use.purpose,
            use.operations,
            [
                FieldUseValue(
                    field_use.coordinate,
                    category.get(field_use.coordinate),
                    field_use.asked,
                    field_use.released,
                    field_use.denied,
                    field_use.granted,
                    field_use.finding.name if field_use.finding else None,
                )
                for field_use in use.coordinates
            ],
        )
        for use in uses
    ]


async def alarms(request: Request, period: Period) -> list[Alarm] | None:
    """Return the alarms of a period, the newest first; None where policy does not open them."""
    if not permitted_over_the_country(request, ALARMS):
        return None
    _once(request, "alarms")
    return await request.services.audit.alarms(*_usual(request, period), MOST_OPERATIONS)


def _once(request: Request, name: str) -> None:
    """Raise Refused for a second such reading of the record in one operation: each may take seconds."""
    if request.memo.known(_READ, name):
        raise Refused(f"`{name}` may be asked once in an operation")
    request.memo.put(_READ, True, name)


def checked_period(period: Period) -> Period:
    """Return the period in UTC. Raises Refused for a time that is none, and an end before the beginning."""
    since, until = instant(period[0], "from"), instant(period[1], "to")
    if since is not None and until is not None and until < since:
        raise Refused("`to` must not be before `from`")
    return since, until


def _usual(request: Request, period: Period) -> tuple[datetime, datetime]:
    """Return the period, by default the week before its end, which is by default now."""
    since, until = checked_period(period)
    until = until or request.now + timedelta(seconds=1)
    return since or until - USUAL_PERIOD, until


def _entry(one: FoundEntry) -> EntryValue:
    return EntryValue(
        at=one.at,
        client=one.client_id,
        principal_kind=one.principal_kind.name,
        purpose=one.purpose,
        case=one.case,
        agreement=one.agreement,
        request_id=one.request_id,
        released=list(one.released),
        denied=[DenialValue(coordinate, code, rule or None) for coordinate, code, rule in one.denied],
        rules=list(one.rules),
        bases=list(one.bases),
        rows=one.rows,
        subjects=None if one.band is None else one.band.name,
        hidden_by=one.hidden.citation if one.hidden else None,
        hidden_until=one.hidden.until if one.hidden else None,
    )
