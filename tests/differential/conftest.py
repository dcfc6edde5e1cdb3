"""The share of queries that was planned, told at the end of a run and held to 99 %."""

from collections.abc import Iterator

import pytest

from tests.differential.trials import SHARE


@pytest.fixture(scope="session", autouse=True)
def _share(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    compared = SHARE["compared"]
    if compared:
        reporter = request.config.pluginmanager.get_plugin("terminalreporter")
        assert reporter is not None
        reporter.write_line(
            f"\nplan and reference compared: {compared} queries, {SHARE['planned'] / compared:.2%} planned, "
            f"{SHARE['rows']} rows, {SHARE['errors']} errors, {SHARE['denials']} denials"
        )
        assert SHARE["planned"] >= 0.99 * compared
