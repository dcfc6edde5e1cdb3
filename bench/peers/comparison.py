"""`bench peers`: CPU per request of our server, policy, facts and audit on, beside servers that enforce nothing."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.load import Load
from bench.peers.bodies import PLAIN, comparable, leaves, write_bodies
from bench.peers.cluster import LEARNERS, Cluster, cluster
from bench.peers.contestants import Contestant, contestants
from bench.peers.product import headers, prepared
from bench.processes import Server, pinned
from bench.results import Results, medians, spread

QUERIES = ("q1", "q2", "q3")
CONCURRENT = {"q1": 32, "q2": 32, "q3": 8}
SERVER_CORE, OTHERS_CORE = "0", "1"
OURSELVES, CEILING = "lienthong", "by hand"
RIVALS = ("mercurius-jit", "postgraphile")
CHECKED = 5
COLUMNS = (
    "query",
    "server",
    "CPU ms",
    "least",
    "to rival",
    "PostgreSQL ms",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "PSS MiB",
    "bad",
)


class Unequal(Exception):
    """A server answers other data than the one written by hand; the message names server and query."""


def compare(
    folder: Path, rounds: int, seconds: float, chosen: Sequence[str], plan: bool | None, *, consents: bool = True
) -> Results:
    """Run each server in turn, in another order each round, on one core; the load and PostgreSQL have the other."""
    settings = {} if plan is None else {"plan": plan}
    with cluster(folder) as database:
        pinned(database.pid, OTHERS_CORE)
        bodies = write_bodies(folder / "bodies", LEARNERS)
        known = contestants(database, folder, prepared(database, folder, LEARNERS, consents=consents, **settings))
        names = [name for name in known if not chosen or name in chosen]
        expected = _expected(known[CEILING], folder, bodies)
        samples: list[dict[str, Any]] = []
        for number in range(rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                samples += _measured(known[name], folder, database, bodies, expected, seconds)
    return results(samples)


def results(samples: Sequence[dict[str, Any]]) -> Results:
    """Return the medians over the rounds; the ratio is ours to the better of the rivals."""
    cpu = medians(samples, lambda sample: (sample["query"], sample["server"]), "cpu_ms")
    found = Results(
        "peers", "CPU of ours to the better rival's; at most 0.7, aim 0.5", COLUMNS, unit="CPU ms a request"
    )
    for query in dict.fromkeys(sample["query"] for sample in samples):
        better = min((cpu[query, rival] for rival in RIVALS if (query, rival) in cpu), default=None)
        servers = sorted({server for asked, server in cpu if asked == query}, key=lambda server: cpu[query, server])
        for server in servers:
            own = [sample for sample in samples if (sample["query"], sample["server"]) == (query, server)]
            ratio = round(cpu[query, server] / better, 3) if better else None
            found.rows.append(_row(query, server, own, ratio))
            found.bars.append((query, server, cpu[query, server]))
            if server == OURSELVES and ratio is not None:
                found.ratio[query] = ratio
    return found


def _row(query: str, server: str, own: Sequence[dict[str, Any]], ratio: float | None) -> Sequence[Any]:
    cpu = spread(sample["cpu_ms"] for sample in own)
    others = ("database_ms", "per_second", "p50_ms", "p99_ms", "memory_mib")
    middle = [round(spread(sample[name] for sample in own).median, 3) for name in others]
    return (
        query,
        server,
        round(cpu.median, 3),
        round(cpu.least, 3),
        ratio,
        *middle,
        sum(sample["bad"] for sample in own),
    )


def _measured(
    one: Contestant,
    folder: Path,
    database: Cluster,
    bodies: Callable[[str, str], Path],
    expected: dict[str, list[Any]],
    seconds: float,
) -> list[dict[str, Any]]:
    samples = []
    with started(one, folder) as server:
        for query in QUERIES:
            load = Load(bodies(one.spelling, query), headers_of(one, folder), CONCURRENT[query], OTHERS_CORE)
            if _answers(server.port, load, query) != expected[query]:
                raise Unequal(f"`{one.name}` answers {query} with other data than `{CEILING}`")
            load.warm(server, one.warm[query], 60)
            sample = load.sample(server, database.pid, seconds)
            samples.append({"query": query, "server": one.name, **asdict(sample)})
            print(f"{one.name:14} {query} {sample.cpu_ms:8.3f} ms CPU {sample.per_second:8.1f}/s", flush=True)
    return samples


def _expected(ceiling: Contestant, folder: Path, bodies: Callable[[str, str], Path]) -> dict[str, list[Any]]:
    with started(ceiling, folder) as server:
        loads = {query: Load(bodies(PLAIN, query), headers_of(ceiling, folder), 1) for query in QUERIES}
        return {query: _answers(server.port, load, query) for query, load in loads.items()}


def started(one: Contestant, folder: Path, cores: str = SERVER_CORE) -> Server:
    log = folder / "logs" / f"{one.name.replace(' ', '-')}.log"
    return Server(one.name, one.command, one.environment, cores, log)


def headers_of(one: Contestant, folder: Path) -> Path:
    """Return the file with the headers of the server's requests; only some ask who calls and why."""
    if one.identified:
        return headers(folder)
    none = folder / "headers-none.txt"
    none.write_text("")
    return none


def _answers(port: int, load: Load, query: str) -> list[Any]:
    with load.bodies.open("rb") as file:
        return [comparable(answer(port, file.readline(), load.headers)) for _ in range(CHECKED)]


def answer(port: int, body: bytes, headers_file: Path) -> Any:
    """Return the data of one answer. Raises Unequal where there is none or it is partial."""
    given = dict(line.split(": ", 1) for line in headers_file.read_text().splitlines())
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json", **given}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            payload = json.load(response)
    except urllib.error.HTTPError as error:
        payload = json.load(error)
    if payload.get("errors") or not leaves(payload.get("data")):
        raise Unequal(f"errors instead of data: {payload.get('errors')}")
    return payload["data"]
