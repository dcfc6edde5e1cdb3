"""Who asks directly for somebody else makes the same reads, row or no row: how long it takes tells nobody apart."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from auth.principal import Cohort, Jurisdiction
from connectors.errors import SourceUnavailable
from connectors.source import Lookup
from engine.gate import OutputColumn, RowQuery
from tests.resolvers.requests import ROWS, Asked, citizen_asking, guardianship

pytestmark = pytest.mark.anyio

PEOPLE = ("me", "child", "stranger", "two")
WORLD = {
    **ROWS,
    "credential": [
        {"id": f"diploma of {row['sector_code']}", "learner_code": row["sector_code"]} for row in ROWS["learner"]
    ],
    "residence_period": [{"id": f"home of {person}", "person_key": person} for person in PEOPLE],
    "guardianship": [guardianship("me", "child"), {**guardianship("two", "stranger"), "id": "strangers"}],
    "institution": [{"code": "T1", "unit_code": "00001"}],
}
COHORTS = frozenset({Cohort("2026-2027", "PRIMARY")})
CALLERS: dict[str, Callable[[], Asked]] = {
    "citizen": lambda: citizen_asking(rows=WORLD),
    "employer": lambda: Asked("employer", "diploma-verification", rows=WORLD),
    "school": lambda: _agency("school", institutions=frozenset({"T1"})),
    "school of cohorts": lambda: _agency("school", institutions=frozenset({"T1"}), cohorts=COHORTS),
    "department": lambda: _agency("provincial-department", provinces=frozenset({"01"})),
    "communes": lambda: _agency("provincial-department", communes=frozenset({"00001"})),
    "university": lambda: Asked("university", "university-admission", rows=WORLD),
}


def _agency(role: str, **covers: Any) -> Asked:
    return Asked(role, "school-management", jurisdiction=Jurisdiction(**covers), rows=WORLD)


def _ask(record: str, by: str, existence: str) -> RowQuery:
    """Return a direct ask for rows by a column."""
    return RowQuery(record, by, existence, "Query.node", (OutputColumn(by, existence, "T.key"),), direct=True)


LEARNERS = [_ask("learner", "sector_code", "learner.record"), _ask("learner", "citizen_id", "learner.record")]
WAYS = {
    "a learner's code": (LEARNERS[0], ("strangers", "unlinked", "nobody's", "mismatched")),
    "a citizen number": (LEARNERS[1], ("number of strangers",)),
    "a credential's id": (_ask("credential", "id", "credential"), ("diploma of strangers", "diploma of unlinked")),
    "an enrolment's id": (_ask("enrolment", "id", "schooling"), ("strangers 1", "unlinked 1")),
    "a citizen's id": (_ask("citizen", "person_key", "identity.record"), ("stranger",)),
    "a residence's id": (_ask("residence_period", "id", "residence.period"), ("home of stranger",)),
    "a guardianship's id": (_ask("guardianship", "id", "guardianship"), ("strangers",)),
}


async def _reads(asked: Asked, ask: RowQuery, *keys: str) -> tuple[list[Any], list[Any], list[int]]:
    """Return the rows handed up, and what was read: questions without their keys, consents by their number."""
    rows = await asked.looked_up(ask, *keys)
    questions = [
        question._replace(keys=(len(question.keys),)) if isinstance(question, Lookup) else question
        for question in asked.questions
    ]
    return rows, questions, [len(subjects) for subjects in asked.agreed.asked]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("caller", CALLERS)
async def test_a_hidden_row_and_no_row_are_read_alike(caller: str, way: str) -> None:
    ask, keys = WAYS[way]
    nobody = await _reads(CALLERS[caller](), ask, "not there")
    hidden = 0
    for key in keys:
        somebody = await _reads(CALLERS[caller](), ask, key)
        if not somebody[0]:
            hidden += 1
            assert somebody == nobody, key
    if caller in ("citizen", "employer", "university"):
        assert hidden > 0


@pytest.mark.parametrize("caller", CALLERS)
async def test_several_at_once_are_read_alike(caller: str) -> None:
    ask, _ = WAYS["a learner's code"]
    nobody = await _reads(CALLERS[caller](), ask, "not there", "nor there")
    somebody = await _reads(CALLERS[caller](), ask, "strangers", "nor there")
    assert somebody == nobody


@pytest.mark.parametrize("caller", ["citizen", "employer"])
async def test_the_same_key_by_two_ways_is_read_alike(caller: str) -> None:
    reads = []
    for code in ("strangers", "not there"):
        asked = CALLERS[caller]()
        first = await _reads(asked, LEARNERS[0], code)
        second = await _reads(asked, replace(LEARNERS[0], coordinate="Query.learner"), code)
        reads.append((first, second))
    assert reads[0] == reads[1]


async def test_ones_own_record_is_read_while_the_population_register_is_away() -> None:
    asked = citizen_asking(rows=WORLD, away=frozenset({"population"}))
    assert await asked.looked_up(LEARNERS[0], "own") == [["own", "own"]]
    assert await asked.looked_up(WAYS["a credential's id"][0], "diploma of own") != []
    assert asked.sources["population"].asked == []


@pytest.mark.parametrize("code", ["strangers", "unlinked", "not there"])
async def test_strangers_and_nobody_fail_alike_while_the_population_register_is_away(code: str) -> None:
    asked = citizen_asking(rows=WORLD, away=frozenset({"population"}))
    with pytest.raises(SourceUnavailable):
        await asked.looked_up(LEARNERS[0], code)


async def test_who_may_be_known_of_is_not_read_about_for_others_sake() -> None:
    asked = CALLERS["department"]()
    assert await asked.looked_up(LEARNERS[0], "own") == [["own", "own"]]
    assert asked.agreed.asked == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("role", "purpose"),
    [("provincial-department", "school-management"), ("population-service", "residence-registration")],
)
async def test_nobody_is_recorded_as_shown_to_who_has_the_whole_country(role: str, purpose: str, way: str) -> None:
    asked = Asked(role, purpose, jurisdiction=Jurisdiction(country=True), rows=WORLD)
    assert await asked.looked_up(WAYS[way][0], "not there", "nor there") == []
    noted = asked.disclosure
    assert (noted.rows, noted.released, noted.rules, noted.subjects) == (0, set(), set(), set())
