"""The share of queries that was planned, told at the end of a run whatever the number of its processes."""

from collections import Counter
from typing import Any

import pytest

SHARE = Counter[str]()
"""Queries compared and planned, rows, errors and denials, counted by `trials.py` in each process."""
OUTPUT = "share of planned queries"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what this process has counted to the one that started it, if another did."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[OUTPUT] = dict(SHARE)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    SHARE.update(Counter(getattr(node, "workeroutput", {}).get(OUTPUT, {})))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    compared = SHARE["compared"]
    if compared:
        terminalreporter.write_line(
            f"plan and reference compared: {compared} queries, {SHARE['planned'] / compared:.2%} planned, "
            f"{SHARE['rows']} rows, {SHARE['errors']} errors, {SHARE['denials']} denials"
        )
