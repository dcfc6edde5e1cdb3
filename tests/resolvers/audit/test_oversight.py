"""Data-protection officers: the record of operations, the minimisation report and alarms, and never about whom."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.agreements.grants import Grants
from auth.principal import Grant, Jurisdiction
from auth.state.engine import migrated_engine
from tests.auth.policies import COMMITTED, folder_with
from tests.leaks.callers import CALLER, CALLERS, Caller
from tests.leaks.trial import EXECUTORS, Trial
from tests.leaks.trial import trial as opened

pytestmark = pytest.mark.anyio

OFFICER = CALLER["officer:oversight"]
DEPARTMENT, POLICE, AN = (
    CALLER["department:school-management"],
    CALLER["police:residence-registration"],
    CALLER["citizen an:2"],
)
READ = "query($code: ID!) { learner(by: {sectorCode: $code}) { fullName citizenId } }"
ENTRIES = """query($client: String, $purpose: String, $category: String, $coordinate: String, $outcome: AuditOutcome,
    $from: DateTime, $to: DateTime, $first: Int, $after: String) {
  auditEntries(client: $client, purpose: $purpose, category: $category, coordinate: $coordinate, outcome: $outcome,
      from: $from, to: $to, first: $first, after: $after) {
    nodes { at client principalKind purpose case agreement requestId released denied { coordinate code rule }
      rules bases rows subjects hiddenBy hiddenUntil }
    pageInfo { hasNextPage endCursor } } }"""
REPORT = """query($client: String, $purpose: String, $from: DateTime, $to: DateTime) {
  minimisationReport(client: $client, purpose: $purpose, from: $from, to: $to) {
    client purpose operations fields { coordinate category asked released denied granted finding } } }"""
ALARMS = (
    "query($from: DateTime, $to: DateTime) { alarms(from: $from, to: $to) { kind at client count total writer entry } }"
)


def _without_residence_age(folder: Path) -> Path:
    """Return policies that do not say how `isAtLeast` may be asked for the registration of residence."""
    before, after = (COMMITTED / "arguments.toml").read_text(encoding="utf-8").split("[residence-age]")
    return folder_with(folder, "arguments.toml", before + after[after.index("\n[") :])


async def read(trial: Trial, caller: Caller, learner: str) -> None:
    await trial.answer(caller, READ, {"code": trial.world.learner(learner)["sector_code"]})


@pytest.fixture(scope="module", params=EXECUTORS)
async def trial(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trial]:
    """The application after four readings of two clients, and fifty that were refused to a third."""
    folder = tmp_path_factory.mktemp("world")
    async with opened(folder, request.param, _without_residence_age(folder)) as one:
        for caller, learner in ((DEPARTMENT, "self"), (POLICE, "child"), (POLICE, "self"), (POLICE, "self")):
            await read(one, caller, learner)
        for _ in range(50):
            await read(one, CALLER["ministry:statistics"], "self")
        await _agree_with_a_newcomer(folder)
        yield one


async def _agree_with_a_newcomer(folder: Path) -> None:
    """Let it ask answers as policies say, and nobody has heard of it yet."""
    engine = await migrated_engine(f"sqlite+aiosqlite:///{folder}/state.sqlite")
    asks = ("newcomer", "population-service", "residence-registration")
    await Grants(engine).save(Grant(*asks, Jurisdiction(country=True), date(2020, 1, 1), None))
    await engine.dispose()


async def entries(trial: Trial, **variables: Any) -> list[dict[str, Any]]:
    body = await trial.answer(OFFICER, ENTRIES, variables)
    assert "errors" not in body, body["errors"]
    nodes: list[dict[str, Any]] = body["data"]["auditEntries"]["nodes"]
    return nodes


async def report(trial: Trial, **variables: Any) -> list[dict[str, Any]]:
    body = await trial.answer(OFFICER, REPORT, variables)
    assert "errors" not in body, body["errors"]
    uses: list[dict[str, Any]] = body["data"]["minimisationReport"]
    return uses


async def never_asked(trial: Trial, client: str, purpose: str) -> set[str]:
    """Return what a client was granted for a purpose and has never asked for."""
    [use] = await report(trial, client=client, purpose=purpose)
    return {one["coordinate"] for one in use["fields"] if one["granted"] and one["finding"] == "NEVER_ASKED"}


async def test_an_officer_sees_operations_and_not_whom_they_concerned(trial: Trial) -> None:
    [entry] = await entries(trial, client="department")
    assert (entry["principalKind"], entry["purpose"], entry["released"]) == (
        "CLIENT",
        "school-management",
        ["Learner.fullName"],
    )
    assert entry["denied"] == [{"coordinate": "Learner.citizenId", "code": "ROLE_NOT_PERMITTED", "rule": None}]
    assert (entry["subjects"], entry["rules"], entry["bases"]) == (
        "ONE",
        ["department-school-management"],
        ["public-task"],
    )
    words = str(await trial.answer(OFFICER, ENTRIES, {"first": 100}))
    for key in (trial.world.person("an"), trial.world.person("child"), trial.world.learner("self")["sector_code"]):
        assert str(key) not in words
        assert trial.keys.pseudonym(key).hex() not in words


@pytest.mark.parametrize(
    ("search", "clients"),
    [
        ({"purpose": "residence-registration"}, {"police"}),
        ({"category": "identity.number", "client": "department"}, {"department"}),
        ({"category": "identity.number", "outcome": "RELEASED"}, {"police"}),
        ({"coordinate": "Learner.citizenId", "outcome": "DENIED"}, {"department"}),
        ({"category": "identity.name", "coordinate": "Learner.citizenId"}, set()),
        ({"to": "2020-01-01T00:00:00Z"}, set()),
    ],
)
async def test_an_officer_searches(trial: Trial, search: dict[str, str], clients: set[str]) -> None:
    assert {entry["client"] for entry in await entries(trial, **search)} == clients


async def test_the_record_is_paged(trial: Trial) -> None:
    page = (await trial.answer(OFFICER, ENTRIES, {"client": "police", "first": 2}))["data"]["auditEntries"]
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (2, True)
    rest = await entries(trial, client="police", first=2, after=page["pageInfo"]["endCursor"])
    assert len(rest) == 1


@pytest.mark.parametrize(
    ("search", "named"),
    [
        ({"category": "identity.nam"}, "`category`"),
        ({"coordinate": "Learner.fullNam"}, "`coordinate`"),
        ({"first": 101}, "`first`"),
        ({"after": "x"}, "`after`"),
        ({"from": "2026-01-01T00:00:00"}, "`from`"),
        ({"from": "0001-01-01T00:00:00+07:00"}, "`from`"),
        ({"to": "9999-12-31T23:59:59-01:00"}, "`to`"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "`to`"),
    ],
)
async def test_what_cannot_be_searched_is_refused(trial: Trial, search: dict[str, Any], named: str) -> None:
    [error] = (await trial.answer(OFFICER, ENTRIES, search))["errors"]
    assert named in error["message"]


@pytest.mark.parametrize("query", [REPORT, ALARMS], ids=("report", "alarms"))
async def test_years_out_of_the_calendar_are_refused_everywhere(trial: Trial, query: str) -> None:
    for period in ({"from": "0001-01-01T00:00:00+07:00"}, {"to": "9999-12-31T23:59:59-01:00"}):
        [error] = (await trial.answer(OFFICER, query, period))["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert "must be a time of the years 2000 to 2200" in error["message"]


async def test_the_report_tells_what_was_granted_and_never_asked(trial: Trial) -> None:
    [use] = await report(trial, client="department", purpose="school-management")
    by_coordinate = {one.pop("coordinate"): one for one in use["fields"]}
    assert (use["client"], use["purpose"], use["operations"]) == ("department", "school-management", 1)
    assert by_coordinate["Learner.fullName"] == {
        "category": "identity.name", "asked": 1, "released": 1, "denied": 0, "granted": True, "finding": None,
    }  # fmt: skip
    denied = by_coordinate["Learner.citizenId"]
    assert (denied["denied"], denied["granted"], denied["finding"]) == (1, False, "NEVER_RELEASED")
    assert by_coordinate["Learner.birthDate"]["finding"] == "NEVER_ASKED"


async def test_the_report_has_agreements_that_were_never_used(trial: Trial) -> None:
    uses = {(use["client"], use["purpose"]): use["operations"] for use in await report(trial)}
    assert {(one.client_id, one.purpose) for one in CALLERS if one.role not in ("public", "citizen")} <= uses.keys()
    assert (uses["police", "residence-registration"], uses["police", "vital-interests"]) == (3, 0)


async def test_the_report_of_a_time_before_an_agreement_does_not_have_it(trial: Trial) -> None:
    assert await report(trial, client="newcomer", to="2019-12-31T00:00:00Z") == []
    assert len(await report(trial, client="newcomer", to="2020-02-01T00:00:00Z")) == 1


async def test_the_report_counts_what_emergencies_open(trial: Trial) -> None:
    assert "Learner.phone" in await never_asked(trial, "police", "vital-interests")
    assert "Learner.phone" not in await never_asked(trial, "police", "residence-registration")


async def test_the_report_counts_what_anybody_may_read_though_no_agreement_lists_it(trial: Trial) -> None:
    found = await never_asked(trial, "narrow", "school-management")
    assert {"Learner.fullName", "Learner.provenance"} <= found
    assert "Learner.birthDate" not in found


async def test_the_report_leaves_out_answers_that_nothing_says_how_to_ask(trial: Trial) -> None:
    purpose = "residence-registration"
    answers = {"Learner.isAtLeast", "Learner.heldPermanentResidence"}
    assert answers & await never_asked(trial, "newcomer", purpose) == {"Learner.heldPermanentResidence"}
    assert answers & await never_asked(trial, "police", purpose) == answers


@pytest.mark.parametrize(
    ("root", "selected"),
    [("auditEntries", "{ nodes { at } }"), ("minimisationReport", "{ client }"), ("alarms", "{ kind }")],
)
async def test_the_record_is_read_once_in_an_operation(trial: Trial, root: str, selected: str) -> None:
    body = await trial.answer(OFFICER, f"{{ a: {root} {selected} b: {root} {selected} }}")
    assert [error["message"] for error in body["errors"]] == [f"`{root}` may be asked once in an operation"]
    assert [body["data"][name] is None for name in "ab"] == [False, True]


async def test_days_of_refusals_are_an_alarm_and_a_sound_record_is_none(trial: Trial) -> None:
    [alarm] = (await trial.answer(OFFICER, ALARMS))["data"]["alarms"]
    assert (alarm["kind"], alarm["client"], alarm["count"], alarm["total"]) == ("DENIALS", "ministry", 50, 50)
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert (await trial.answer(OFFICER, ALARMS, {"from": later}))["data"]["alarms"] == []


@pytest.mark.parametrize("query", [ENTRIES, REPORT, ALARMS], ids=("entries", "report", "alarms"))
async def test_nobody_else_oversees(trial: Trial, query: str) -> None:
    for caller in CALLERS:
        if caller.role != "data-protection-officer":
            body = await trial.answer(caller, query)
            assert list(body["data"].values()) == [None], caller.name
            assert len(body["extensions"]["access"]["denials"]) == 1


async def test_overseeing_is_itself_on_record(trial: Trial) -> None:
    await entries(trial)
    entry = (await entries(trial, client="officer"))[0]
    assert (entry["purpose"], entry["released"], entry["subjects"]) == ("oversight", ["Query.auditEntries"], None)
