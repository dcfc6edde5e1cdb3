"""A log line has the fields that docs/operating.md lists, under one name each."""

import ast
import re

from tests.test_architecture import PACKAGES, ROOT

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
DOCUMENT = ROOT / "docs" / "operating.md"


def _calls(source: str) -> list[ast.Call]:
    """Return the calls that write a line to a module's log."""
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and ast.unparse(node.func.value) == "_log"
    ]


def _used() -> set[str | None]:
    """Return the names of fields; None: one that only the run knows."""
    sources = [ROOT / "server.py", *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))]
    calls = [call for path in sources for call in _calls(path.read_text())]
    return {keyword.arg for call in calls for keyword in call.keywords}


def _listed() -> set[str | None]:
    section = DOCUMENT.read_text().split("\n## Logs\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_a_call_that_logs_is_found() -> None:
    [call] = _calls("def f(a):\n    _log.error('x', alarm=True, **a)\n    log.error('y', z=1)")
    assert [keyword.arg for keyword in call.keywords] == ["alarm", None]


def test_the_fields_of_log_lines_are_those_that_the_document_lists() -> None:
    assert _used() == _listed()
