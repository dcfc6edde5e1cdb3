"""The ways to read a tree ask with the keys as the dialect hands them to the driver: one text."""

from collections.abc import Sequence

import pytest

from bench.subtree.costs import DIALECT, KEY
from bench.subtree.trees import TREES, TreeNode
from bench.subtree.variants import VARIANTS, Row

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES.keys())
@pytest.mark.parametrize("variant", VARIANTS)
async def test_every_statement_casts_a_text_to_the_keys(variant: str, tree: TreeNode) -> None:
    asked: list[str] = []

    async def fetch(text: str, _keys: Sequence[int]) -> list[Row]:
        asked.append(text)
        return []

    await VARIANTS[variant](fetch, tree, [1, 2])

    assert isinstance(DIALECT.array(KEY, [1, 2]), str)
    assert asked
    assert all("any($1::text::int[])" in text for text in asked)
