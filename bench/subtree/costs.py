"""`bench subtree`: CPU of this process and of PostgreSQL's for each way to read a tree, in turns."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from bench.peers.cluster import DATABASE, LEARNERS, cluster
from bench.peers.comparison import Unequal
from bench.processes import PROC
from bench.results import Results, spread
from bench.subtree.trees import TREES, TreeNode
from bench.subtree.variants import VARIANTS, Fetch, Row, Rows
from connectors.record import Kind
from connectors.sql.dialects import PostgreSQL
from connectors.sql.mapping import MappedColumn

PARENTS = (1, 10, 100, 500)
PARENTS_A_TURN = 1_000
"""A turn repeats a variant until it has read so many parents, but not more often than `MOST`."""
MOST, TURNS = 100, 20
DIALECT, KEY = PostgreSQL(), MappedColumn("id", Kind.KEY, "id")
COLUMNS = ("tree", "parents", "variant", "ours us", "PostgreSQL us", "both us", "to levels", "elapsed us")


@dataclass(slots=True)
class Side:
    """One variant's connection, with its statements prepared, and what it has cost a call: us by turn."""

    connection: Any
    prepared: dict[str, Any] = field(default_factory=dict)
    ours: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    elapsed: list[float] = field(default_factory=list)

    def database_s(self) -> float:
        """Return the CPU time of the connection's process. Source: Linux, schedstat, nanoseconds on a CPU."""
        return int((PROC / str(self.connection.get_server_pid()) / "schedstat").read_text().split()[0]) / 1e9

    async def fetch(self, text: str, keys: Sequence[int]) -> list[Row]:
        prepared = self.prepared.get(text)
        if prepared is None:
            prepared = self.prepared[text] = await self.connection.prepare(text)
        rows: list[Row] = await prepared.fetch(DIALECT.array(KEY, keys))
        return rows

    async def turn(self, variant: str, tree: TreeNode, keys: Sequence[Sequence[int]]) -> None:
        read, fetch = VARIANTS[variant], self.fetch
        await read(fetch, tree, keys[0])
        database, ours, elapsed = self.database_s(), time.process_time(), time.perf_counter()
        for parent_keys in keys:
            await read(fetch, tree, parent_keys)
        self.elapsed.append((time.perf_counter() - elapsed) / len(keys) * 1e6)
        self.ours.append((time.process_time() - ours) / len(keys) * 1e6)
        self.database.append((self.database_s() - database) / len(keys) * 1e6)


def run(folder: Path) -> Results:
    """Measure every variant on every tree; the cluster is that of `bench peers`."""
    found = Results("subtree", "one statement to one a level, CPU of both sides; below 1 it wins", COLUMNS)
    found.unit = "CPU us of both sides"
    with cluster(folder) as database:
        uvloop.run(_measured(database.url(DATABASE), found))
    return found


async def _measured(dsn: str, found: Results) -> None:
    chance = random.Random("subtree")
    for name, tree in TREES.items():
        for parents in PARENTS:
            sides = {variant: Side(await asyncpg.connect(dsn)) for variant in VARIANTS}
            await _check(name, tree, {variant: side.fetch for variant, side in sides.items()}, _sample(chance, parents))
            for number in range(TURNS):
                keys = [_sample(chance, parents) for _ in range(max(2, min(MOST, PARENTS_A_TURN // parents)))]
                first = number % len(sides)
                for variant in [*sides, *sides][first : first + len(sides)]:
                    await sides[variant].turn(variant, tree, keys)
            _note(found, name, parents, sides)
            await asyncio.gather(*(side.connection.close() for side in sides.values()))


def _sample(chance: random.Random, parents: int) -> list[int]:
    return chance.sample(range(1, LEARNERS + 1), parents)


async def _check(name: str, tree: TreeNode, fetch_by_variant: dict[str, Fetch], keys: Sequence[int]) -> None:
    """Raises Unequal where a variant reads other rows than the first."""
    expected = None
    for variant, fetch in fetch_by_variant.items():
        answer = _comparable(await VARIANTS[variant](fetch, tree, keys))
        expected = expected or answer
        if answer != expected:
            raise Unequal(f"`{variant}` reads other rows of {name}")


def _comparable(rows: Rows) -> dict[TreeNode, set[tuple[Any, ...]]]:
    """JSON writes a whole number as one, whatever the column's type."""
    return {
        node: {tuple(float(value) if isinstance(value, int) else value for value in row) for row in own}
        for node, own in rows.items()
    }


def _note(found: Results, name: str, parents: int, sides: dict[str, Side]) -> None:
    both_of_levels = None
    for variant, side in sides.items():
        ours, database, elapsed = (spread(figure).median for figure in (side.ours, side.database, side.elapsed))
        both_of_levels = both_of_levels or ours + database
        ratio = (ours + database) / both_of_levels
        figures = (round(figure) for figure in (ours, database, ours + database))
        found.rows.append((name, parents, variant, *figures, round(ratio, 2), round(elapsed)))
        found.bars.append((f"{name}, {parents}", variant, ours + database))
        if variant != "levels":
            found.ratio[f"{name}, {parents}, {variant}"] = ratio
