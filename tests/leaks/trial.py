"""The application on the world, with everything that leaves it caught: answers, headers, logs, statements, audit."""

import logging
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
import structlog
from starlette.applications import Starlette

from auth.agreements.grants import Grants
from auth.argument_terms import ArgumentTerms
from auth.crypto.keys import Keys
from auth.crypto.sealing import Sealer
from auth.dossiers.store import Dossiers
from auth.dossiers.terms import Opener, Opening
from auth.limits.address_quotas import AddressLimits
from auth.principal import Grant
from auth.state.engine import migrated_engine
from engine.catalogue import Catalogue
from resolvers.request.request import NODE
from schema.build import build_schema
from tests.app import Settings, app, running
from tests.auth.policies import COMMITTED
from tests.auth.tokens import issuer
from tests.leaks.callers import CALLERS, Caller
from tests.leaks.canaries import LONG_AGO, TODAY
from tests.leaks.fetched import Fetched, fetched
from tests.leaks.oracle import Oracle
from tests.leaks.paths import Operation, Paths
from tests.leaks.walk import Walk
from tests.leaks.world import World, made_world, write_registers

SECRET = bytes(range(32))
KEYS = Keys(SECRET)
REGISTERS = ("education.sqlite", "credentials.sqlite", "population.sqlite")
EXECUTORS = ("reference", "plan")
ANYTHING = {
    f"{typename}.{name}": ArgumentTerms({}, 1000)
    for typename, names in (
        ("Learner", ("isAtLeast", "identityMatch", "heldPermanentResidence")),
        ("CitizenIdentity", ("isAtLeast", "identityMatch")),
    )
    for name in names
}
"""What answers may be asked with: the matrix is of categories. That answers are no oracles is for test_oracles.py."""


@dataclass
class Trial:
    """One running application. `words` is all text that left it beside answers; `statements` reached the registers."""

    client: httpx2.AsyncClient
    world: World
    catalogue: Catalogue
    folder: Path
    words: list[str]
    statements: list[str]
    keys: Keys = field(default_factory=lambda: Keys(SECRET))

    def sealer(self, caller: Caller) -> Sealer:
        return self.keys.sealer(caller.recipient)

    def opened(self, caller: Caller, token: str) -> Any:
        """Return the key that a global id was made of."""
        opened = self.sealer(caller).open(token, NODE)
        assert isinstance(opened, tuple)
        return opened[1]

    def oracle(self, caller: Caller) -> Oracle:
        return Oracle(caller, self.world, self.catalogue)

    async def send(self, caller: Caller, query: str, variables: Mapping[str, Any] | None = None) -> httpx2.Response:
        """Send an operation and keep the whole response for the search."""
        body = {"query": query, "variables": dict(variables or {})}
        response = await self.client.post("/graphql", json=body, headers=caller.headers(self.world))
        self.words.append(f"{response.headers} {response.text}")
        return response

    async def answer(self, caller: Caller, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer's body without what is particular to each request."""
        body: dict[str, Any] = orjson.loads((await self.send(caller, query, variables)).content)
        body.get("extensions", {}).pop("requestId", None)
        return body

    async def walked(self, caller: Caller, operation: Operation) -> Walk:
        """Return what a walk over the operation's answer finds; an answer with errors leads nowhere."""
        body = await self.answer(caller, operation.query, operation.variables)
        walk = Walk(self.oracle(caller), self.sealer(caller), operation.path)
        other = [error for error in body.get("errors", ()) if error["extensions"]["code"] != "SOURCE_INVALID"]
        assert not other, (operation.path, other[:2])
        operation.check(walk, body["data"])
        return walk

    def audit(self) -> str:
        """Return the bytes of our own state as text: the audit record, consents and all else that is kept."""
        with sqlite3.connect(self.folder / "state.sqlite") as connection:
            text = "\n".join(connection.iterdump())
        connection.close()
        return text


@dataclass
class Findings:
    """What the matrix found of one caller."""

    leaks: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    fetched: list[Fetched] = field(default_factory=list)


async def findings(trial: Trial, caller: Caller) -> Findings:
    """Ask everything by every path, and return what was found; the words of answers, logs and audit are searched."""
    found = Findings()
    trial.words.clear()
    for operation in Paths(trial.oracle(caller), trial.sealer(caller)).all():
        trial.statements.clear()
        walk = await trial.walked(caller, operation)
        found.fetched += fetched(operation.path, trial.statements)
        found.leaks += walk.leaks
        found.losses += walk.losses
        found.asked |= walk.asked
        found.shown |= walk.shown
    found.leaks += met(trial, caller)
    return found


def met(trial: Trial, caller: Caller) -> list[str]:
    """Return where the caller's forbidden canaries were met in what left the application."""
    forbidden = trial.oracle(caller).forbidden()
    words = "\n".join(trial.words)
    return [f"canary of {place}" for place in _places(trial.world, {one for one in forbidden if one in words})]


def kept(trial: Trial) -> list[str]:
    """Return whose canaries our own state holds: none may be there, whoever asked."""
    text = trial.audit()
    return _places(trial.world, {canary for _, _, _, canary in trial.world.values() if canary in text})


def _places(world: World, canaries: set[str]) -> list[str]:
    return [
        f"{record}.{column} of {world.subject(record, row)}"
        for record, row, column, canary in world.values()
        if canary in canaries
    ]


def application(trial: Trial) -> Starlette:
    """Return the application that a trial's client calls in this process."""
    transport = trial.client._transport
    assert isinstance(transport, httpx2.ASGITransport)
    application = transport.app
    assert isinstance(application, Starlette)
    return application


@asynccontextmanager
async def trial(
    folder: Path, executor: str = "reference", policies: Path = COMMITTED, **more: Any
) -> AsyncIterator[Trial]:
    """Run the application on the world in `folder`, logging all there is to log; `more` are settings."""
    world = made_world()
    settings = replace(_settings(folder, world, executor, policies), **more)
    await _prepare_state(settings.state_url, world)
    _, catalogue = build_schema()
    with _statements() as statements, _logged() as words:
        async with running(app(settings)) as client:
            opened = Trial(client, world, catalogue, folder, words, statements)
            await _consent(opened)
            yield opened


def _settings(folder: Path, world: World, executor: str, policies: Path) -> Settings:
    assert executor in EXECUTORS
    return Settings(
        registers=write_registers(world, folder),
        variables={},
        state_url=f"sqlite+aiosqlite:///{folder}/state.sqlite",
        master_secret=SECRET,
        issuers=[issuer()],
        policies=policies,
        plan=executor == "plan",
        strangers_per_day=1_000_000,
        citizen_requests_per_minute=1_000_000,
        address_limits=AddressLimits(100_000, 100_000, 100_000),
    )


async def _prepare_state(url: str, world: World) -> None:
    engine = await migrated_engine(url)
    for caller in CALLERS:
        if caller.role not in ("public", "citizen"):
            expiry = dict.fromkeys(caller.expired, LONG_AGO)
            covers = caller.jurisdiction(world)
            limits = (100_000, 1_000_000)
            asker = (caller.client_id, caller.role, caller.purpose)
            more: dict[str, Any] = {"emergency": caller.emergency, "arguments": ANYTHING, "categories": caller.listed}
            more["misses_per_day"] = 1_000_000
            grant = Grant(*asker, covers, LONG_AGO, None, expiry, *limits, **more)
            await Grants(engine).save(grant)
        if caller.case:
            await _open(Dossiers(engine, KEYS), caller, world)
    await engine.dispose()


async def _open(dossiers: Dossiers, caller: Caller, world: World) -> None:
    """Open the dossier that a caller names, as long as the world lasts."""
    subject = world.person(caller.case_of.removeprefix("person "))
    known = KEYS.kept_subjects(caller.client_id).seal(NODE, ("CitizenIdentity", subject))
    opening = Opening(caller.client_id, caller.case, caller.case, Opener.AGENCY, TODAY, date.max, known)
    await dossiers.open(opening, subject, datetime.now(UTC), TODAY)


NOTICE = "query($terms: ConsentTermsInput!) { me { consentNotice(terms: $terms, language: VI) { digest } } }"
GRANT = """mutation($input: GrantConsentInput!) {
    grantConsent(input: $input) { id recipient categories effective lacks withdrawnAt } }"""
WITHDRAW = "mutation($id: ID!) { withdrawConsent(id: $id) { effective } }"


async def _consent(trial: Trial) -> None:
    """Give the consents that callers are described with, and one that opens nothing any more; others are not taken."""
    for caller in CALLERS:
        for subject, categories in caller.consents.items():
            if subject.startswith("person "):
                await _given(trial, subject.removeprefix("person "), caller.client_id, caller.purpose, categories)
    everything = {"identity.name", "identity.birth", "schooling", "credential", "credential.status"}
    for client, purpose in (("employer", "university-admission"), ("university", "diploma-verification")):
        assert "errors" in await agreed(trial, _citizen("stranger"), _terms(client, purpose, everything))
    withdrawn = await _given(trial, "stranger", "university", "university-admission", everything)
    body = await trial.answer(_citizen("stranger"), WITHDRAW, {"id": withdrawn})
    assert not body["data"]["withdrawConsent"]["effective"]


async def agreed(trial: Trial, citizen: Caller, terms: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a consent given after the text was read, or to the reading where that failed."""
    read = await trial.answer(citizen, NOTICE, {"terms": terms})
    if "errors" in read:
        return read
    given = {**terms, "language": "VI", "noticeDigest": read["data"]["me"]["consentNotice"]["digest"]}
    return await trial.answer(citizen, GRANT, {"input": given})


async def _given(trial: Trial, person: str, client: str, purpose: str, categories: Iterable[str]) -> str:
    body = await agreed(trial, _citizen(person), _terms(client, purpose, categories))
    assert "errors" not in body, body["errors"]
    given: dict[str, Any] = body["data"]["grantConsent"]
    assert given["effective"]
    return str(given["id"])


def _terms(client: str, purpose: str, categories: Iterable[str]) -> dict[str, Any]:
    return {"recipient": client, "purpose": purpose, "categories": sorted(categories), "until": "2027-01-01"}


def _citizen(person: str) -> Caller:
    return Caller(f"citizen {person}", "citizen", "self-service", 2, person)


@contextmanager
def _statements() -> Any:
    """Catch every statement that reaches a register's file, with its arguments, as SQLite itself sees it."""
    statements: list[str] = []
    connect = sqlite3.connect

    def traced(database: Any, *given: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(database, *given, **more)
        if any(register in str(database) for register in REGISTERS):
            connection.set_trace_callback(statements.append)
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", traced)
        yield statements


class _Words(logging.Handler):
    def __init__(self, words: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._words = words

    def emit(self, record: logging.LogRecord) -> None:
        self._words.append(self.format(record))


@contextmanager
def _logged() -> Any:
    """Catch what anybody logs, at any level, with structlog or the standard library."""
    words: list[str] = []

    def caught(_logger: Any, _method: str, event: Any) -> Any:
        words.append(repr(event))
        raise structlog.DropEvent

    handler = _Words(words)
    root, driver = logging.getLogger(), logging.getLogger("aiosqlite")
    driver.addHandler(handler)  # by itself: it logs every step, which the test's own report need not hold
    driver.propagate = False
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    configured = structlog.get_config()
    structlog.configure(processors=[caught])
    try:
        yield words
    finally:
        structlog.configure(**configured)
        driver.removeHandler(handler)
        driver.propagate = True
        root.setLevel(level)
        root.removeHandler(handler)
