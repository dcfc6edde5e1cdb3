"""The share of queries that was planned is held to 99 %; `share.py` tells it."""

from collections.abc import Iterator

import pytest

from tests.differential.share import SHARE


@pytest.fixture(scope="session", autouse=True)
def _share() -> Iterator[None]:
    yield
    assert SHARE["planned"] >= 0.99 * SHARE["compared"]
