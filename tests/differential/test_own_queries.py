"""The plan's answers are the reference executor's, over queries of our own generator."""

import pytest

from resolvers.plan.planned import Planned
from tests.differential.callers import catalogue
from tests.differential.trials import check, generated, many

pytestmark = pytest.mark.anyio


async def _all_alike(seed: str, number: int) -> None:
    planned = Planned(catalogue())
    valid = [await check(planned, *trial) for trial in generated(seed, number)]
    assert sum(valid) > 0.8 * number


async def test_both_executors_agree() -> None:
    await _all_alike("quick", 300)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
async def test_both_executors_agree_on_very_many(part: int) -> None:
    await _all_alike(f"many {part}", many() // 5)
