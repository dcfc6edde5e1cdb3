"""What an entry of the log tells the person: each field with its law, each reason in words, and a proof of it all."""

import ast
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, event

from auth.audit.proof.verify import Verification
from auth.audit.writing.signer import Signer
from auth.crypto.audit_keys import RecordKeys
from auth.crypto.signing import PublicKeys
from auth.policy.arguments import EXHAUSTED, NOT_PERMITTED
from auth.policy.decisions import Denial
from auth.state.engine import migrated_engine
from resolvers.audit.words import REASONS, UNNAMED
from resolvers.request.error_codes import CODE_BY_KIND, INTERNAL
from resolvers.request.request import NODE
from schema.documents.limits import TOO_COMPLEX
from tests.leaks.callers import CALLER, Caller
from tests.leaks.trial import Trial

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]

AN, CHILD, OTHER = CALLER["citizen an:2"], CALLER["citizen child:2"], CALLER["citizen stranger:2"]
DEPARTMENT, POLICE = CALLER["department:school-management"], CALLER["police:residence-registration"]
EMPLOYER = CALLER["employer:diploma-verification"]
ENTRY = """at client purpose case released requestId subjects hiddenBy hiddenUntil
    fields { coordinate category rules { id basis basisText citation } }
    rules { id citation } denied { coordinate code rule reason citation } proof { document leaf shown } proofAfter"""
OWN = f"{{ me {{ dataUsage {{ complete nodes {{ {ENTRY} }} }} }} }}"
CHILDREN = """{ me { children { child { id }
    dataUsage(first: 20) { nodes { client released proof { leaf document } } } } } }"""
READ = "query($code: ID!) { learner(by: {sectorCode: $code}) { fullName citizenId } }"
READ_MORE = "query($ids: [String!]!) { learnersByCitizenIds(citizenIds: $ids) { fullName phone } }"
READ_ALL = "query($ids: [String!]!) { learnersByCitizenIds(citizenIds: $ids) { fullName } }"
ASK = "mutation($input: RequestConsentInput!) { requestConsent(input: $input) { id purpose categories until } }"


async def read(trial: Trial, caller: Caller, learner: str) -> None:
    await trial.answer(caller, READ, {"code": trial.world.learner(learner)["sector_code"]})


async def own(trial: Trial, caller: Caller, client: str, language: str = "en") -> list[dict[str, Any]]:
    """Return the entries that a client has left in the citizen's log."""
    headers = {**caller.headers(trial.world), "Accept-Language": language}
    body = (await trial.client.post("/graphql", json={"query": OWN}, headers=headers)).json()
    assert "errors" not in body, body["errors"]
    return [one for one in body["data"]["me"]["dataUsage"]["nodes"] if one["client"] == client]


async def childrens(trial: Trial, caller: Caller) -> dict[Any, list[dict[str, Any]]]:
    """Return the logs of the children of the citizen, by the child's key."""
    body = await trial.answer(caller, CHILDREN)
    assert "errors" not in body, body["errors"]
    children = body["data"]["me"]["children"]
    return {trial.opened(caller, one["child"]["id"]): one["dataUsage"]["nodes"] for one in children}


async def signed(trial: Trial) -> None:
    """Sign what the application has written, as another process would that took it for dead."""
    engine = await migrated_engine(f"sqlite+aiosqlite:///{trial.folder}/state.sqlite")
    await Signer(engine, RecordKeys(trial.keys)).sign(abandoned_s=0)
    await engine.dispose()


async def test_each_field_is_told_with_its_category_and_law(trial: Trial) -> None:
    await read(trial, DEPARTMENT, "self")
    [entry] = await own(trial, AN, "department")
    [rule] = entry["fields"][0].pop("rules")
    assert entry["fields"] == [{"coordinate": "Learner.fullName", "category": "identity.name"}]
    assert (rule["id"], rule["basis"]) == ("department-school-management", "public-task")
    assert rule["basisText"].startswith("Activity of a state body")
    assert rule["citation"].startswith("Law 91/2025/QH15")
    assert [one["id"] for one in entry["rules"]] == ["department-school-management"]
    assert (entry["subjects"], entry["hiddenBy"]) == ("ONE", None)


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("en", "No rule opens it to whoever asked."),
        ("vi", "Không có quy định nào cho phép bên truy vấn đọc dữ liệu này."),
    ],
)
async def test_a_denial_is_told_in_the_callers_language(trial: Trial, language: str, reason: str) -> None:
    await read(trial, DEPARTMENT, "self")
    [entry] = await own(trial, AN, "department", language)
    assert [(one["coordinate"], one["code"], one["reason"]) for one in entry["denied"]] == [
        ("Learner.citizenId", "ROLE_NOT_PERMITTED", reason)
    ]


def test_reasons_are_worded_for_a_guardian_too() -> None:
    words = " ".join(text for reason in (*REASONS.values(), UNNAMED) for text in reason.values())
    assert re.findall(r"\b(?:you|your|yours|bạn)\b", words, re.IGNORECASE) == []


BEFORE_THERE_IS_AN_ENTRY = {
    "AGREEMENT_EXPIRED",
    "AGREEMENT_SUSPENDED",
    "EMERGENCY_NOT_GRANTED",
    "METHOD_NOT_ALLOWED",
    "PURPOSE_MISSING",
    "PURPOSE_NOT_GRANTED",
}
"""Codes of what is refused before anything is asked of anybody's data."""


def test_every_code_that_an_entry_may_have_has_words_of_its_own_in_both_languages() -> None:
    of_policy = set(re.findall(r"[A-Z]+(?:_[A-Z]+)+|FORBIDDEN", Denial.__doc__ or ""))
    assert len(of_policy) == 13
    codes = of_policy | {*CODE_BY_KIND.values(), INTERNAL, NOT_PERMITTED, EXHAUSTED, TOO_COMPLEX, *_written()}
    assert {"ANSWER_TOO_LARGE", "RATE_LIMITED", "HARVEST_STOPPED", "SOURCE_UNAVAILABLE"} <= codes
    assert codes - BEFORE_THERE_IS_AN_ENTRY - REASONS.keys() == set()
    assert codes >= BEFORE_THERE_IS_AN_ENTRY
    assert [code for code, words in REASONS.items() if words.keys() != {"vi", "en"}] == []


def _written() -> set[str]:
    """Return the codes that stand in our own code where an answer is refused or withheld."""
    refusing = {"Refused", "withhold", "super().__init__"}
    return {
        str(argument.value)
        for folder in ("auth", "resolvers", "schema")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and {ast.unparse(call.func), ast.unparse(call.func).split(".")[-1]} & refusing
        for argument in call.args
        if isinstance(argument, ast.Constant) and re.fullmatch(r"[A-Z]+(_[A-Z]+)*", str(argument.value))
    }


async def test_others_in_the_same_operation_are_told_of_in_a_band_only(trial: Trial) -> None:
    numbers = [trial.world.learner(name)["citizen_id"] for name in ("self", "child", "stranger")]
    await trial.answer(CALLER["exam-office:exam-registration"], READ_ALL, {"ids": numbers})
    [entry] = await own(trial, AN, "exam-office")
    assert entry["subjects"] == "UP_TO_10"
    assert "3" not in [str(value) for value in entry.values()]


async def test_a_proof_is_there_once_a_root_covers_the_entry(trial: Trial) -> None:
    await read(trial, DEPARTMENT, "self")
    [waiting] = await own(trial, AN, "department")
    assert waiting["proof"] is None
    assert waiting["proofAfter"] > waiting["at"]

    await signed(trial)
    [proved] = await own(trial, AN, "department")
    assert proved["proofAfter"] is None
    shown = orjson.loads(proved["proof"]["shown"])
    assert (shown["released"], shown["client_id"]) == (proved["released"], proved["client"])
    keys = (await trial.client.get("/audit/keys.json")).content
    verification = Verification(PublicKeys.read(keys))
    verification.read([proved["proof"]["document"].encode()])
    assert verification.findings == []
    assert verification.proofs == 1


async def test_what_was_of_one_of_several_is_told_as_that(trial: Trial) -> None:
    numbers = [trial.world.learner(name)["citizen_id"] for name in ("self", "child")]
    caller = replace(CALLER["exam-office:exam-registration"], case="HS-2026-17")
    await trial.answer(caller, READ_MORE, {"ids": numbers})
    [entry] = await own(trial, AN, "exam-office")
    assert (entry["subjects"], entry["case"]) == ("UP_TO_10", None)  # the dossier may be the other's
    assert [one["reason"] for one in entry["denied"]] == [
        "Of at least one of those concerned: No rule opens it to whoever asked."
    ]
    [entry] = await own(trial, AN, "exam-office", "vi")
    assert entry["denied"][0]["reason"].startswith("Đối với ít nhất một trong những người liên quan: Không")
    await trial.answer(caller, READ_MORE, {"ids": numbers[:1]})
    [alone, _] = await own(trial, AN, "exam-office")
    assert (alone["subjects"], alone["case"]) == ("ONE", "HS-2026-17")
    assert alone["denied"][0]["reason"] == "No rule opens it to whoever asked."


async def test_of_any_number_of_pages_a_window_is_hashed_once(trial: Trial) -> None:
    for _ in range(4):
        await read(trial, DEPARTMENT, "self")
    await signed(trial)
    aliases = [f"a{n}: dataUsage(first: {n % 4 + 1}) {{ nodes {{ proof {{ leaf }} proofAfter }} }}" for n in range(50)]
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        logs = (await trial.answer(AN, f"{{ me {{ {' '.join(aliases)} }} }}"))["data"]["me"]
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [len(log["nodes"]) for log in logs.values()] == [n % 4 + 1 for n in range(50)]
    assert all(one["proof"] for log in logs.values() for one in log["nodes"])
    assert len([one for one in statements if one.startswith("SELECT audit_entries.hash")]) == 1


async def test_a_guardian_reads_the_childs_log_and_no_others(trial: Trial) -> None:
    for learner in ("child", "ward", "grown", "stranger"):
        await read(trial, POLICE, learner)
    logs = await childrens(trial, AN)
    assert set(logs) == {trial.world.person("child")}  # neither a former ward's nor a grown child's
    assert [one["released"] for one in logs[trial.world.person("child")]] == [["Learner.citizenId", "Learner.fullName"]]
    assert await childrens(trial, OTHER) == {}


async def test_reading_a_childs_log_is_in_the_childs_log(trial: Trial) -> None:
    await read(trial, POLICE, "child")
    await childrens(trial, AN)
    entries = await own(trial, CHILD, "vneid-app")
    assert "Guardianship.dataUsage" in entries[0]["released"]
    assert entries[0]["subjects"] == "UP_TO_10"  # the guardian and the child


async def test_a_childs_log_is_proved_to_the_guardian(trial: Trial) -> None:
    await read(trial, POLICE, "child")
    await signed(trial)
    [entry] = (await childrens(trial, AN))[trial.world.person("child")]
    document = entry["proof"]["document"]
    assert orjson.loads(orjson.loads(document)["shown"])["released"] == entry["released"]
    assert trial.keys.pseudonym(trial.world.person("child")).hex() not in document


@pytest.mark.parametrize("by", ["citizenId", "id"])
async def test_who_asked_for_consent_is_in_the_log_of_whom_it_concerns(trial: Trial, by: str) -> None:
    learner = trial.world.learner("self")
    named = trial.world.person("an")
    if by == "id":
        named = trial.sealer(EMPLOYER).seal(NODE, ("Learner", learner["sector_code"]))
    asked = {
        "by": {by: named},
        "categories": ["identity.name", "credential", "credential.status"],
        "until": "2027-01-01",
    }
    body = await trial.answer(EMPLOYER, ASK, {"input": asked})
    assert "errors" not in body, body["errors"]
    [entry] = await own(trial, AN, "employer")
    assert entry["released"] == ["Mutation.requestConsent"]
    assert await own(trial, OTHER, "employer") == []
