"""Fixed random requests, one JSON body a line, in each server's spelling of the queries."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from reference.units import UnitKind, units

QUERIES = Path(__file__).parent / "queries"
OURS, PLAIN, POSTGRAPHILE = "ours", "plain", "postgraphile"
SPELLINGS = {OURS: QUERIES, PLAIN: QUERIES / "plain", POSTGRAPHILE: QUERIES / "postgraphile"}
PROVINCES = [unit.code for unit in units(date(2025, 7, 1), kind=UnitKind.PROVINCE) if int(unit.code) <= 63]
"""Those of the 63 codes that tables.sql deals out that a province has today: a filter by another is refused."""
PAGE = 100
BATCHES = (10, 50, 250, 500)
"""Sizes of the batches of citizen numbers; 500 is Q3."""


def citizen_id(learner: int) -> str:
    """Return the number that tables.sql gives the learner."""
    return str(1_000_000_000 + learner * 7919).zfill(12)


def variables_of(query: str, learners: int, chance: random.Random, batch: int = 500) -> dict[str, Any]:
    """Return the variables of one request in the peers' spelling; `query` is q1, q2 or q3."""
    match query:
        case "q1":
            return {"id": chance.randint(1, learners)}
        case "q2":
            return {"provinceCode": chance.choice(PROVINCES), "first": PAGE}
        case _:
            return {"ids": [citizen_id(number) for number in chance.sample(range(1, learners + 1), batch)]}


def write_bodies(folder: Path, learners: int) -> Callable[[str, str], Path]:
    """Write the files once; return where those of a spelling and a case are. Cases: q1 q2 q3, and q3-10 to q3-500."""
    numbers = {"q1": 20_000, "q2": 500, "q3": 400} | {f"q3-{size}": 300 for size in BATCHES}
    for case, number in numbers.items():
        chance = random.Random(case)
        query, _, batch = case.partition("-")
        asked = [variables_of(query, learners, chance, int(batch or 500)) for _ in range(number)]
        for spelling, source in SPELLINGS.items():
            _write(
                folder / spelling / f"{case}.jsonl", (source / f"{query}.graphql").read_text("utf-8"), asked, spelling
            )
    return lambda spelling, case: folder / spelling / f"{case}.jsonl"


def _write(path: Path, query: str, asked: Sequence[Mapping[str, Any]], spelling: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for variables in asked:
            given = {**variables, "id": str(variables["id"])} if spelling == OURS and "id" in variables else variables
            file.write(orjson.dumps({"query": query, "variables": given}) + b"\n")


TRANSLATED = {
    "MALE": "male",
    "FEMALE": "female",
    "STUDYING": "active",
    "GRADUATED": "graduated",
    "LEFT": "left",
    "PRIMARY": "primary",
    "LOWER_SECONDARY": "secondary",
    "UPPER_SECONDARY": "high",
}


def comparable(value: Any) -> Any:
    """Return an answer's data without what may differ: order of lists, keys as numbers, our enums, our pages."""
    match value:
        case {"nodes": list(rows)}:
            return comparable(rows)
        case dict():
            return {name: str(inner) if name == "id" else comparable(inner) for name, inner in value.items()}
        case list():
            return sorted(map(comparable, value), key=lambda one: orjson.dumps(one, option=orjson.OPT_SORT_KEYS))
        case str():
            return TRANSLATED.get(value, value)
        case int() if not isinstance(value, bool):
            return float(value)
        case _:
            return value


def leaves(value: Any) -> int:
    """Return how many scalar values an answer's data holds, nulls included."""
    match value:
        case dict():
            return sum(map(leaves, value.values()))
        case list():
            return sum(map(leaves, value))
        case _:
            return 1
