"""The comparison's tables in memory, for measuring executors without a database."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from bench.peers.bodies import citizen_id
from connectors.memory import MemorySource
from connectors.registry import sources_by_record
from connectors.source import Count, Lookup, Page, Row, Source

LEARNERS = range(1, 501)
INSTITUTIONS = range(1, 51)


class Remembered:
    """The same source, whose answers are computed once for each question: what is left is what the executor costs."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._answers: dict[Any, Any] = {}

    @property
    def register(self) -> str:
        return self._source.register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        await asyncio.sleep(0)  # as a register would give way
        if lookup not in self._answers:
            self._answers[lookup] = await self._source.rows(lookup)
        answer: Sequence[Row] = self._answers[lookup]
        return answer

    async def page(self, page: Page) -> Sequence[Row]:
        await asyncio.sleep(0)
        if page not in self._answers:
            self._answers[page] = await self._source.page(page)
        answer: Sequence[Row] = self._answers[page]
        return answer

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        return await self._source.counts(count)

    async def ready(self) -> None:
        return

    async def close(self) -> None:
        return


def remembered_sources() -> dict[str, Source]:
    """Return the source of each record: 500 learners with 3 enrolments, 1 credential and 2 residences each."""
    education = {"institution": _institutions(), "learner": _learners(), "enrolment": _enrolments()}
    population = {"residence_period": _residences(), "citizen": [], "guardianship": []}
    sources: Sequence[Source] = (
        MemorySource("education", education),
        MemorySource("credentials", {"credential": _credentials()}),
        MemorySource("population", population),
    )
    return sources_by_record({}, {source.register: Remembered(source) for source in sources})


def _institutions() -> list[dict[str, Any]]:
    return [
        {
            "code": str(number),
            "name": f"Trường Trung học phổ thông số {number}",
            "province_code": f"{1 + number % 34:02d}",
        }
        for number in INSTITUTIONS
    ]


def _learners() -> list[dict[str, Any]]:
    return [
        {
            "sector_code": str(number),
            "person_key": str(number),
            "link_state": "VERIFIED",
            "citizen_id": citizen_id(number),
            "full_name": f"Nguyễn Văn An {number}",
            "birth_date": date(2010, 1, 1) + timedelta(days=number),
            "sex": "MALE" if number % 2 else "FEMALE",
            "ethnicity": "Kinh",
            "nationality": "VN",
            "institution_code": str(1 + number % len(INSTITUTIONS)),
            "province_code": "01",
            "status": "STUDYING",
        }
        for number in LEARNERS
    ]


def _enrolments() -> list[dict[str, Any]]:
    return [
        {
            "id": f"{learner}-{stage}",
            "learner_code": str(learner),
            "institution_code": str(1 + (learner + stage) % len(INSTITUTIONS)),
            "level": ("PRIMARY", "LOWER_SECONDARY", "UPPER_SECONDARY")[stage],
            "grade": 1 + stage,
            "school_year": f"{2015 + 3 * stage}-{2016 + 3 * stage}",
            "average_mark": 7.5,
        }
        for learner in LEARNERS
        for stage in range(3)
    ]


def _credentials() -> list[dict[str, Any]]:
    return [
        {
            "id": str(number),
            "learner_code": str(number),
            "institution_code": str(1 + number % len(INSTITUTIONS)),
            "form": "DIPLOMA" if number % 2 else "CERTIFICATE",
            "kind": "UPPER_SECONDARY",
            "title": "Bằng tốt nghiệp THPT",
            "serial": f"S{number:09d}",
            "issued_on": date(2024, 6, 1),
            "status": "ISSUED",
        }
        for number in LEARNERS
    ]


def _residences() -> list[dict[str, Any]]:
    return [
        {
            "id": f"{learner}-{place}",
            "person_key": str(learner),
            "kind": "PERMANENT",
            "unit_code": f"{learner:05d}",
            "province_code": "01",
            "from_date": date(2010 + 5 * place, 1, 1),
            "to_date": None if place else date(2014, 12, 31),
        }
        for learner in LEARNERS
        for place in range(2)
    ]
