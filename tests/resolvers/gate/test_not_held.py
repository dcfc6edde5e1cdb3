"""What no register of the deployment holds is denied with a reason of its own: not asked for, no miss, no error."""

from pathlib import Path
from typing import Any

import pytest

from auth.policy.decisions import Holdings
from auth.policy.policy_set import PolicySet
from auth.principal import Fact, Jurisdiction
from connectors.registry import sources_by_record
from connectors.subjects import PERSON
from connectors.unserved import Unserved
from engine.gate import OutputColumn, RowQuery
from resolvers.gate.facts import FactLoader
from resolvers.gate.filters import FilterDenied
from tests.auth.policies import COMMITTED
from tests.leaks.callers import CALLERS
from tests.leaks.trial import EXECUTORS, Trial, trial
from tests.leaks.world import made_world, write_registers
from tests.resolvers.requests import Asked, citizen_asking, learner_ask

pytestmark = pytest.mark.anyio

LACKING = PolicySet.load(COMMITTED, Holdings(frozenset({"credential"}), frozenset({("learner", "phone")})))
NAME, PHONE = ("full_name", "identity.name"), ("phone", "learner.contact")
COUNTRY = Jurisdiction(country=True)


def credentials_ask(*, direct: bool) -> RowQuery:
    slots = (OutputColumn("title", "credential", "Credential.title"),)
    return RowQuery("credential", "learner_code", "credential", "Learner.credentials", slots, direct=direct)


@pytest.mark.parametrize("direct", [False, True])
async def test_a_record_that_no_register_serves_is_denied_without_a_call_or_a_miss(direct: bool) -> None:
    asked = citizen_asking(policies=LACKING)
    assert await asked.looked_up(credentials_ask(direct=direct), "own", "childs") == []
    assert asked.questions == []
    assert asked.denials == {("Learner.credentials", "NOT_HELD"): 2}
    assert (asked.disclosure.misses, asked.disclosure.subjects) == (0, set())


async def test_a_column_that_no_register_has_is_null_with_its_reason_and_not_asked_for() -> None:
    asked = citizen_asking(policies=LACKING)
    assert await asked.looked_up(learner_ask(NAME, PHONE), "own") == [["own", "name of own", None]]
    assert asked.denials == {("Learner.phone", "NOT_HELD"): 1}
    assert not [question for question in asked.questions if "phone" in getattr(question, "columns", ())]


async def test_a_list_is_not_found_by_a_column_that_no_register_has() -> None:
    asked = Asked("provincial-department", "school-management", jurisdiction=COUNTRY, policies=LACKING)
    prepared = asked.gate.prepare(learner_ask(NAME))
    with pytest.raises(FilterDenied, match=r"\(phone:\)` may not be used: NOT_HELD"):
        await asked.gate.page(prepared, (), [(("phone", "=", "1"), "learner.record")], None, 5, None)


async def test_numbers_of_a_record_that_no_register_serves_are_denied() -> None:
    unserved = PolicySet.load(COMMITTED, Holdings(frozenset({"learner"})))
    asked = Asked("ministry", "statistics", jurisdiction=COUNTRY, policies=unserved)
    assert await asked.gate.tally("learner", "province_code", "schooling.statistics", "Query.learnerCounts", ()) is None
    assert (asked.denials, asked.questions) == ({("Query.learnerCounts", "NOT_HELD"): 1}, [])


async def test_subjects_whose_record_nobody_serves_are_strangers() -> None:
    asked = citizen_asking()
    sources = {**sources_by_record({}, asked.sources), "learner": Unserved("a"), "guardianship": Unserved("b")}
    facts = FactLoader(asked.caller, sources, asked.agreed, asked.table)
    assert {key: subject.facts for key, subject in (await facts.of("learner", ["own"])).items()} == {"own": 0}
    found = await facts.of(PERSON, ["me", "child"])
    assert {key: subject.facts for key, subject in found.items()} == {"me": Fact.SELF, "child": 0}


AN = next(caller for caller in CALLERS if caller.name == "citizen an:2")


def lacking(folder: Path) -> dict[str, Any]:
    """Return the world's configuration without the register of credentials, and without phones."""
    folder.mkdir()
    config = write_registers(made_world(), folder)
    registers = {name: section for name, section in config["registers"].items() if name != "credentials"}
    registers["education"]["records"]["learner"]["columns"] = {"phone": False}
    return {"registers": registers}


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_a_deployment_without_a_register_answers_the_rest(tmp_path: Path, executor: str) -> None:
    async with trial(tmp_path, executor, registers=lacking(tmp_path / "lacking")) as deployment:
        query = "{ me { learners { phone status credentials { title } } } }"
        body = await deployment.answer(AN, query)
        assert body["data"] == {"me": {"learners": [{"phone": None, "status": _status(deployment), "credentials": []}]}}
        denials = body["extensions"]["access"]["denials"]
        assert sorted((denial["coordinate"], denial["code"]) for denial in denials) == [
            ("Learner.credentials", "NOT_HELD"),
            ("Learner.phone", "NOT_HELD"),
        ]
        assert "errors" not in body


ACCESS = "fields { coordinate access missing { code } } calls { register }"
EXPLAIN = f"query($document: String!) {{ explain(document: $document) {{ {ACCESS} }} }}"


async def test_what_no_register_holds_is_said_before_asking(tmp_path: Path) -> None:
    async with trial(tmp_path, "plan", registers=lacking(tmp_path / "lacking")) as deployment:
        document = "{ me { learners { phone credentials { title } } } }"
        explained = (await deployment.answer(AN, EXPLAIN, {"document": document}))["data"]["explain"]
        not_held = [field["coordinate"] for field in explained["fields"] if field["missing"] == {"code": "NOT_HELD"}]
        assert not_held == ["Learner.phone", "Learner.credentials", "Credential.title"]
        assert "credentials" not in [call["register"] for call in explained["calls"]]


def _status(deployment: Trial) -> str:
    return str(deployment.world.learner("self")["status"])
