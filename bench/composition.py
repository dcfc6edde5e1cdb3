"""`bench composition`: CPU of a look-up of 1 or 100 keys by how many registers serve the record, in this process."""

import gc
import time
from collections.abc import Sequence
from typing import Any

import uvloop

from bench.memory import Remembered
from bench.results import Results, spread
from connectors.composition.composed import Composed
from connectors.composition.route import Route
from connectors.memory import MemorySource
from connectors.records.learners import LEARNER
from connectors.source import Lookup, Source
from resolvers.coalescing import Coalescing, InFlight

COLUMNS = ("the record is served by", "keys", "CPU us, median", "least", "more than one register, us")
KEYS = (1, 100)
RUNS = 2_000
TO_FIRST = Route("sector_code", {"x": "r1"}, otherwise="r0")


def measure_composition(rounds: int) -> Results:
    return uvloop.run(_measured(rounds))


async def _measured(rounds: int) -> Results:
    found = Results("composition", "CPU of one register", COLUMNS, unit="CPU us a look-up")
    for keys in KEYS:
        asked = Lookup("learner", "sector_code", tuple(map(_key, range(keys))), ("sector_code", "full_name"))
        sources = {name: Coalescing(source, InFlight()) for name, source in _sources(keys).items()}
        samples: dict[str, list[float]] = {name: [] for name in sources}
        for _ in range(rounds):  # in turns, so that what else the machine does meets all of them
            for name, source in sources.items():
                samples[name].append(await _cpu_us(source, asked))
        spreads = {name: spread(times) for name, times in samples.items()}
        least = spreads["one register"].least
        for name, times in spreads.items():
            figures = (round(times.median, 2), round(times.least, 2), round(times.least - least, 2))
            found.rows.append((name, keys, *figures))
            found.ratio[f"{name}, {keys} keys"] = times.least / least
            found.bars.append((f"{keys} keys", name, times.least))
    return found


def _sources(keys: int) -> dict[str, Source]:
    """Return the record in one register, and in several as union and by route."""
    route = Route("sector_code", {f"{place:02d}-": f"r{place}" for place in range(34)})
    return {
        "one register": _register("r0", range(keys)),
        "2, all keys in one by route": Composed(
            LEARNER, [_register("r0", range(keys)), *_parts(1, 2, keys)], route=TO_FIRST
        ),
        "2, union": Composed(LEARNER, _parts(0, 2, keys)),
        "34, by route": Composed(LEARNER, _parts(0, 34, keys), route=route),
        "34, union": Composed(LEARNER, _parts(0, 34, keys)),
    }


def _key(number: int) -> str:
    return f"{number % 34:02d}-{number:06d}"


def _parts(first: int, registers: int, keys: int) -> Sequence[Source]:
    return [_register(f"r{place}", range(place, keys, registers)) for place in range(first, registers)]


def _register(name: str, numbers: Sequence[int]) -> Source:
    rows: list[dict[str, Any]] = [{"sector_code": _key(number), "full_name": "Nguyễn Văn An"} for number in numbers]
    return Remembered(MemorySource(name, {"learner": rows}))


async def _cpu_us(source: Source, asked: Lookup) -> float:
    await source.rows(asked)
    gc.collect()
    began = time.process_time()
    for _ in range(RUNS):
        await source.rows(asked)
    return 1_000_000 * (time.process_time() - began) / RUNS
