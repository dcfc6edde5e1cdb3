"""`bench season`: the exam season's residence look-ups, in batches over HTTP, with two workers on two cores."""

import math
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import orjson

from bench.peers.bodies import QUERIES, citizen_id
from bench.peers.cluster import DATABASE, LEARNERS, STATE, Cluster, cluster
from bench.peers.comparison import OURSELVES, headers_of, started
from bench.peers.contestants import contestants
from bench.peers.product import prepared
from bench.processes import Server, cpu_s, memory_mib
from bench.results import Results

LOOKUPS = 800_000
BATCH = 500
WORKERS = 2
CONCURRENT = 4
"""Requests at a time for each worker."""
WARM = 20
WANTED_S = 60.0
COLUMNS = (
    "look-ups",
    "seconds",
    "look-ups/s",
    "register calls/1,000",
    "audit entries",
    "server CPU s",
    "PostgreSQL CPU s",
    "PSS MiB",
    "p99 ms",
    "bad",
)


def run(folder: Path, plan: bool | None, lookups: int = LOOKUPS) -> Results:
    """Look up each of so many citizens once. The ratio is of the time to what was wanted."""
    settings = {} if plan is None else {"plan": plan}
    with cluster(folder) as database, ExitStack() as servers:
        ours = contestants(database, folder, prepared(database, folder, LEARNERS, **settings))[OURSELVES]
        bodies = _bodies(folder / "bodies" / "season", lookups)
        workers = [servers.enter_context(started(ours, folder, "0,1")) for _ in range(WORKERS)]
        headers = headers_of(ours, folder)
        for worker, file in zip(workers, bodies, strict=True):
            _answered(worker.port, file, headers, WARM)
        figures = _measured(database, workers, bodies, headers)
        calls_before = figures.pop("calls_before")
        servers.close()  # PostgreSQL counts a connection's last transactions when it ends
        calls = database.transactions(DATABASE) - calls_before
        entries = int(database.psql(STATE, "-c", "select count(*) from audit_entries"))
    row = (
        lookups,
        round(figures["seconds"], 1),
        round(lookups / figures["seconds"]),
        round(1000 * calls / lookups, 2),
        entries - WARM * WORKERS,
        *(round(figures[name], 1) for name in ("cpu", "database_cpu", "memory", "p99_ms")),
        figures["bad"],
    )
    found = Results("season", f"of the {WANTED_S:.0f} s wanted", COLUMNS, [row], unit="seconds")
    found.ratio["season"] = figures["seconds"] / WANTED_S * (LOOKUPS / lookups)
    found.bars += [("seconds", "measured", figures["seconds"]), ("seconds", "wanted", WANTED_S * lookups / LOOKUPS)]
    return found


def _measured(database: Cluster, workers: list[Server], bodies: list[Path], headers: Path) -> dict[str, Any]:
    for worker in workers:
        worker.settled()
    time.sleep(1.5)  # PostgreSQL counts at most once a second
    calls = database.transactions(DATABASE)
    own, others = sum(cpu_s(worker.pid) for worker in workers), cpu_s(database.pid)
    began = time.monotonic()
    with ThreadPoolExecutor(WORKERS) as threads:
        ports = [worker.port for worker in workers]
        took = [answered for part in threads.map(_answered, ports, bodies, [headers] * WORKERS) for answered in part]
    seconds = time.monotonic() - began
    for worker in workers:
        worker.settled()
    return {
        "seconds": seconds,
        "calls_before": calls,
        "cpu": sum(cpu_s(worker.pid) for worker in workers) - own,
        "database_cpu": cpu_s(database.pid) - others,
        "memory": sum(memory_mib(worker.pid) for worker in workers),
        "p99_ms": sorted(took, key=lambda one: math.inf if math.isnan(one) else one)[int(len(took) * 0.99)],
        "bad": sum(map(math.isnan, took)),
    }


def _answered(port: int, bodies: Path, headers: Path, most: int | None = None) -> list[float]:
    """Have each body answered once, so many at a time; return the milliseconds each took, nan for a failure."""
    lines = bodies.read_bytes().splitlines()[:most]
    given = dict(line.split(": ", 1) for line in headers.read_text().splitlines())
    waiting = SimpleQueue[bytes]()
    for line in lines:
        waiting.put(line)
    with ThreadPoolExecutor(CONCURRENT) as threads:
        asking = [threads.submit(_asked, port, waiting, given) for _ in range(CONCURRENT)]
        return [took for future in asking for took in future.result()]


def _asked(port: int, waiting: "SimpleQueue[bytes]", headers: dict[str, str]) -> list[float]:
    """Ask on one connection until nothing waits."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    took: list[float] = []
    with suppress(Empty):
        while True:
            body = waiting.get_nowait()
            began = time.monotonic()
            connection.request("POST", "/graphql", body, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            good = b'"errors"' not in response.read() and response.status == 200
            took.append(1000 * (time.monotonic() - began) if good else math.nan)
    connection.close()
    return took


def _bodies(folder: Path, lookups: int) -> list[Path]:
    """Write the batches, a file for each worker; each citizen is in one of them."""
    folder.mkdir(parents=True, exist_ok=True)
    query = (QUERIES / "q3.graphql").read_text("utf-8")
    learners = random.Random("season").sample(range(1, LEARNERS + 1), lookups)
    files = [folder / f"{number}.jsonl" for number in range(WORKERS)]
    for number, file in enumerate(files):
        with file.open("wb") as written:
            for start in range(number * BATCH, lookups, WORKERS * BATCH):
                ids = [citizen_id(learner) for learner in learners[start : start + BATCH]]
                written.write(orjson.dumps({"query": query, "variables": {"ids": ids}}) + b"\n")
    return files
