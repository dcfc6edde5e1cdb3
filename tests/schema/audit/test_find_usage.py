"""`GET /v3/findUsage`: the citizen's log as the X-tee Data Tracker's description has it."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from tests.leaks.callers import CALLER, Caller
from tests.leaks.trial import Trial
from tests.leaks.trial import trial as opened

pytestmark = pytest.mark.anyio

AN, STRANGER, WEAK = CALLER["citizen an:2"], CALLER["citizen stranger:2"], CALLER["citizen an:0"]
DEPARTMENT, NOBODY = CALLER["department:school-management"], CALLER["nobody"]
READ = "query($code: ID!) { learner(by: {sectorCode: $code}) { fullName citizenId } }"
READ_ALL = "query($ids: [String!]!) { learnersByCitizenIds(citizenIds: $ids) { fullName } }"
USAGE = "{ me { dataUsage { nodes { client released } } } }"


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncIterator[Trial]:
    async with opened(tmp_path) as one:
        yield one


async def read(trial: Trial, learner: str = "self", caller: Caller = DEPARTMENT) -> None:
    await trial.answer(caller, READ, {"code": trial.world.learner(learner)["sector_code"]})


async def asked(trial: Trial, caller: Caller, query: str = "", **headers: str) -> "httpx2.Response":
    sent = {**caller.headers(trial.world), "Accept-Language": "en", **headers}
    return await trial.client.get(f"/v3/findUsage{query}", headers=sent)


async def found(trial: Trial, caller: Caller, query: str = "") -> dict[str, Any]:
    response = await asked(trial, caller, query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_the_log_is_given_in_the_shape_described(trial: Trial) -> None:
    await read(trial)
    body = await found(trial, AN)
    assert (body["totalUsages"], body["returnedUsages"]) == (1, 1)
    assert (body["dataRequests"], body["dataProcessings"], body["internalProcessings"]) == ([], [], [])
    [usage] = body["dataResponses"]
    assert usage.pop("logTime").endswith("+07:00")
    assert len(usage.pop("queryId")) == 32
    assert usage.pop("legalBasis").startswith("Law 91/2025/QH15")
    assert usage == {
        "purpose": "School management",
        "logSourceSystem": "lienthong",
        "queryGroupId": None,
        "initiatorOrg": {"type": "GOV", "name": "department"},
        "target": {"type": "GOV", "name": "Liên thông", "systemName": "lienthong"},
    }


async def test_a_dossier_is_named_where_nobody_else_was_concerned(trial: Trial) -> None:
    numbers = [trial.world.learner(name)["citizen_id"] for name in ("self", "child")]
    caller = replace(CALLER["exam-office:exam-registration"], case="HS-2026-17")
    for ids in (numbers[:1], numbers):
        await trial.answer(caller, READ_ALL, {"ids": ids})
    usages = (await found(trial, AN))["dataResponses"]
    assert [one["queryGroupId"] for one in usages] == [None, "exam-office-HS-2026-17"]


async def test_a_log_that_may_lack_something_is_not_answered(trial: Trial) -> None:
    await read(trial)
    (trial.folder / "education.sqlite").write_bytes(bytes(4096))
    response = await asked(trial, AN)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json() == {"code": "SOURCE_UNAVAILABLE", "message": "the education register does not answer"}


async def test_nobody_gets_the_log_of_another(trial: Trial) -> None:
    await read(trial)
    assert (await found(trial, STRANGER))["dataResponses"][0]["initiatorOrg"]["name"] != "department"


async def test_pages_go_by_offset_the_newest_first(trial: Trial) -> None:
    for purpose in ("school-management", "graduation-recognition", "grade-1-admission"):
        await read(trial, caller=CALLER[f"department:{purpose}"])
    end = (await found(trial, AN, "?limit=1"))["dataResponses"][0]["logTime"].replace("+", "%2B")
    # asking is itself in the log: a period that ends keeps the pages in their places
    pages = [await found(trial, AN, f"?limit=1&offset={offset}&periodEnd={end}") for offset in range(3)]
    assert [page["totalUsages"] for page in pages] == [2, 2, 2]
    assert [page["returnedUsages"] for page in pages] == [1, 1, 0]
    assert [page["dataResponses"][0]["purpose"] for page in pages[:2]] == [
        "Recognition of graduation",
        "School management",
    ]
    assert (await found(trial, AN, f"?periodStart={end}&limit=100"))["dataResponses"][-1]["purpose"] == (
        "Admission to grade 1"
    )


async def walk(trial: Trial, pages: Callable[[int, dict[str, Any]], str]) -> tuple[list[str], list[int]]:
    """Return the ids of all entries that a walk gives, and its totals; the log grows between its pages."""
    ids: list[str] = []
    totals: list[int] = []
    query = "?limit=4"
    while True:
        body = await found(trial, AN, query)
        totals.append(body["totalUsages"])
        ids += [one["queryId"] for one in body["dataResponses"]]
        if body["returnedUsages"] < 4:
            return ids, totals
        await read(trial)
        query = pages(len(ids), body)


async def test_a_walk_by_offset_gives_each_entry_once_though_it_adds_some_itself(trial: Trial) -> None:
    """Before, each answer moved all entries one place on: of 69 rows 63 were distinct."""
    for _ in range(21):
        await read(trial)

    for pages in (
        lambda number, _: f"?limit=4&offset={number}",
        lambda _, body: f"?limit=4&after={body['after']}",
    ):
        before = (await found(trial, AN))["totalUsages"]
        ids, totals = await walk(trial, pages)
        assert len(ids) == len(set(ids)) == before + 1  # the entry of having asked how many there are
        assert set(totals) == {before + 1}


async def test_a_cursor_is_of_the_one_who_was_given_it(trial: Trial) -> None:
    for _ in range(3):
        await read(trial)
    after = (await found(trial, AN, "?limit=1"))["after"]
    assert (await found(trial, AN, f"?limit=100&after={after}")).keys().isdisjoint({"after", "incomplete"})
    for caller, query in (
        (AN, f"?after={after[:-1]}x"),
        (AN, f"?after={after}&offset=1"),
        (STRANGER, f"?after={after}"),
    ):
        response = await asked(trial, caller, query)
        assert (response.status_code, "`after`" in response.json()["message"]) == (400, True)


async def test_filters_are_heeded(trial: Trial) -> None:
    await read(trial)
    end = (await found(trial, AN))["dataResponses"][0]["logTime"].replace("+", "%2B")
    assert (await found(trial, AN, f"?periodEnd={end}"))["totalUsages"] == 0
    later = "periodEnd=2099-01-01T00:00:00Z&limit=1&offset=0"
    for query, some in (
        ("processingType=DATA_RESPONSE&processingType=DATA_REQUEST", True),
        ("processingType=DATA_REQUEST", False),
        ("logSourceSystems=lienthong&logSourceSystems=other", True),
        ("logSourceSystems=other", False),
        ("includeBulkProcessing=false", True),
    ):
        body = await found(trial, AN, f"?{later}&{query}")
        assert (bool(body["totalUsages"]), body["returnedUsages"]) == (some, int(some)), query


REFUSED = {
    "?limit=0": "`limit`",
    "?limit=10001": "`limit`",
    "?offset=-1": "`offset`",
    "?offset=001099012345x": "`offset`",
    "?periodStart=2026-01-31T10:20:30": "`periodStart`",
    "?periodEnd=001099012345": "`periodEnd`",
    "?periodStart=9999-12-31T23:59:59-01:00": "`periodStart`",
    "?periodEnd=0001-01-01T00:00:00%2B07:00": "`periodEnd`",
    "?processingType=001099012345": "`processingType`",
    "?includeBulkProcessing=1": "`includeBulkProcessing`",
    "?userCode=001099012345": "`userCode`",
    "?001099012345=1": "a parameter is not one of",
}


async def test_what_cannot_be_is_refused_and_not_echoed(trial: Trial) -> None:
    for query, named in REFUSED.items():
        response = await asked(trial, AN, query)
        assert (response.status_code, response.json()["code"]) == (400, "BAD_USER_INPUT"), query
        assert named in response.json()["message"]
        assert "001099012345" not in response.text


async def test_the_person_is_named_by_the_token_alone(trial: Trial) -> None:
    response = await asked(trial, AN, **{"X-Road-UserId": "EE12345678901"})
    assert (response.status_code, "token" in response.json()["message"]) == (400, True)


async def test_it_is_given_to_no_one_else(trial: Trial) -> None:
    for caller, status, code in (
        (NOBODY, 401, "UNAUTHENTICATED"),
        (DEPARTMENT, 403, "FORBIDDEN"),
        (WEAK, 403, "ASSURANCE_TOO_LOW"),
    ):
        response = await asked(trial, caller)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response.json().keys() == {"code", "message"}


async def test_asking_is_counted_and_recorded_as_in_graphql(trial: Trial) -> None:
    response = await asked(trial, AN)
    assert response.headers["RateLimit"].startswith('"per-minute";r=')
    assert response.headers["Cache-Control"] == "no-store"
    nodes = (await trial.answer(AN, USAGE))["data"]["me"]["dataUsage"]["nodes"]
    assert nodes[0] == {"client": "vneid-app", "released": ["Me.dataUsage"]}


def newest(trial: Trial) -> tuple[list[str], list[list[str]], int]:
    """Return what the newest entry says was released and denied, and how many it concerns."""
    with sqlite3.connect(trial.folder / "state.sqlite") as connection:
        query = "select writer, sequence, body from audit_entries order by at desc limit 1"
        writer, sequence, body = connection.execute(query).fetchone()
        about = "select count(*) from audit_subjects where writer = ? and sequence = ?"
        [number] = connection.execute(about, (writer, sequence)).fetchone()
    connection.close()
    entry = orjson.loads(body)
    return entry["released"], entry["denied"], number


@pytest.mark.parametrize(
    ("caller", "code", "concerned"), [(DEPARTMENT, "FORBIDDEN", 0), (WEAK, "ASSURANCE_TOO_LOW", 1)]
)
async def test_that_it_was_refused_is_on_record(trial: Trial, caller: Caller, code: str, concerned: int) -> None:
    await read(trial)
    assert (await asked(trial, caller)).status_code == 403
    assert newest(trial) == ([], [["Me.dataUsage", code, "operation"]], concerned)


async def test_that_it_could_not_be_answered_is_on_record(trial: Trial) -> None:
    await read(trial)
    (trial.folder / "education.sqlite").write_bytes(bytes(4096))
    assert (await asked(trial, AN)).status_code == 503
    assert newest(trial) == ([], [["Me.dataUsage", "SOURCE_UNAVAILABLE", "operation"]], 1)


async def test_that_its_time_was_over_is_on_record(trial: Trial) -> None:
    await read(trial)
    transport = trial.client._transport
    assert isinstance(transport, httpx2.ASGITransport)
    state = transport.app.state  # type: ignore[attr-defined]  # Starlette's
    state.services = replace(state.services, deadline_s=0.5)
    with sqlite3.connect(trial.folder / "education.sqlite") as connection:
        connection.execute("begin exclusive")
        response = await asked(trial, AN)
    connection.close()
    assert (response.status_code, response.json()["code"]) == (503, "DEADLINE_EXCEEDED")
    assert newest(trial) == ([], [["Me.dataUsage", "DEADLINE_EXCEEDED", "operation"]], 1)
