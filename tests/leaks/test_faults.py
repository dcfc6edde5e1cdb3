"""Values that cannot be read, in both executors: a stranger's tell nobody that there is one, a visible one is null."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from resolvers.request.request import NODE
from tests.leaks.callers import CALLER
from tests.leaks.trial import EXECUTORS, Trial
from tests.leaks.trial import trial as opened

pytestmark = pytest.mark.anyio

CITIZEN, DEPARTMENT = CALLER["citizen an:2"], CALLER["department:school-management"]
EXAMINATIONS = CALLER["exam-office:exam-registration"]
NOT_A_CODE = "Zq99999qZ"
ALL = "{ fullName birthDate sex status linkState enrolments { level startedOn } identity { fullName birthDate } }"


@pytest.fixture(scope="module", params=EXECUTORS)
async def trial(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trial]:
    folder = tmp_path_factory.mktemp("faulty")
    async with opened(folder, request.param) as one:
        learner = {name: one.world.learner(name)["sector_code"] for name in ("self", "stranger", "child", "unlinked")}
        _store(folder, "education", "learners", "sector_code", learner["stranger"], birth_date="2007-00-00", sex="?")
        _store(folder, "education", "learners", "sector_code", learner["self"], birth_date="31/12/1999", sex="nam")
        _store(folder, "education", "learners", "sector_code", learner["child"], link_state=b"\xff", birth_date=1950)
        _store(
            folder,
            "education",
            "learners",
            "sector_code",
            learner["unlinked"],
            birth_date="0000-00-00",
            status="NO SUCH STATUS",
        )
        _store(folder, "education", "enrolments", "learner_code", learner["self"], started_on="2020-13-01")
        yield one


def _store(folder: Path, register: str, table: str, column: str, key: Any, **values: Any) -> None:
    """Write what no register should hold, past the types of its columns."""
    changed = ", ".join(f"{name} = ?" for name in values)
    with sqlite3.connect(folder / f"{register}.sqlite") as connection:
        done = connection.execute(
            f"UPDATE {table} SET {changed} WHERE {column} = ?",  # noqa: S608  # names of this test
            (*values.values(), key),
        )
        assert done.rowcount
    connection.close()


def _errors(body: Mapping[str, Any]) -> dict[tuple[Any, ...], str]:
    return {tuple(error["path"]): error["extensions"]["code"] for error in body.get("errors", ())}


async def _learner(trial: Trial, caller: Any, code: str, selection: str = ALL) -> dict[str, Any]:
    query = f"query($code: ID!) {{ learner(by: {{sectorCode: $code}}) {selection} }}"
    return await trial.answer(caller, query, {"code": code})


@pytest.mark.parametrize("caller", [CITIZEN, DEPARTMENT, CALLER["employer:diploma-verification"]], ids=lambda c: c.name)
async def test_a_stranger_with_unreadable_values_is_answered_like_nobody(trial: Trial, caller: Any) -> None:
    stranger = trial.world.learner("stranger")["sector_code"]
    assert await _learner(trial, caller, stranger) == await _learner(trial, caller, NOT_A_CODE)


async def test_only_the_unreadable_values_of_a_visible_row_are_null(trial: Trial) -> None:
    body = await _learner(trial, CITIZEN, trial.world.learner("self")["sector_code"])
    own = body["data"]["learner"]
    assert (own["birthDate"], own["sex"]) == (None, None)
    assert own["fullName"] == trial.world.learner("self")["full_name"]
    assert own["identity"]["birthDate"] is not None
    assert [one["level"] for one in own["enrolments"]] == ["PRIMARY", "LOWER_SECONDARY"]
    assert _errors(body) == dict.fromkeys(
        [
            ("learner", "birthDate"),
            ("learner", "sex"),
            ("learner", "enrolments", 0, "startedOn"),
            ("learner", "enrolments", 1, "startedOn"),
        ],
        "SOURCE_INVALID",
    )


async def test_an_answer_from_an_unreadable_value_is_null_with_the_reason(trial: Trial) -> None:
    code = trial.world.learner("unlinked")["sector_code"]
    selection = '{ isAtLeast(years: 18) identityMatch(name: "x", birthDate: "2000-01-01") }'
    body = await _learner(trial, DEPARTMENT, code, selection)
    assert set((body["data"]["learner"] or {"": None}).values()) == {None}
    assert set(_errors(body).values()) <= {"SOURCE_INVALID"}
    own = await _learner(trial, CITIZEN, trial.world.learner("self")["sector_code"], "{ isAtLeast(years: 18) }")
    assert own["data"]["learner"] == {"isAtLeast": None}
    assert _errors(own) == {("learner", "isAtLeast"): "SOURCE_INVALID"}


async def test_a_relation_by_an_unreadable_link_does_not_hold(trial: Trial) -> None:
    child = trial.world.learner("child")["sector_code"]
    assert await _learner(trial, CITIZEN, child) == await _learner(trial, CITIZEN, NOT_A_CODE)
    assert any("alarm" in words and "facts" in words for words in trial.words)


async def test_an_unreadable_link_leads_to_nobody_and_says_so(trial: Trial) -> None:
    child = trial.world.learner("child")["sector_code"]
    caller = CALLER["exam-office:exam-registration"]
    body = await _learner(trial, caller, child, "{ fullName linkState identity { fullName } }")
    assert body["data"]["learner"]["identity"] is None
    assert _errors(body)["learner", "identity"] == "SOURCE_INVALID"


@pytest.mark.parametrize("order", ["BIRTH_DATE", "SECTOR_CODE"])
async def test_a_list_sorted_by_a_malformed_column_is_walked_to_its_end(trial: Trial, order: str) -> None:
    query = f"""query($after: String) {{ learners(orderBy: {order}, first: 1, after: $after) {{
        nodes {{ sectorCode birthDate }} pageInfo {{ hasNextPage endCursor }} totalCount }} }}"""
    after, codes = None, []
    while True:
        body = await trial.answer(EXAMINATIONS, query, {"after": after})
        page = body["data"]["learners"]
        codes += [node["sectorCode"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        assert len(codes) <= len(trial.world.rows["learner"])
    assert sorted(codes) == sorted(row["sector_code"] for row in trial.world.rows["learner"])


async def test_each_entity_fails_alone(trial: Trial) -> None:
    sealer = trial.sealer(CITIZEN)
    codes = [trial.world.learner(name)["sector_code"] for name in ("self", "stranger")]
    given = [{"__typename": "Learner", "id": sealer.seal(NODE, ("Learner", code))} for code in codes]
    query = "query($of: [_Any!]!) { _entities(representations: $of) { ... on Learner { fullName birthDate } } }"
    body = await trial.answer(CITIZEN, query, {"of": given})
    assert body["data"]["_entities"] == [
        {"fullName": trial.world.learner("self")["full_name"], "birthDate": None},
        None,
    ]
    assert _errors(body) == {("_entities", 0, "birthDate"): "SOURCE_INVALID"}


async def test_a_number_of_an_unknown_code_has_no_group(trial: Trial) -> None:
    body = await trial.answer(DEPARTMENT, "{ learnerCounts(by: STATUS) { group } }")
    assert {entry["group"] for entry in body["data"]["learnerCounts"]} == {None, "STUDYING"}
    assert set(_errors(body).values()) == {"SOURCE_INVALID"}


async def test_no_unreadable_value_is_said_anywhere(trial: Trial) -> None:
    words = "\n".join(trial.words)
    assert not [
        value for value in ("2007-00-00", "31/12/1999", "0000-00-00", "2020-13-01", "NO SUCH STATUS") if value in words
    ]
