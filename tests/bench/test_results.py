"""Figures from samples: medians over rounds, ratios to the better rival, and what a program reads."""

import json
from typing import Any

import pytest

from bench.growth import ratios
from bench.peers.comparison import results
from bench.results import Results, Spread, picture, shown, spread


def _sample(query: str, server: str, cpu_ms: float) -> dict[str, Any]:
    others = {"database_ms": 1.0, "per_second": 10.0, "p50_ms": 2.0, "p99_ms": 4.0, "memory_mib": 50.0, "bad": 0}
    return {"query": query, "server": server, "cpu_ms": cpu_ms, **others}


def test_the_ratio_is_of_medians_to_the_better_rival() -> None:
    cpu = {"lienthong": (0.5, 0.6, 9.0), "mercurius-jit": (1.0, 1.2, 1.1), "postgraphile": (2.0, 2.0, 2.0)}
    samples = [_sample("q1", server, one) for server, times in cpu.items() for one in times]

    found = results(samples)

    assert found.ratio == {"q1": pytest.approx(0.6 / 1.1, abs=0.001)}
    assert [row[1] for row in found.rows] == ["lienthong", "mercurius-jit", "postgraphile"]


def test_without_rivals_there_is_no_ratio() -> None:
    found = results([_sample("q1", "lienthong", 0.5)])
    assert (found.ratio, found.rows[0][4]) == ({}, None)


def test_growth_compares_the_largest_batch_with_the_smallest_and_memory_at_the_end_with_the_start() -> None:
    rows = [
        (ids, once, 2.0 if ids == 10 else 1.0, 0, 0, 0, 0, 100.0, 0) for once in (1, 4, 16, 64) for ids in (10, 500)
    ]
    rows[-1] = (*rows[-1][:7], 110.0, 0)

    found = ratios(rows)

    assert found == {"1 at once": 0.5, "4 at once": 0.5, "16 at once": 0.5, "64 at once": 0.5, "memory": 1.1}


def test_a_spread_needs_values() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(median=2.0, least=1.0, most=3.0)
    with pytest.raises(ValueError, match="nothing was measured"):
        spread([])


def test_a_program_reads_one_line() -> None:
    found = Results("engine", "times cheaper", ("case", "ms"), [("one", 0.5)], {"one": 8.1234})
    read = json.loads(found.as_json())
    assert (read["bench"], read["ratio"], read["rows"]) == ("engine", {"one": 8.123}, [{"case": "one", "ms": 0.5}])


def test_a_picture_draws_each_group_to_its_own_scale() -> None:
    drawn = picture("a < b", [("q1", "x", 1.0), ("q1", "y", 0.5), ("q2", "x", 100.0)])
    widths = [float(part.split('"')[0]) for part in drawn.split(' width="')[2:]]
    assert widths == [480.0, 240.0, 480.0]
    assert "a &lt; b" in drawn


@pytest.mark.parametrize(("value", "text"), [(0.12345, "0.123"), (1.2345, "1.23"), (123.4, "123"), (5500, "5,500")])
def test_figures_have_three_digits(value: float, text: str) -> None:
    assert shown(value) == text
