"""The application on the world of the leak matrix."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.leaks.trial import EXECUTORS, Trial
from tests.leaks.trial import trial as opened


@pytest.fixture(params=EXECUTORS)
async def trial(request: pytest.FixtureRequest, tmp_path: Path, fresh_state: str) -> AsyncIterator[Trial]:
    # fresh_state lies in tmp_path, where the trial finds its state made
    async with opened(tmp_path, request.param) as one:
        yield one
