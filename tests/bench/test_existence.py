"""The area under the curve is that of every value against every other, and the agencies asked about have no limits."""

import random

import pytest

from bench.existence import CLIENTS, auc, grants


@pytest.mark.parametrize(
    ("longer", "shorter", "expected"),
    [
        ([3, 4], [1, 2], 1.0),
        ([1, 2], [3, 4], 0.0),
        ([1, 1], [1, 1], 0.5),
        ([1, 3], [2, 2], 0.5),
        ([2, 3], [1, 2], 0.875),
    ],
)
def test_the_area_counts_pairs(longer: list[float], shorter: list[float], expected: float) -> None:
    assert auc(longer, shorter) == expected


def test_the_area_is_that_of_all_pairs() -> None:
    chance = random.Random(1)
    longer, shorter = ([chance.randrange(20) / 2 for _ in range(50)] for _ in range(2))
    pairs = [(a > b) + (a == b) / 2 for a in longer for b in shorter]
    assert auc(longer, shorter) == pytest.approx(sum(pairs) / len(pairs))


def test_every_client_may_ask_without_limits() -> None:
    assert [grant.client_id for grant in grants()] == [f"bench-{name}" for name in CLIENTS]
    assert all(grant.misses_per_day == grant.subjects_per_day == 2**31 - 1 for grant in grants())
