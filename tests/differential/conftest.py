"""The share of queries that was planned, told at the end of a run and held to 99 %."""

from collections.abc import Iterator

import pytest

from tests.differential.trials import SHARE


@pytest.fixture(scope="session", autouse=True)
def _share() -> Iterator[None]:
    yield
    assert SHARE["planned"] >= 0.99 * SHARE["compared"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    compared = SHARE["compared"]
    if compared:
        terminalreporter.write_line(
            f"plan and reference compared: {compared} queries, {SHARE['planned'] / compared:.2%} planned, "
            f"{SHARE['rows']} rows, {SHARE['errors']} errors, {SHARE['denials']} denials"
        )
