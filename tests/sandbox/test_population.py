"""The population service: who may ask, what it answers, and how it fails when told to."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from sandbox.personas import PERSONAS
from sandbox.population import SlowPopulation, population_app
from sandbox.seed import ensure_seeded

TOKEN = "token-of-the-population-register"
GRADUATE, PARENT = PERSONAS["graduate"].person_key, PERSONAS["parent"].person_key
QUESTION = {"by": "person_key", "keys": [GRADUATE, "000000000000"], "columns": ["full_name", "birth_date"]}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("population")
    ensure_seeded(Path(folder), 0)
    return f"sqlite+aiosqlite:///{folder}/population.sqlite"


@pytest.fixture
def service(url: str) -> Iterator[TestClient]:
    with TestClient(population_app(url, TOKEN), headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


def rows(service: TestClient, record: str, question: dict[str, Any]) -> list[list[Any]]:
    response = service.post(f"/v1/{record}/lookup", json=question)
    assert response.status_code == 200, response.text
    found: list[list[Any]] = response.json()["rows"]
    return found


def test_only_the_asked_columns_of_asked_keys_are_answered(service: TestClient) -> None:
    assert rows(service, "citizen", QUESTION) == [["Nguyễn Minh Quân", "2003-05-12"]]


def test_instants_have_their_zone(service: TestClient) -> None:
    assert rows(service, "citizen", {**QUESTION, "columns": ["as_of"]}) == [["2026-11-21T00:00:00+00:00"]]


def test_children_are_found_by_their_guardian(service: TestClient) -> None:
    question = {
        "by": "guardian_key",
        "keys": [PARENT],
        "columns": ["child_key", "valid_to"],
        "order": [{"column": "valid_to", "descending": True}],
    }
    assert rows(service, "guardianship", question) == [
        [PERSONAS["child-7"].person_key, "2038-02-14"],
        [PERSONAS["child-15"].person_key, "2029-03-09"],
    ]


@pytest.mark.parametrize(
    ("condition", "first_days"),
    [
        ({"column": "from_date", "operator": ">=", "value": "2025-07-01"}, ["2025-09-15"]),
        ({"column": "to_date", "operator": "<", "value": "2020-01-01"}, ["2003-06-01"]),
        ({"column": "kind", "operator": "=", "value": "TEMPORARY"}, ["2025-09-15"]),
        ({"column": "province_code", "operator": "in", "value": ["01", "38"]}, ["2003-06-01", "2019-03-01"]),
        ({"column": "unit_code", "operator": "starts-with", "value": "000"}, ["2019-03-01"]),
        ({"column": "unit_code", "operator": "starts-with", "value": "%"}, []),
    ],
)
def test_conditions_narrow_the_rows(condition: dict[str, Any], first_days: list[str], service: TestClient) -> None:
    question = {
        "by": "person_key",
        "keys": [GRADUATE],
        "columns": ["from_date"],
        "where": [condition],
        "order": [{"column": "from_date", "descending": False}],
    }
    assert rows(service, "residence_period", question) == [[day] for day in first_days]


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer another"}, {"Authorization": ""}])
def test_without_the_token_nothing_is_answered(headers: dict[str, str], service: TestClient) -> None:
    response = service.post("/v1/citizen/lookup", json=QUESTION, headers=headers)
    assert (response.status_code, response.json()) == (401, {"error": "unauthorized"})
    assert service.post("/control", json={"down": True}, headers=headers).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"by": "nothing"},
        {"by": None},
        {"keys": []},
        {"keys": [GRADUATE] * 501},
        {"keys": [1]},
        {"keys": "all"},
        {"columns": []},
        {"columns": ["password"]},
        {"where": [{"column": "birth_date", "operator": "~", "value": "x"}]},
        {"where": [{"column": "birth_date", "operator": "=", "value": "yesterday"}]},
        {"where": [{"column": "sex", "operator": "=", "value": None}]},
        {"where": ["sex"]},
        {"order": [{"column": "nothing"}]},
        {"order": ["sex"]},
    ],
)
def test_what_is_no_question_is_refused_without_an_echo(change: dict[str, Any], service: TestClient) -> None:
    response = service.post("/v1/citizen/lookup", json={**QUESTION, **change})
    assert response.status_code == 400
    assert str(GRADUATE) not in response.text


@pytest.mark.parametrize(
    ("path", "body"), [("citizen", b"{"), ("citizen", b"[]"), ("learner", b"{}"), ("citizen", b"\xff")]
)
def test_other_records_and_broken_bodies_are_refused(path: str, body: bytes, service: TestClient) -> None:
    assert service.post(f"/v1/{path}/lookup", content=body).status_code == 400


def test_it_can_be_taken_down_and_brought_back(service: TestClient) -> None:
    assert service.get("/healthz").status_code == 200
    assert service.post("/control", json={"down": True}).status_code == 204
    assert service.get("/healthz").status_code == 503
    assert service.post("/v1/citizen/lookup", json=QUESTION).status_code == 503
    assert service.post("/control", json={"down": False}).status_code == 204
    assert rows(service, "citizen", QUESTION)


def test_it_can_be_made_slow(service: TestClient) -> None:
    service.post("/control", json={"delay_s": 0.2})
    began = time.monotonic()
    assert rows(service, "citizen", QUESTION)
    assert time.monotonic() - began >= 0.2


def test_it_can_refuse_a_share(url: str) -> None:
    with TestClient(population_app(url, TOKEN, SlowPopulation(fail_rate=1.0))) as client:
        assert client.post("/v1/citizen/lookup", json=QUESTION).status_code == 503


@pytest.mark.parametrize("settings", [{"down": 1}, {"delay_s": "long"}, {"speed": 1}, []])
def test_settings_that_there_are_not_are_refused(settings: Any, service: TestClient) -> None:
    assert service.post("/control", json=settings).status_code == 400


def test_a_register_that_is_gone_is_overloaded(tmp_path: Path) -> None:
    gone = f"sqlite+aiosqlite:///{tmp_path}/gone/population.sqlite"
    with TestClient(population_app(gone, TOKEN), headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        assert client.post("/v1/citizen/lookup", json=QUESTION).status_code == 503
