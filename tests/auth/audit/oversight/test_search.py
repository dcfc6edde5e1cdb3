"""Officers find operations by client, purpose, period, coordinate and outcome, and see what each client needs."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.oversight.minimisation import CoordinateUse, CountedReaderUse, MinimisationFinding, minimisation
from auth.audit.oversight.search import EntryOutcome, FoundPage, Search, found
from auth.audit.record import Audit
from auth.audit.usage.entries import Position
from auth.crypto.keys import Keys
from tests.auth.record import ENTRY, RECORD

pytestmark = pytest.mark.anyio

MINUTES = [ENTRY.at + timedelta(minutes=minute) for minute in range(8)]
NAME, PHONE, BIRTH = "Learner.fullName", "Learner.phone", "Learner.birthDate"
DENIED = ((PHONE, "ROLE_NOT_PERMITTED", "school-contact"),)


@pytest.fixture
async def record(engine: AsyncEngine, keys: Keys) -> AsyncIterator[AsyncEngine]:
    """Eight operations, a minute apart: five of a school, three of the police for another purpose."""
    audit = Audit(engine, keys)
    await audit.start()
    school = dataclasses.replace(ENTRY, released=(NAME,), denied=DENIED)
    police = dataclasses.replace(ENTRY, client_id="police", purpose="residence-registration", denied=())
    for minute, at in enumerate(MINUTES):
        entry = school if minute < 5 else dataclasses.replace(police, released=(NAME, BIRTH) if minute == 7 else ())
        await audit.record(dataclasses.replace(entry, at=at, request_id=f"r-{minute}"))
    await audit.stop()
    yield engine


SEARCHES = {
    "all": (Search(), "76543210"),
    "of a client": (Search(client_id="police"), "765"),
    "of nobody known": (Search(client_id="nobody"), ""),
    "for a purpose": (Search(purpose="school-management"), "43210"),
    "in a period": (Search(since=MINUTES[3], until=MINUTES[6]), "543"),
    "about a coordinate": (Search(coordinates=frozenset({BIRTH})), "7"),
    "about one of several": (Search(coordinates=frozenset({BIRTH, PHONE})), "743210"),
    "that released it": (Search(coordinates=frozenset({PHONE}), outcome=EntryOutcome.RELEASED), ""),
    "that denied it": (Search(coordinates=frozenset({PHONE}), outcome=EntryOutcome.DENIED), "43210"),
    "that released anything": (Search(outcome=EntryOutcome.RELEASED), "743210"),
    "that denied anything": (Search(client_id="school", since=MINUTES[4], outcome=EntryOutcome.DENIED), "4"),
}


@pytest.mark.parametrize(("search", "minutes"), SEARCHES.values(), ids=SEARCHES.keys())
async def test_an_officer_finds_operations(record: AsyncEngine, search: Search, minutes: str) -> None:
    page = await found(record, RECORD, search, 100)

    assert [entry.request_id for entry in page.entries] == [f"r-{minute}" for minute in minutes]
    assert page.next_after is None


async def test_an_operation_is_shown_without_whom_it_concerned(record: AsyncEngine) -> None:
    [entry] = (await found(record, RECORD, Search(coordinates=frozenset({BIRTH})), 1)).entries

    assert (entry.at, entry.client_id, entry.purpose) == (MINUTES[7], "police", "residence-registration")
    assert (entry.case, entry.operation_name, entry.rows) == ("H01-7", "Class", 1)
    assert (entry.released, entry.denied, entry.rules) == ((NAME, BIRTH), (), ("school-names",))
    assert not any("subject" in name for name in dataclasses.asdict(entry))


@pytest.mark.parametrize("looked_at", [20_000, 4, 3, 1])
async def test_pages_follow_each_other_without_gap_or_repetition(record: AsyncEngine, looked_at: int) -> None:
    pages: list[FoundPage] = []
    after: Position | None = None
    while not pages or after is not None:
        pages.append(await found(record, RECORD, Search(coordinates=frozenset({NAME})), 2, after, looked_at))
        after = pages[-1].next_after

    ids = [entry.request_id for page in pages for entry in page.entries]
    assert ids == [f"r-{minute}" for minute in "743210"]
    assert max(len(page.entries) for page in pages) <= 2


async def test_the_report_sets_what_was_asked_beside_what_was_released(record: AsyncEngine) -> None:
    assert await minimisation(record, RECORD, Search()) == [
        CountedReaderUse("police", "residence-registration", 3, (_use(BIRTH, 1, 1, 0), _use(NAME, 1, 1, 0))),
        CountedReaderUse("school", "school-management", 5, (_use(NAME, 5, 5, 0), _use(PHONE, 5, 0, 5))),
    ]
    [school] = await minimisation(record, RECORD, Search(client_id="school", until=MINUTES[2]))
    assert (school.operations, [one.finding for one in school.coordinates]) == (
        2,
        [None, MinimisationFinding.NEVER_RELEASED],
    )


async def test_the_report_names_what_was_granted_and_never_asked(record: AsyncEngine) -> None:
    granted = {
        ("school", "school-management"): frozenset({NAME, BIRTH}),
        ("school", "statistics"): frozenset({NAME}),
        ("police", "residence-registration"): frozenset({NAME}),
    }

    assert await minimisation(record, RECORD, Search(client_id="school"), granted) == [
        CountedReaderUse(
            "school",
            "school-management",
            5,
            (_use(BIRTH, 0, 0, 0, True), _use(NAME, 5, 5, 0, True), _use(PHONE, 5, 0, 5, False)),
        ),
        CountedReaderUse("school", "statistics", 0, (_use(NAME, 0, 0, 0, True),)),
    ]
    assert _use(BIRTH, 0, 0, 0, True).finding is MinimisationFinding.NEVER_ASKED


def _use(coordinate: str, asked: int, released: int, denied: int, granted: bool | None = None) -> CoordinateUse:
    return CoordinateUse(coordinate, asked, released, denied, granted)
