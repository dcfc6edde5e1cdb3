"""Asking for consent tells nothing of who exists, is not repeated at will, and waits for a decision."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.consent.requests import MOST_OPEN, ConsentRequests, Decision
from auth.consent.terms import Frequency, Period, Terms
from auth.crypto.keys import Key, Keys, learner_subject
from auth.errors import Refused

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
TERMS = Terms(
    "employer", "diploma-verification", frozenset({"credential"}), date(2027, 6, 30), Frequency(3, Period.WEEK), 30
)
PERSON: Key = "001099012345"


@pytest.fixture
def requests(engine: AsyncEngine, keys: Keys) -> ConsentRequests:
    return ConsentRequests(engine, keys)


async def test_a_request_waits_for_the_person_and_for_nobody_else(requests: ConsentRequests) -> None:
    asked = await requests.ask(PERSON, TERMS, AT)

    assert (asked.terms, asked.decision) == (TERMS, None)
    assert await requests.open_for([PERSON], date(2026, 11, 21)) == [asked]
    assert await requests.open_for(["001099054321"], date(2026, 11, 21)) == []


async def test_a_learner_is_asked_by_the_code(requests: ConsentRequests) -> None:
    asked = await requests.ask(learner_subject(PERSON), TERMS, AT)

    assert await requests.open_for([PERSON], date(2026, 11, 21)) == []  # a code is no number, whatever its digits
    assert await requests.open_for([PERSON, learner_subject(PERSON)], date(2026, 11, 21)) == [asked]


async def test_the_same_is_not_asked_twice(requests: ConsentRequests) -> None:
    first = await requests.ask(PERSON, TERMS, AT)

    assert await requests.ask(PERSON, TERMS, AT + timedelta(days=1)) == first


@pytest.mark.parametrize(("after", "shown"), [(timedelta(days=29), False), (timedelta(days=31), True)])
async def test_who_has_refused_is_left_alone_for_a_while(
    requests: ConsentRequests, after: timedelta, shown: bool
) -> None:
    first = await requests.ask(PERSON, TERMS, AT)
    await requests.decide(first.id, Decision.DECLINED, PERSON, AT)
    again = await requests.ask(PERSON, TERMS, AT + after)

    assert (again.id != first.id) is shown
    assert bool(await requests.open_for([PERSON], date(2026, 12, 20))) is shown


async def test_a_client_cannot_flood_a_person(requests: ConsentRequests) -> None:
    for days in range(MOST_OPEN + 3):
        await requests.ask(PERSON, replace(TERMS, valid_to=TERMS.valid_to + timedelta(days)), AT)

    assert len(await requests.open_for([PERSON], date(2026, 11, 21))) == MOST_OPEN


@pytest.mark.parametrize(("on", "shown"), [(date(2027, 2, 19), True), (date(2027, 2, 20), False)])
async def test_a_request_is_forgotten_after_ninety_days(requests: ConsentRequests, on: date, shown: bool) -> None:
    await requests.ask(PERSON, TERMS, AT)

    assert bool(await requests.open_for([PERSON], on)) is shown


async def test_the_first_decision_stands(requests: ConsentRequests) -> None:
    asked = await requests.ask(PERSON, TERMS, AT)
    await requests.decide(asked.id, Decision.DECLINED, PERSON, AT)
    decided = await requests.decide(asked.id, Decision.GRANTED, PERSON, AT + timedelta(days=1))

    assert (decided.decision, decided.decided_at) == (Decision.DECLINED, AT)
    with pytest.raises(Refused, match="`id` is not a request that waits"):
        await requests.one(asked.id, [PERSON], date(2026, 11, 21))


async def test_a_day_that_has_passed_is_refused(requests: ConsentRequests) -> None:
    with pytest.raises(Refused, match="`until` has already passed"):
        await requests.ask(PERSON, replace(TERMS, valid_to=date(2026, 11, 20)), AT)
