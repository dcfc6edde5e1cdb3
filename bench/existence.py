"""`bench existence`: whether the time of an answer tells that somebody exists, by pairs of a hidden learner and nobody.

Four callers ask over HTTP, on one connection each, for learners who may not be known of and for codes that nobody has,
in random order. The area under the curve (AUC) is how often the hidden one takes longer than nobody: 0.5 tells nothing.
"""

import json
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import orjson

from auth.principal import Grant, Jurisdiction
from bench.processes import Server
from bench.results import Results
from sandbox.issuer import SandboxIssuer
from sandbox.personas import PERSONAS, SCHOOL_CODE, Identity, Persona
from sandbox.seed import ensure_seeded

PAIRS = 1_000
LEARNERS = 20_000
WARM = 200
WANTED = 0.55
PAIRS_OF_A_CITIZEN = 4
"""Nobody may ask for more strangers than a few a day, so the pairs are spread over many citizens."""
COLUMNS = ("caller", "pairs", "hidden, median ms", "nobody, median ms", "AUC", "bad")
QUERY = "query($code: ID!) { learner(by: {sectorCode: $code}) { id fullName birthDate enrolments { level } } }"
CLIENTS = {
    "employer": ("employer", "diploma-verification", Jurisdiction()),
    "school": ("school", "school-management", Jurisdiction(institutions=frozenset({SCHOOL_CODE}))),
    "department": ("provincial-department", "school-management", Jurisdiction(provinces=frozenset({"01"}))),
}
LIMITLESS = 2**31 - 1


def run(folder: Path, pairs: int = PAIRS) -> Results:
    """Measure the four callers on the synthetic registers. The ratio is each caller's AUC."""
    data = folder / "existence"
    ensure_seeded(data, LEARNERS)
    found = Results("existence", f"AUC, {WANTED} or less wanted", COLUMNS, unit="AUC")
    issuer = SandboxIssuer(data)
    command = (sys.executable, "-m", "bench.existence_server", str(data), "{port}")
    with Server("existence", command, {}, "0", data / "server.log") as server:
        for caller in ("citizen", *CLIENTS):
            hidden, nobody, bad = _measured(server.port, _pairs(data, caller, pairs, issuer))
            area = auc(hidden, nobody)
            medians = [round(statistics.median(took), 3) for took in (hidden, nobody)]
            found.rows.append((caller, pairs, *medians, round(area, 3), bad))
            found.ratio[caller] = area
            found.bars.append(("AUC", caller, area))
    return found


def auc(longer: list[float], shorter: list[float]) -> float:
    """Return how often a value of the first list is above one of the second, ties counted by half."""
    ordered = sorted([(value, True) for value in longer] + [(value, False) for value in shorter])
    below, above_pairs, at = 0, 0.0, 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        tied = sum(not is_longer for _, is_longer in ordered[at:end])
        above_pairs += (end - at - tied) * (below + tied / 2)
        below, at = below + tied, end
    return above_pairs / (len(longer) * len(shorter))


def grants() -> list[Grant]:
    """Return what the agencies' agreements would be without the limits that keep anybody from asking so."""
    limits: dict[str, Any] = {
        name: LIMITLESS
        for name in Grant.__dataclass_fields__
        if name.endswith(("_per_minute", "_per_day")) or name == "misses_percent"
    }
    since = date(2026, 1, 1)
    return [
        Grant(f"bench-{name}", role, purpose, covers, since, None, **limits)
        for name, (role, purpose, covers) in CLIENTS.items()
    ]


def _pairs(data: Path, caller: str, pairs: int, issuer: SandboxIssuer) -> Iterator[tuple[Mapping[str, str], str, bool]]:
    """Yield (headers, code, whether it is a hidden learner's); the first few of each caller are to warm up."""
    chance = random.Random(caller)
    codes = _codes(data, caller)
    chance.shuffle(codes)
    persons = _persons(data) if caller == "citizen" else []
    chance.shuffle(persons)
    headers: Mapping[str, str] = {}
    for number in range(pairs + WARM):
        if caller == "citizen" and number % PAIRS_OF_A_CITIZEN == 0:
            headers = _citizen(issuer, persons[number // PAIRS_OF_A_CITIZEN])
        elif caller != "citizen" and number % 500 == 0:
            headers = _client(issuer, caller)
        code = codes[number % len(codes)]
        pair = [(headers, code, True), (headers, f"{code[:2]}77{chance.randrange(10**6):06}", False)]
        chance.shuffle(pair)
        yield from pair


def _codes(data: Path, caller: str) -> list[str]:
    """Return the codes of learners whom the caller may not know of."""
    hidden = {
        "school": f"institution_code != '{SCHOOL_CODE}'",
        "department": "province_code != '01'",
    }.get(caller, "link_state = 'VERIFIED'")
    return _column(data / "education.sqlite", f"SELECT sector_code FROM learners WHERE {hidden} ORDER BY 1")  # noqa: S608


def _persons(data: Path) -> list[str]:
    return _column(data / "population.sqlite", "SELECT person_key FROM citizens ORDER BY 1 LIMIT 5000")


def _column(path: Path, statement: str) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [value for (value,) in connection.execute(statement)]
    finally:
        connection.close()


def _citizen(issuer: SandboxIssuer, person: str) -> Mapping[str, str]:
    of = PERSONAS["graduate"]
    identity = Identity(person, "Đo Thời Gian", date(1990, 1, 1), "FEMALE")
    return _headers(issuer, replace(of, name=f"bench-{person[-6:]}", identity=identity), "self-service")


def _client(issuer: SandboxIssuer, caller: str) -> Mapping[str, str]:
    role, purpose, _ = CLIENTS[caller]
    persona = Persona(f"bench-{caller}", "client", caller, caller, f"bench-{caller}", (role,), (purpose,), 0)
    return _headers(issuer, persona, purpose)


def _headers(issuer: SandboxIssuer, persona: Persona, purpose: str) -> Mapping[str, str]:
    token = issuer.issue(persona, purpose)
    return {"Authorization": f"Bearer {token}", "Purpose": purpose, "Content-Type": "application/json"}


def _measured(
    port: int, questions: Iterator[tuple[Mapping[str, str], str, bool]]
) -> tuple[list[float], list[float], int]:
    """Return the milliseconds of hidden learners and of nobody, and how many were not answered by null."""
    took: dict[bool, list[float]] = {True: [], False: []}
    bad = 0
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    for number, (headers, code, is_hidden) in enumerate(questions):
        body = orjson.dumps({"query": QUERY, "variables": {"code": code}})
        began = time.perf_counter()
        connection.request("POST", "/graphql", body, dict(headers))
        answer = connection.getresponse().read()
        milliseconds = 1000 * (time.perf_counter() - began)
        if number >= 2 * WARM:
            took[is_hidden].append(milliseconds)
            bad += json.loads(answer).get("data") != {"learner": None}
    connection.close()
    return took[True], took[False], bad
