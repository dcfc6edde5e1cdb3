"""The same price by every way of asking for persons through HTTP, whether nobody is there or somebody is hidden."""

from collections.abc import Callable
from typing import Any

import pytest

from resolvers.request.request import NODE
from tests.leaks.callers import CALLER, Caller
from tests.leaks.trial import Trial

pytestmark = pytest.mark.anyio

DEPARTMENT, AN = CALLER["department:school-management"], CALLER["citizen an:2"]
Way = Callable[[Trial, str], tuple[str, dict[str, Any]]]
FOUND, HIDDEN, NOBODY = "self", "stranger", "nobody"


def _row(trial: Trial, name: str) -> dict[str, Any]:
    return {"sector_code": "Zq99999qZ", "full_name": "Zq99998qZ"} if name == NOBODY else trial.world.learner(name)


def _id(trial: Trial, caller: Caller, name: str) -> str:
    return trial.sealer(caller).seal(NODE, ("Learner", _row(trial, name)["sector_code"]))


def code(trial: Trial, name: str) -> tuple[str, dict[str, Any]]:
    return "query($v: ID!) { learner(by: {sectorCode: $v}) { id } }", {"v": _row(trial, name)["sector_code"]}


def aliases(trial: Trial, name: str) -> tuple[str, dict[str, Any]]:
    query = "query($v: ID!) { a: learner(by: {sectorCode: $v}) { id } b: learner(by: {sectorCode: $v}) { fullName } }"
    return query, {"v": _row(trial, name)["sector_code"]}


def by_id(trial: Trial, name: str) -> tuple[str, dict[str, Any]]:
    return "query($v: ID!) { learner(by: {id: $v}) { id } }", {"v": _id(trial, DEPARTMENT, name)}


def node(trial: Trial, name: str) -> tuple[str, dict[str, Any]]:
    return "query($v: ID!) { node(id: $v) { id } }", {"v": _id(trial, DEPARTMENT, name)}


def nodes(trial: Trial, name: str) -> tuple[str, dict[str, Any]]:
    return "query($v: [ID!]!) { nodes(ids: $v) { id } }", {"v": [_id(trial, DEPARTMENT, name)] * 2}


def entities(trial: Trial, name: str) -> tuple[str, dict[str, Any]]:
    query = "query($v: [_Any!]!) { _entities(representations: $v) { ... on Learner { id } } }"
    return query, {"v": [{"__typename": "Learner", "id": _id(trial, DEPARTMENT, name)}]}


def page(trial: Trial, name: str) -> tuple[str, dict[str, Any]]:
    query = "query($v: String!) { learners(filter: {nameStartsWith: $v}) { nodes { id } } }"
    return query, {"v": _row(trial, name)["full_name"]}


def total(trial: Trial, name: str) -> tuple[str, dict[str, Any]]:
    query = "query($v: String!) { learners(filter: {nameStartsWith: $v}) { totalCount } }"
    return query, {"v": _row(trial, name)["full_name"]}


def page_and_total(trial: Trial, name: str) -> tuple[str, dict[str, Any]]:
    query = "query($v: String!) { learners(filter: {nameStartsWith: $v}) { totalCount edges { node { id } } } }"
    return query, {"v": _row(trial, name)["full_name"]}


def under_an_institution(trial: Trial, name: str) -> tuple[str, dict[str, Any]]:
    page = "learners(filter: {nameStartsWith: $v}) { nodes { id } }"
    query = f"query($i: ID!, $v: String!) {{ institution(code: $i) {{ {page} }} }}"
    return query, {"i": _school(trial, name), "v": _row(trial, name)["full_name"]}


def total_under_an_institution(trial: Trial, name: str) -> tuple[str, dict[str, Any]]:
    query = "query($i: ID!) { institution(code: $i) { learners { totalCount } } }"
    return query, {"i": _school(trial, name)}


def _school(trial: Trial, name: str) -> str:
    return str(trial.world.learner(FOUND if name == FOUND else HIDDEN)["institution_code"])


WAYS = (
    code,
    aliases,
    by_id,
    node,
    nodes,
    entities,
    page,
    total,
    page_and_total,
    under_an_institution,
    total_under_an_institution,
)


async def missed(trial: Trial, caller: Caller) -> int:
    body = await trial.answer(caller, "{ limits { kind quota remaining } }")
    [limit] = [limit for limit in body["data"]["limits"] if limit["kind"] == "MISSES_PER_DAY"]
    return int(limit["quota"] - limit["remaining"])


async def test_by_every_way_hidden_and_absent_cost_one_and_found_nothing(trial: Trial) -> None:
    prices: dict[str, list[int]] = {}
    for way in WAYS:
        prices[way.__name__] = []
        for name in (FOUND, NOBODY, HIDDEN):
            before = await missed(trial, DEPARTMENT)
            body = await trial.answer(DEPARTMENT, *way(trial, name))
            assert "errors" not in body, (way.__name__, name, body["errors"])
            prices[way.__name__].append(await missed(trial, DEPARTMENT) - before)
    assert prices == {way.__name__: [0, 1, 1] for way in WAYS}


@pytest.mark.parametrize("root", ["learnersByCitizenIds", "learnerRecordsByCitizenIds"])
async def test_a_batch_of_numbers_costs_each_of_them_once(trial: Trial, root: str) -> None:
    office = CALLER["exam-office:exam-registration"]
    query = f"query($v: [String!]!) {{ {root}(citizenIds: $v) {{ id }} }}"
    numbers = [f"{number:012d}" for number in range(40)]
    await trial.answer(office, query, {"v": [*numbers, *numbers, trial.world.learner(FOUND)["citizen_id"]]})
    assert await missed(trial, office) == 40


async def test_of_a_citizen_strangers_cost_and_nobody_else(trial: Trial) -> None:
    for name, costs in ((FOUND, 0), ("child", 0), (HIDDEN, 1), (NOBODY, 2)):
        await trial.answer(AN, *code(trial, name))
        assert await missed(trial, AN) == costs
    for way in (page, total, total_under_an_institution):  # lists hold nobody but one's own
        await trial.answer(AN, *way(trial, HIDDEN))
        assert await missed(trial, AN) == 2
