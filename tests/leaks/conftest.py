"""The application on the world, once for each executor."""

from collections.abc import AsyncIterator

import pytest

from tests.leaks.trial import EXECUTORS, Trial
from tests.leaks.trial import trial as opened


@pytest.fixture(scope="module", params=EXECUTORS)
async def trial(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trial]:
    async with opened(tmp_path_factory.mktemp("world"), request.param) as one:
        yield one
