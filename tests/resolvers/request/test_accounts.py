"""Fields with resolvers of their own: each leaves its coordinate, its outcome and whom it concerned in the entry."""

import sqlite3
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from auth.audit.record import Audit
from auth.audit.writing.outbox import LEFT_FOR
from auth.crypto.keys import PSEUDONYM_BYTES, Keys
from auth.state.engine import migrated_engine
from engine.declarations import Handwritten, Part
from tests.leaks.callers import CALLER, Caller
from tests.leaks.trial import SECRET, Trial

pytestmark = pytest.mark.anyio

AN, STRANGER = CALLER["citizen an:2"], CALLER["citizen stranger:2"]
EMPLOYER, DEPARTMENT = CALLER["employer:diploma-verification"], CALLER["department:diploma-correction"]
HANDLING, OFFICER = CALLER["department:rights-handling"], CALLER["officer:oversight"]
POLICE, MINISTRY = CALLER["police:vital-interests"], CALLER["ministry:statistics"]
UNTIL = (datetime.now(UTC) + timedelta(days=300)).date().isoformat()
TERMS = {"recipient": "employer", "purpose": "diploma-verification", "until": UNTIL}
CATEGORIES = ["credential", "credential.status", "learner.record"]
IDS = "{ me { identity { id } learners { id } children { child { id } } } }"
NOTICE = """query($terms: ConsentTermsInput!) {
    me { consentNotice(terms: $terms, language: EN) { digest releases { coordinate } } } }"""
GRANT = "mutation($input: GrantConsentInput!) { grantConsent(input: $input) { id } }"
AMEND = "mutation($input: AmendConsentInput!) { amendConsent(input: $input) { id } }"
WITHDRAW = "mutation($id: ID!) { withdrawConsent(id: $id) { id } }"
ASK = "mutation($input: RequestConsentInput!) { requestConsent(input: $input) { id } }"
WAITING = "query($child: ID) { me { consentRequests(child: $child) { id notice(language: EN) { digest } } } }"
ACCEPT = """mutation($id: ID!, $digest: String!) {
    acceptConsentRequest(id: $id, language: EN, noticeDigest: $digest) { id } }"""
DECLINE = "mutation($id: ID!) { declineConsentRequest(id: $id) }"
CONSENTS = "query($child: ID) { me { consents(child: $child) { id } } }"
SUBMIT = "mutation($input: RightsRequestInput!) { submitRightsRequest(input: $input) { id } }"
CORRECT = "mutation($input: CorrectionInput!) { correctionRequest(input: $input) { id } }"
UNSUBMIT = "mutation($id: ID!) { withdrawRightsRequest(id: $id) { id } }"
ANSWER = "mutation($id: ID!) { answerRightsRequest(id: $id, decision: ACKNOWLEDGED) { id } }"
OPEN = """mutation($child: ID) {
    openDossier(procedure: "diploma-reissue", agency: "department", child: $child) { id number } }"""
RECEIVE = """mutation($person: String!) {
    receiveDossier(procedure: "diploma-reissue", number: "H-1", personNumber: $person) { id } }"""
CLOSE = "mutation($number: String!) { closeDossier(number: $number, outcome: COMPLETED) { id } }"
UNOPEN = "mutation($id: ID!) { withdrawDossier(id: $id) { id } }"
READ = "query($code: ID!) { learner(by: {sectorCode: $code}) { fullName } }"
REVIEW = 'mutation($id: ID!) { reviewEmergencyReading(id: $id, justified: true, words: "Đã kiểm tra") { id } }'


class Accounted:
    """The application, every operation held to the entry that it leaves."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.told: set[str] = set()

    async def ids(self, caller: Caller) -> Any:
        return (await self.trial.answer(caller, IDS))["data"]["me"]

    async def answer(
        self, caller: Caller, coordinate: str, persons: Iterable[str], query: str, **variables: Any
    ) -> Any:
        """Return what the field answers, its entry having it as released, and about these persons."""
        body = await self.trial.answer(caller, query, variables)
        assert "errors" not in body, (coordinate, body["errors"])
        entry, subjects = self.entry()
        assert coordinate in entry["released"], (coordinate, entry)
        assert subjects == self.pseudonyms({*persons, *self._entered(caller, coordinate)}), coordinate
        if coordinate.startswith("Mutation."):
            notes = self.notes(entry["request_id"])
            assert notes, f"{coordinate} leaves no note in its transaction"
            assert {name for note, _ in notes for name in note["released"]} == {coordinate}
            about = frozenset().union(*(one for _, one in notes))
            assert about <= subjects, coordinate
            assert bool(about) == bool(subjects), coordinate
        self.told.add(coordinate)
        data = body["data"].get("me", body["data"])
        return data[coordinate.partition(".")[2]]

    async def refuse(self, caller: Caller, coordinate: str, code: str, query: str, **variables: Any) -> None:
        """Hold a refusal to its entry: the field as denied with the code, about nobody but the citizen who asked."""
        body = await self.trial.answer(caller, query, variables)
        assert [error["extensions"]["code"] for error in body["errors"]] == [code], coordinate
        entry, subjects = self.entry()
        assert [coordinate, code, ""] in entry["denied"], (coordinate, entry)
        assert entry["released"] == [], coordinate
        assert subjects <= self.pseudonyms([caller.person] if caller.person else []), coordinate

    def _entered(self, caller: Caller, coordinate: str) -> set[str]:
        """Return whom the way to the field is about already: `me` is a row of the citizen."""
        return {str(caller.person)} if coordinate.startswith("Me.") else set()

    def entry(self) -> tuple[dict[str, Any], set[bytes]]:
        """Return the newest entry and the pseudonyms of whom it concerned."""
        with sqlite3.connect(self.trial.folder / "state.sqlite") as connection:
            newest = "select writer, sequence, body from audit_entries order by at desc limit 1"
            writer, sequence, body = connection.execute(newest).fetchone()
            index = "select subject from audit_subjects where writer = ? and sequence = ?"
            subjects = {subject for (subject,) in connection.execute(index, (writer, sequence))}
        connection.close()
        return orjson.loads(body), subjects

    def notes(self, request_id: str) -> list[tuple[dict[str, Any], frozenset[bytes]]]:
        """Return what the operation's changes have said of themselves, and about whom."""
        with sqlite3.connect(self.trial.folder / "state.sqlite") as connection:
            rows = connection.execute("select body, subjects from audit_outbox").fetchall()
        connection.close()
        found = [(orjson.loads(body), joined) for body, joined in rows]
        return [(note, frozenset(_cut(joined))) for note, joined in found if note["request_id"] == request_id]

    def pseudonyms(self, persons: Iterable[str]) -> set[bytes]:
        return {Keys(SECRET).pseudonym(self.trial.world.person(name)) for name in persons}


def _cut(joined: bytes) -> Iterable[bytes]:
    return (joined[start : start + PSEUDONYM_BYTES] for start in range(0, len(joined), PSEUDONYM_BYTES))


@pytest.fixture
async def accounted(trial: Trial) -> AsyncIterator[Accounted]:
    yield Accounted(trial)


async def test_every_field_with_a_resolver_of_its_own_is_in_the_entry_with_whom_it_concerned(
    accounted: Accounted,
) -> None:
    await _consents(accounted)
    await _requests(accounted)
    await _rights(accounted)
    await _dossiers(accounted)
    await _emergencies(accounted)
    await _of_nobody(accounted)
    await accounted.answer(AN, "Me.dataUsage", ["an"], "{ me { dataUsage { complete } } }")

    catalogue = accounted.trial.catalogue
    handwritten = {
        catalogue.coordinate(typename, name)
        for typename in catalogue.schema.type_map
        for name, declaration in catalogue.declarations(typename).items()
        if isinstance(declaration, Handwritten) and declaration.concerns is not Part.OF_ACCOUNTED
    }
    assert accounted.told == handwritten


async def _consents(accounted: Accounted) -> None:
    child = (await accounted.ids(AN))["children"][0]["child"]["id"]
    for whom, named in (("an", None), ("child", child)):
        terms = {**TERMS, "categories": CATEGORIES, "child": named}
        shown = await accounted.answer(AN, "Me.consentNotice", [whom], NOTICE, terms=terms)
        given = {**terms, "language": "EN", "noticeDigest": shown["digest"]}
        consent = await accounted.answer(AN, "Mutation.grantConsent", [whom], GRANT, input=given)
        narrower = {**terms, "categories": CATEGORIES[:2]}
        digest = (await accounted.trial.answer(AN, NOTICE, {"terms": narrower}))["data"]["me"]["consentNotice"][
            "digest"
        ]
        amended = {"id": consent["id"], "categories": CATEGORIES[:2], "language": "EN", "noticeDigest": digest}
        await accounted.answer(AN, "Mutation.amendConsent", [whom], AMEND, input=amended)
        assert await accounted.answer(AN, "Me.consents", [whom], CONSENTS, child=named)
        await accounted.answer(AN, "Mutation.withdrawConsent", [whom], WITHDRAW, id=consent["id"])
    given_to_employer = "{ myConsents { nodes { subject } } }"
    await accounted.answer(EMPLOYER, "Query.myConsents", ["an", "consented"], given_to_employer)


async def _requests(accounted: Accounted) -> None:
    number = accounted.trial.world.person("an")
    for coordinate in ("Mutation.acceptConsentRequest", "Mutation.declineConsentRequest"):
        asked = {"by": {"citizenId": number}, "categories": CATEGORIES, "until": UNTIL}
        await accounted.answer(EMPLOYER, "Mutation.requestConsent", ["an"], ASK, input=asked)
        (waiting,) = await accounted.answer(AN, "Me.consentRequests", ["an"], WAITING)
        accepting = coordinate == "Mutation.acceptConsentRequest"
        given = {"digest": waiting["notice"]["digest"]} if accepting else {}
        query = ACCEPT if accepting else DECLINE
        await accounted.answer(AN, coordinate, ["an"], query, id=waiting["id"], **given)


async def _rights(accounted: Accounted) -> None:
    known = await accounted.ids(AN)
    record = known["learners"][0]["id"]
    wanted = {"kind": "ACCESS", "record": record}
    submitted = await accounted.answer(AN, "Mutation.submitRightsRequest", ["an"], SUBMIT, input=wanted)
    wrong = {"coordinate": "Learner.fullName", "record": record, "proposedValue": "Nguyễn Ân"}
    await accounted.answer(AN, "Mutation.correctionRequest", ["an"], CORRECT, input=wrong)
    childs = {"kind": "ACCESS", "record": known["children"][0]["child"]["id"]}
    await accounted.answer(AN, "Mutation.submitRightsRequest", ["child"], SUBMIT, input=childs)
    await accounted.answer(AN, "Me.rightsRequests", ["an", "child"], "{ me { rightsRequests { id } } }")
    queue = await accounted.answer(HANDLING, "Query.rightsQueue", ["an"], "{ rightsQueue { nodes { id } } }")
    await accounted.answer(HANDLING, "Mutation.answerRightsRequest", ["an"], ANSWER, id=queue["nodes"][0]["id"])
    await accounted.answer(AN, "Mutation.withdrawRightsRequest", ["an", "child"], UNSUBMIT, id=submitted["id"])


async def _dossiers(accounted: Accounted) -> None:
    child = (await accounted.ids(AN))["children"][0]["child"]["id"]
    own = await accounted.answer(AN, "Mutation.openDossier", ["an"], OPEN)
    childs = await accounted.answer(AN, "Mutation.openDossier", ["child"], OPEN, child=child)
    await accounted.answer(AN, "Me.dossiers", ["an", "child"], "{ me { dossiers { number } } }")
    number = accounted.trial.world.person("two")
    await accounted.answer(DEPARTMENT, "Mutation.receiveDossier", ["two"], RECEIVE, person=number)
    mine = "{ myDossiers { nodes { number } } }"
    await accounted.answer(DEPARTMENT, "Query.myDossiers", ["an", "child", "two", "stranger"], mine)
    await accounted.answer(DEPARTMENT, "Mutation.closeDossier", ["an"], CLOSE, number=own["number"])
    await accounted.answer(AN, "Mutation.withdrawDossier", ["child"], UNOPEN, id=childs["id"])


async def _emergencies(accounted: Accounted) -> None:
    trial = accounted.trial
    headers = {**POLICE.headers(trial.world), "Break-Glass": quote("Cần báo cho cha mẹ của cháu")}
    code = {"code": trial.world.learner("child")["sector_code"]}
    await trial.client.post("/graphql", json={"query": READ, "variables": code}, headers=headers)
    await accounted.answer(AN, "Me.notices", ["an", "child"], "{ me { notices { reason } } }")
    queue = "{ emergencyReadings { nodes { id } } }"
    found = await accounted.answer(OFFICER, "Query.emergencyReadings", [], queue)
    await accounted.answer(OFFICER, "Mutation.reviewEmergencyReading", [], REVIEW, id=found["nodes"][0]["id"])


async def _of_nobody(accounted: Accounted) -> None:
    for caller, coordinate, query in (
        (OFFICER, "Query.auditEntries", "{ auditEntries { nodes { client } } }"),
        (OFFICER, "Query.minimisationReport", "{ minimisationReport { client } }"),
        (OFFICER, "Query.alarms", "{ alarms { kind } }"),
        (MINISTRY, "Query.learnerCounts", "{ learnerCounts(by: PROVINCE) { group } }"),
        (AN, "Query.accessMap", "{ accessMap { coordinate } }"),
        (AN, "Query.limits", "{ limits { kind } }"),
        (AN, "Query.explain", '{ explain(document: "{ me { identity { fullName } } }") { __typename } }'),
    ):
        await accounted.answer(caller, coordinate, [], query)


async def test_what_is_refused_is_in_the_entry_as_refused(accounted: Accounted) -> None:
    stranger = (await accounted.ids(STRANGER))["identity"]["id"]
    child = {"child": stranger}
    terms = {**TERMS, "categories": CATEGORIES}
    given = {**terms, "language": "EN", "noticeDigest": "another"}
    bad, denied = "BAD_USER_INPUT", "UNAUTHENTICATED"
    await accounted.refuse(AN, "Me.consents", bad, CONSENTS, **child)
    await accounted.refuse(AN, "Me.consentNotice", bad, NOTICE, terms={**terms, **child})
    await accounted.refuse(STRANGER, "Mutation.grantConsent", bad, GRANT, input=given)
    await accounted.refuse(EMPLOYER, "Mutation.grantConsent", denied, GRANT, input=given)
    await accounted.refuse(EMPLOYER, "Mutation.withdrawConsent", denied, WITHDRAW, id="x")
    await accounted.refuse(AN, "Mutation.withdrawConsent", bad, WITHDRAW, id="x")
    await accounted.refuse(AN, "Mutation.withdrawDossier", bad, UNOPEN, id="x")
    await accounted.refuse(AN, "Mutation.declineConsentRequest", bad, DECLINE, id="x")
    await accounted.refuse(AN, "Mutation.closeDossier", "FORBIDDEN", CLOSE, number="x")
    await accounted.refuse(AN, "Query.myConsents", denied, "{ myConsents { nodes { subject } } }")


async def test_what_was_done_by_one_alias_stays_released_where_another_is_refused(accounted: Accounted) -> None:
    query = """mutation { good: openDossier(procedure: "diploma-reissue", agency: "department") { id }
        bad: openDossier(procedure: "nothing", agency: "department") { id } }"""
    await accounted.trial.answer(AN, query)
    entry, subjects = accounted.entry()
    assert entry["released"] == ["Mutation.openDossier"]
    assert ["Mutation.openDossier", "BAD_USER_INPUT", ""] in entry["denied"]
    assert subjects == accounted.pseudonyms(["an"])


async def test_a_change_whose_entry_could_not_be_written_is_in_the_persons_log_later(trial: Trial) -> None:
    _renamed(trial, "audit_entries", "elsewhere")
    answered = await trial.send(AN, OPEN)
    _renamed(trial, "elsewhere", "audit_entries")
    engine = await migrated_engine(f"sqlite+aiosqlite:///{trial.folder}/state.sqlite")
    audit = Audit(engine, Keys(SECRET))
    await audit.start()
    await audit.deliver(datetime.now(UTC) + 2 * LEFT_FOR)
    await audit.stop()
    await engine.dispose()

    read = await trial.answer(AN, "{ me { dossiers { number } dataUsage { nodes { released } } } }")
    assert answered.status_code == 503
    assert len(read["data"]["me"]["dossiers"]) == 1  # the change stands
    assert ["Mutation.openDossier"] in [one["released"] for one in read["data"]["me"]["dataUsage"]["nodes"]]


def _renamed(trial: Trial, table: str, name: str) -> None:
    with sqlite3.connect(trial.folder / "state.sqlite") as connection:
        connection.execute(f"alter table {table} rename to {name}")
    connection.close()
