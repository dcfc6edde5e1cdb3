"""`bench growth`: whether a value costs more where more is asked at once, and whether memory grows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.load import Load
from bench.peers.bodies import BATCHES, OURS, write_bodies
from bench.peers.cluster import LEARNERS, cluster
from bench.peers.comparison import OTHERS_CORE, OURSELVES, headers_of, started
from bench.peers.contestants import contestants
from bench.peers.product import prepared
from bench.processes import pinned
from bench.results import Results

CONCURRENT = (1, 4, 16, 64)
LEAVES_PER_ID = 11
COLUMNS = ("ids", "at once", "CPU us/leaf", "PostgreSQL us/leaf", "ids/s", "p50 ms", "p99 ms", "PSS MiB", "bad")


def grow(folder: Path, seconds: float, plan: bool | None) -> Results:
    """Ask our server for batches of each size, so many at a time; first a round that is thrown away."""
    settings = {} if plan is None else {"plan": plan}
    found = Results("growth", "largest to smallest batch (CPU) or last to first (memory); wanted: at most 1", COLUMNS)
    found.unit = "CPU us a leaf"
    with cluster(folder) as database:
        pinned(database.pid, OTHERS_CORE)
        bodies = write_bodies(folder / "bodies", LEARNERS)
        ours = contestants(database, folder, prepared(database, folder, LEARNERS, **settings))[OURSELVES]
        with started(ours, folder) as server:
            headers = headers_of(ours, folder)
            Load(bodies(OURS, "q3-500"), headers, 64).warm(server, 200, 10)
            for concurrent in CONCURRENT:
                for ids in BATCHES:
                    load = Load(bodies(OURS, f"q3-{ids}"), headers, concurrent, OTHERS_CORE)
                    load.warm(server, 1, 1)
                    sample = load.sample(server, database.pid, seconds)
                    per_leaf = 1000 / (ids * LEAVES_PER_ID)
                    costs = (round(sample.cpu_ms * per_leaf, 3), round(sample.database_ms * per_leaf, 3))
                    speed = (round(sample.per_second * ids), sample.p50_ms, sample.p99_ms)
                    found.rows.append((ids, concurrent, *costs, *speed, round(sample.memory_mib, 1), sample.bad))
                    found.bars.append((f"{concurrent} at once", f"{ids} ids", costs[0]))
    found.ratio |= ratios(found.rows)
    return found


def ratios(rows: Sequence[Sequence[Any]]) -> dict[str, float]:
    """Return CPU per leaf of the largest batch to the smallest by concurrency, and memory at the end to the start."""
    cost = {(row[0], row[1]): row[2] for row in rows}
    found = {
        f"{concurrent} at once": cost[BATCHES[-1], concurrent] / cost[BATCHES[0], concurrent]
        for concurrent in CONCURRENT
    }
    return {**found, "memory": rows[-1][7] / rows[0][7]}
