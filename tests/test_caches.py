"""Every cache of the process is declared, with its bound, in the table that decides about caches."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "decisions" / "0032-weighted-caches.md"
FOLDERS = ("auth", "commands", "connectors", "engine", "reference", "resolvers", "schema")
MECHANISMS = ("reference/weighted_cache.py", "auth/authentication/recent.py")
OFFLINE = ("commands/policy_diff.py", "reference/build_units.py", "reference/build_successions.py")
"""Commands: they end."""

_CACHE = re.compile(r"@cache\b|lru_cache\(|OrderedDict\[|(?:Weighted|Shelved)Cache\[|\bRecent\(|= Recent\[|_CACHE\b")
_DECLARED = re.compile(r"^\| `([a-z_/]+\.py)` \|.*\| (?P<bound>[^|]+) \|$", re.MULTILINE)


def cached_in() -> set[str]:
    """Return the modules that keep a cache."""
    paths = [ROOT / "server.py", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
    found = {str(path.relative_to(ROOT)) for path in paths if _CACHE.search(path.read_text("utf-8"))}
    return found.difference(MECHANISMS, OFFLINE)


def test_every_cache_is_in_the_table_and_every_row_is_of_a_cache() -> None:
    assert {match[1] for match in _DECLARED.finditer(TABLE.read_text("utf-8"))} == cached_in()


@pytest.mark.parametrize("module", sorted(cached_in()))
def test_no_cache_that_takes_arguments_is_without_a_bound(module: str) -> None:
    text = (ROOT / module).read_text("utf-8")
    assert "lru_cache(None)" not in text
    assert "maxsize=None" not in text
    for function in re.findall(r"@cache\n(?:async )?def \w+\((.*?)\)", text):
        assert function == "", f"`@cache` with arguments in {module}: it has no bound"
