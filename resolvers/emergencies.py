"""Readings in emergencies: the notices of those whom they concern, and the queue of those who review them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from auth.emergencies import EmergencyReadingValue, Review, ReviewState
from auth.errors import Refused
from auth.principal import Fact
from connectors.source import Key
from reference.normal_form import nfc
from resolvers.audit.usage import asked_under
from resolvers.reference_executor.pages import PageInfoValue, checked_first, page_info
from resolvers.request.representation import permitted, permitted_over_the_country, represented
from resolvers.request.request import IDENTITY, Request

READING, CURSOR = "emergency reading", "cursor Query.emergencyReadings"
CATEGORY, NOTICES = "emergency", "data-usage"
LONGEST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class EmergencyNoticeValue:
    """One reading as its subject, or the guardian, is told of it."""

    subject: str
    at: datetime
    client: str
    purpose: str
    reason: str
    request_id: str
    state: str
    reviewed_at: datetime | None
    words: str | None
    person: Key


@dataclass(frozen=True, slots=True)
class ReadingValue:
    """One reading as those see it who review it; whom it concerned is not said."""

    id: str
    at: datetime
    client: str
    purpose: str
    reason: str
    request_id: str
    subject_count: int
    hidden_until: date | None
    state: str
    reviewed_at: datetime | None
    reviewed_by: str | None
    words: str | None


@dataclass(frozen=True, slots=True)
class ReadingPageValue:
    nodes: list[ReadingValue]
    page_info: PageInfoValue


async def notices_of_caller(request: Request) -> list[EmergencyNoticeValue] | None:
    """Return the notices about the citizen and the children in care, the newest first."""
    if not permitted(request, Fact.SELF, NOTICES):
        return None
    told: list[tuple[int, EmergencyNoticeValue]] = []
    for subject in await represented(request, NOTICES):
        known = request.global_id(IDENTITY, subject)
        # a reading of a record whose link was verified since is told as well
        keys = [subject, *(await asked_under(request, subject, request.coordinate) or ())]
        for reading in await request.services.emergencies.of_subject(keys, request.today):
            told.append((reading.id, _notice(known, subject, reading)))
    return [notice for _, notice in sorted(told, key=lambda pair: pair[0], reverse=True)]


async def queue(request: Request, state: str, first: int | None, after: str | None) -> ReadingPageValue | None:
    """Return a page of the readings in a state, the oldest first; None where policy gives the client none to review."""
    size = checked_first(first)
    position: Any = None if after is None else request.open_cursor(after, CURSOR, 1)[0]
    if not permitted_over_the_country(request, CATEGORY):
        return None
    found = await request.services.emergencies.queue(ReviewState[state], size + 1, position)
    shown = found[:size]
    info = page_info(request, CURSOR, [(reading.id,) for reading in shown], len(found) > size, after)
    return ReadingPageValue([_reading(request, reading) for reading in shown], info)


async def review(request: Request, id: str, justified: bool, words: str) -> ReadingValue:
    """Judge a reading of another client. Raises Refused for one that is judged already, or one's own."""
    if not permitted_over_the_country(request, CATEGORY):
        raise Refused("this client reviews no readings for this purpose", "FORBIDDEN")
    if not 1 <= len(words.strip()) <= LONGEST_WORDS:
        raise Refused(f"`words` must be a text of 1 to {LONGEST_WORDS} characters")
    number = request.sealer.open(id, READING)
    assert isinstance(number, int)
    judgement = Review(request.now, request.principal.client_id, nfc(words.strip()))
    return _reading(request, await request.services.emergencies.review(number, justified, judgement))


def _notice(known: str, person: Key, one: EmergencyReadingValue) -> EmergencyNoticeValue:
    use, judged = one.use, one.review
    return EmergencyNoticeValue(
        subject=known,
        at=use.at,
        client=use.client_id,
        purpose=use.purpose,
        reason=use.reason,
        request_id=use.request_id,
        state=one.state.name,
        reviewed_at=judged.at if judged else None,
        words=judged.words if judged else None,
        person=person,
    )


def _reading(request: Request, one: EmergencyReadingValue) -> ReadingValue:
    use, judged = one.use, one.review
    return ReadingValue(
        id=request.sealer.seal(READING, one.id),
        at=use.at,
        client=use.client_id,
        purpose=use.purpose,
        reason=use.reason,
        request_id=use.request_id,
        subject_count=one.subjects,
        hidden_until=use.hidden_until,
        state=one.state.name,
        reviewed_at=judged.at if judged else None,
        reviewed_by=judged.by if judged else None,
        words=judged.words if judged else None,
    )
