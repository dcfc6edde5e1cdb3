"""A question that finds nobody is a miss, by whichever way it is asked, whether nobody is there or somebody hidden."""

from typing import Any

import pytest

from auth.principal import Jurisdiction
from connectors.source import Count, Page
from engine.declarations import Test
from engine.gate import OutputColumn, RowQuery
from tests.leaks.callers import CALLER
from tests.leaks.trial import Trial
from tests.resolvers.requests import Asked, learner_ask

pytestmark = pytest.mark.anyio

HANOI = Jurisdiction(provinces=frozenset({"01"}))
LIST = RowQuery(
    "learner",
    "institution_code",
    "learner.record",
    "Query.learners",
    (OutputColumn("sector_code", "learner.record", "Query.learners"),),
)
KEY_ORDER = (("sector_code", False),)
NARROWED: dict[str, tuple[tuple[Test, str], ...]] = {
    name: ((("full_name", "starts-with", f"name of {name}"), "identity.name"),) for name in ("own", "childs", "nobody")
}


def asking() -> Asked:
    """Return a request of a department whose province has `own` and the school T1, and not `childs` and T2."""
    return Asked("provincial-department", "school-management", jurisdiction=HANOI)


async def key(asked: Asked, name: str) -> None:
    await asked.looked_up(learner_ask(), name)


async def batch(asked: Asked, name: str) -> None:
    await asked.looked_up(learner_ask(), "twos", name, name)


async def person(asked: Asked, name: str) -> None:
    by_person = {"own": "me", "childs": "child"}.get(name, name)
    await asked.looked_up(
        RowQuery("citizen", "person_key", "identity.record", "Query.node", (), direct=True), by_person
    )


async def enrolment(asked: Asked, name: str) -> None:
    await asked.looked_up(RowQuery("enrolment", "id", "schooling", "Query.node", (), direct=True), f"{name} 1")


async def page(asked: Asked, name: str) -> None:
    await asked.gate.page(asked.gate.prepare(LIST), KEY_ORDER, NARROWED[name], None, 5, None)


async def page_under_an_institution(asked: Asked, name: str) -> None:
    schools = ("T1",) if name == "own" else ("T2",)
    await asked.gate.page(asked.gate.prepare(LIST), KEY_ORDER, NARROWED[name], None, 5, schools)


async def whole_page_under_an_institution(asked: Asked, name: str) -> None:
    schools = {"own": ("T1", "T2"), "childs": ("T2",)}.get(name, ("T3", "T4"))
    await asked.gate.page(asked.gate.prepare(LIST), KEY_ORDER, (), None, 5, schools)


async def total(asked: Asked, name: str) -> None:
    await asked.gate.count(LIST, NARROWED[name], None, alone=True)


async def total_under_an_institution(asked: Asked, name: str) -> None:
    await asked.gate.count(LIST, NARROWED[name], ("T1",) if name == "own" else ("T2",), alone=True)


async def whole_total_under_an_institution(asked: Asked, name: str) -> None:
    await asked.gate.count(LIST, (), ("T1",) if name == "own" else ("T2",), alone=True)


async def page_and_total(asked: Asked, name: str) -> None:
    await page(asked, name)
    await total(asked, name)


WAYS = (
    key,
    batch,
    person,
    enrolment,
    page,
    page_under_an_institution,
    whole_page_under_an_institution,
    total,
    total_under_an_institution,
    whole_total_under_an_institution,
    page_and_total,
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "misses"), [("own", 0), ("nobody", 1), ("childs", 1)], ids=["found", "no", "hidden"])
async def test_by_every_way_nobody_found_costs_one_and_somebody_nothing(way: Any, name: str, misses: int) -> None:
    asked = asking()
    await way(asked, name)
    assert asked.disclosure.misses == misses


async def test_a_batch_counts_its_keys_and_a_narrowed_list_its_parents() -> None:
    asked = asking()
    await asked.looked_up(learner_ask(), "own", "childs", "nobody", "nobody else", "nobody")
    assert asked.disclosure.misses == 3
    await asked.gate.count(LIST, NARROWED["own"], ("T1", "T2", "T3"))
    assert asked.disclosure.misses == 5


async def test_a_list_denied_to_everybody_tells_nothing_and_costs_nothing() -> None:
    asked = Asked("ministry", "statistics", jurisdiction=Jurisdiction(country=True))
    await asked.looked_up(learner_ask(), "own", "nobody")
    assert await asked.gate.count(LIST, (), None, alone=True) == {}
    assert (asked.disclosure.misses, asked.denials) == (
        0,
        {("Query.learner", "ROLE_NOT_PERMITTED"): 2, ("Query.learners", "ROLE_NOT_PERMITTED"): 1},
    )


async def test_a_total_alone_asks_for_a_number_and_no_row() -> None:
    asked = asking()
    assert await asked.gate.count(LIST, (), None, alone=True) == {None: 4}
    [question] = asked.questions
    assert isinstance(question, Count)
    assert (asked.disclosure.subjects, asked.disclosure.rows) == (set(), 0)
    assert asked.disclosure.released == {"Query.learners"}


async def test_behind_a_narrow_total_each_person_is_accounted_for() -> None:
    asked = asking()
    assert await asked.gate.count(LIST, NARROWED["own"], None, alone=True) == {None: 1}
    assert [type(question) for question in asked.questions] == [Count, Page]
    assert asked.disclosure.subjects == {"me"}


@pytest.mark.parametrize(
    "query",
    [
        "{ learners { totalCount } }",
        "{ learners(orderBy: FULL_NAME) { ... { count: totalCount } __typename } }",
        "query($of: ID!) { institution(code: $of) { learners { totalCount } } }",
    ],
)
async def test_whoever_selects_a_total_alone_reads_and_logs_nobody(trial: Trial, query: str) -> None:
    department = CALLER["department:school-management"]
    near = trial.world.learner("self")["institution_code"]
    trial.statements.clear()
    body = await trial.answer(department, query, {"of": near})
    assert "errors" not in body
    [statement] = [statement for statement in trial.statements if "FROM learners" in statement]
    assert "count(" in statement
    [entry] = [line for line in trial.audit().splitlines() if '"client_id":"department"' in line]
    assert '"band":null' in entry  # it concerns nobody
    assert '"rules":["' in entry
