"""Lists: what narrows, sorts, counts and pages them tells nothing of what may not be read."""

import sqlite3
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from engine.declarations import Edge, Filter, Pages
from resolvers.request.request import NODE
from tests.leaks.callers import CALLER, CALLERS, Caller
from tests.leaks.trial import Trial, met

pytestmark = pytest.mark.anyio

SAMPLES = {"institutionCode": "institution_code", "provinceCode": "province_code", "status": "status"} | {
    "nameStartsWith": "full_name",
    "bornFrom": "birth_date",
    "bornTo": "birth_date",
}
"""The column from which a value for each filter of learners is taken."""
SORTS = {"SECTOR_CODE": "sector_code", "FULL_NAME": "full_name", "BIRTH_DATE": "birth_date"}
ENUMS = {"status"}
SAMPLED = ("self", "stranger", "two-b")
EVERYBODY = pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
PAGE = "{ totalCount pageInfo { hasNextPage } nodes { id } }"


def _pages(trial: Trial) -> Pages:
    declaration = trial.catalogue.declaration("Query", "learners")
    assert isinstance(declaration, Pages)
    return declaration


def _filter(name: str, value: Any) -> str:
    return f"{{{name}: {value if name in ENUMS else chr(34) + str(value) + chr(34)}}}"


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


async def test_there_is_a_sample_for_every_filter_and_sort(trial: Trial) -> None:
    pages = _pages(trial)
    assert {_camel(one.argument) for one in pages.filters} == SAMPLES.keys()
    assert pages.sorts.keys() == SORTS.keys()


@EVERYBODY
async def test_a_filter_is_used_on_what_may_be_read_and_refused_on_the_rest(trial: Trial, caller: Caller) -> None:
    oracle = trial.oracle(caller)
    for one in _pages(trial).filters:
        name = _camel(one.argument)
        for learner in SAMPLED:
            value = trial.world.learner(learner)[SAMPLES[name]]
            body = await trial.answer(caller, f"{{ learners(filter: {_filter(name, value)}) {PAGE} }}")
            if not oracle.listed():
                assert body["data"]["learners"]["totalCount"] == 0
            elif oracle.may_test(one.category):
                assert _keys(trial, caller, body) == _matching(trial, oracle.listed(), one, value)
            else:
                assert _refused(body), (name, body)


@EVERYBODY
async def test_a_sort_is_used_on_what_may_be_read_and_refused_on_the_rest(trial: Trial, caller: Caller) -> None:
    oracle = trial.oracle(caller)
    for name, (column, _, category) in _pages(trial).sorts.items():
        body = await trial.answer(caller, f"{{ learners(orderBy: {name}) {PAGE} }}")
        if not oracle.listed() or oracle.may_test(category):
            rows = [trial.world.row("learner", key) or {} for key in oracle.listed()]
            assert _keys(trial, caller, body) == [
                row["sector_code"] for row in sorted(rows, key=lambda row: str(row[column]))
            ]
        else:
            assert _refused(body), (name, body)


@EVERYBODY
async def test_a_filter_of_an_edge_tells_nothing_of_a_column_that_may_not_be_read(trial: Trial, caller: Caller) -> None:
    oracle = trial.oracle(caller)
    ids = [trial.sealer(caller).seal(NODE, ("Learner", row["sector_code"])) for row in trial.world.rows["learner"]]
    for name, one in _filters_of_learners_edges(trial):
        query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Learner {{ id found: {name} {{ id }} }} }} }}"
        values = {"kind": ("BACHELOR", "DOCTOR"), "level": ("PRIMARY", "DOCTOR")}[one.argument]
        if name == "residencePeriods":
            values = ("PERMANENT", "TEMPORARY")
        answers = []
        for value in values:
            asked = query.replace(name, f"{name}({one.argument}: {value})")
            answers.append(await trial.answer(caller, asked, {"ids": ids}))
        for row, first, second in zip(trial.world.rows["learner"], *map(_found, answers), strict=True):
            if not oracle.permits(trial.world.subject("learner", row), one.category):
                assert first == second, (name, trial.world.subject("learner", row))


async def test_an_edge_is_narrowed_by_what_may_be_read(trial: Trial) -> None:
    query = '{ learner(by: {sectorCode: "%s"}) { credentials(kind: LANGUAGE) { id } } }'
    code = trial.world.learner("self")["sector_code"]
    body = await trial.answer(CALLER["citizen an:1"], query % code)
    assert len(body["data"]["learner"]["credentials"]) == 1


async def test_a_refusal_of_a_filter_says_by_which_law(trial: Trial) -> None:
    code = trial.world.learner("self")["sector_code"]
    query = f'{{ learner(by: {{sectorCode: "{code}"}}) {{ credentials(kind: BACHELOR) {{ id }} }} }}'
    body = await trial.answer(CALLER["social-insurance:insurance-benefit"], query)
    [error] = body["errors"]
    assert error["message"] == "`Learner.credentials(kind:)` may not be used: ROLE_NOT_PERMITTED"
    assert error["extensions"]["citation"]


@EVERYBODY
async def test_paging_one_by_one_meets_exactly_the_rows_of_the_list(trial: Trial, caller: Caller) -> None:
    listed, after, met_keys = trial.oracle(caller).listed(), None, []
    query = """query($after: String) { learners(first: 1, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { id } } }"""
    while True:
        body = await trial.answer(caller, query, {"after": after})
        page = body["data"]["learners"]
        assert page["totalCount"] == len(listed)
        met_keys += _keys(trial, caller, body)
        assert page["pageInfo"]["hasNextPage"] == (len(met_keys) < len(listed))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert met_keys == sorted(listed)


async def test_a_cursor_holds_nothing_that_can_be_read(trial: Trial) -> None:
    caller = CALLER["department:school-management"]
    query = "{ learners(orderBy: BIRTH_DATE) { edges { cursor } } }"
    body = await trial.answer(caller, query)
    cursors = [edge["cursor"] for edge in body["data"]["learners"]["edges"]]
    assert len(set(cursors)) == 4
    for cursor in cursors:
        opened = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("latin-1")
        for _, _, _, canary in trial.world.values():
            assert canary not in opened


async def test_a_cursor_of_another_client_list_or_order_and_a_garbled_one_are_refused_alike(trial: Trial) -> None:
    department, school = CALLER["department:school-management"], CALLER["school:school-management"]
    body = await trial.answer(
        department,
        "{ learners(first: 1) { pageInfo { endCursor } } institutions(first: 1) { pageInfo { endCursor } } }",
    )
    cursor = body["data"]["learners"]["pageInfo"]["endCursor"]
    other = body["data"]["institutions"]["pageInfo"]["endCursor"]
    plain = "query($after: String) { learners(after: $after) { nodes { id } } }"
    sorted_ = "query($after: String) { learners(orderBy: FULL_NAME, after: $after) { nodes { id } } }"
    refused = [
        await trial.answer(school, plain, {"after": cursor}),
        await trial.answer(department, plain, {"after": other}),
        await trial.answer(department, sorted_, {"after": cursor}),
        await trial.answer(department, plain, {"after": cursor[:-2] + "xx"}),
        await trial.answer(department, plain, {"after": trial.world.learner("self")["sector_code"]}),
    ]
    messages = {body["errors"][0]["message"] for body in refused}
    assert messages == {"`after` is not a cursor of this list given to this client"}
    assert met(trial, school) == []


async def test_numbers_of_few_persons_are_not_told(trial: Trial) -> None:
    ministry = CALLER["ministry:statistics"]
    body = await trial.answer(
        ministry,
        """{ status: learnerCounts(by: STATUS) { group learners }
             province: learnerCounts(by: PROVINCE) { group learners } }""",
    )
    assert body["data"] == {
        "status": [{"group": "STUDYING", "learners": 10}],  # of 11
        "province": [{"group": "01", "learners": None}, {"group": "24", "learners": None}],
    }


@EVERYBODY
async def test_numbers_are_told_to_those_who_may_have_aggregates(trial: Trial, caller: Caller) -> None:
    body = await trial.answer(caller, "{ learnerCounts(by: STATUS) { group learners } }")
    assert (body["data"]["learnerCounts"] is None) == (not trial.oracle(caller).ever("schooling.statistics"))


def _keys(trial: Trial, caller: Caller, body: dict[str, Any]) -> list[Any]:
    assert "errors" not in body, body["errors"]
    return [trial.opened(caller, node["id"]) for node in body["data"]["learners"]["nodes"]]


def _refused(body: dict[str, Any]) -> bool:
    [error] = body.get("errors", [{}])
    return body["data"]["learners"] is None and error["extensions"]["code"] == "FILTER_NOT_PERMITTED"


def _matching(trial: Trial, listed: list[Any], one: Filter, value: Any) -> list[Any]:
    def meets(row: Any) -> bool:
        stored, operand = str(row[one.column]), str(value)  # as SQLite compares them, those that cannot be read as well
        match one.operator:
            case ">=":
                return stored >= operand
            case "<=":
                return stored <= operand
            case "starts-with":
                return stored.startswith(operand)
        return stored == operand

    return sorted(key for key in listed if meets(trial.world.row("learner", key)))


def _filters_of_learners_edges(trial: Trial) -> list[tuple[str, Filter]]:
    edges = [(name, one) for name, one in trial.catalogue.declarations("Learner").items() if isinstance(one, Edge)]
    return [(name, one) for name, edge in edges for one in edge.filters]


def _found(body: dict[str, Any]) -> list[Any]:
    nodes = body["data"]["nodes"] or [None] * 11
    return [None if node is None else node["found"] for node in nodes]


@pytest.mark.parametrize(("letters", "taken_back"), [(1_500, True), (9_000, False)])
async def test_a_cursor_that_is_given_is_taken_back_however_long_the_name(
    trial: Trial, letters: int, taken_back: bool
) -> None:
    query = """query($after: String) { learners(first: 1, orderBy: FULL_NAME, after: $after) {
        nodes { id } pageInfo { endCursor } } }"""
    caller, code = CALLER["school:school-management"], trial.world.learner("self")["sector_code"]
    with _renamed(trial, code, "Ắ" * letters):
        seen, after = [], None
        for _ in range(10):
            body = await trial.answer(caller, query, {"after": after})
            seen += [node["id"] for node in body["data"]["learners"]["nodes"]]
            after = body["data"]["learners"]["pageInfo"]["endCursor"]
            if after is None:
                break

    if taken_back:
        assert "errors" not in body
        assert (len(seen), len(set(seen))) == (4, 4)
    else:
        assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [
            (["learners", "pageInfo", "endCursor"], "SOURCE_INVALID")
        ]


@contextmanager
def _renamed(trial: Trial, code: str, name: str) -> Iterator[None]:
    """Give a learner another name in the education register, and take it back."""
    statement = "update learners set full_name = ? where sector_code = ?"
    with closing(sqlite3.connect(trial.folder / "education.sqlite")) as register:
        [kept] = register.execute("select full_name from learners where sector_code = ?", (code,)).fetchone()
        register.execute(statement, (name, code))
        register.commit()
        yield
        register.execute(statement, (kept, code))
        register.commit()
