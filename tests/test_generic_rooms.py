"""Rooms that serve every record name none of them, and no register: a new one moves in without a line there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.records import RECORDS
from tests.test_architecture import ROOT

SUBJECTS_ROOMS = {
    "connectors/records",
    "connectors/values/codes.py",  # the codes of a record's columns
    "resolvers/answers",
    "resolvers/audit",
    "resolvers/consent",
    "resolvers/explain",  # what handwritten fields of subjects ask for
    "resolvers/rights",
    "resolvers/statistics.py",
}
"""The only places in these layers that are about certain records; every other place is generic."""

NAMES = frozenset(RECORDS) | {record.register for record in RECORDS.values()}
CONSTANTS = frozenset(name.upper() for name in RECORDS)


def _generic() -> Iterator[Path]:
    for layer in ("connectors", "engine", "resolvers"):
        for path in sorted((ROOT / layer).rglob("*.py")):
            place = path.relative_to(ROOT)
            if not SUBJECTS_ROOMS.intersection([str(place), *map(str, place.parents)]):
                yield path


def _named(text: str) -> list[str]:
    """Return the records and registers that a module names in its values, or imports by name."""
    found: list[str] = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Constant(value=str(value)) if value in NAMES:
                found.append(value)
            case ast.ImportFrom(module=str(module)) if module.startswith("connectors.records"):
                found += [alias.name for alias in node.names if alias.name in CONSTANTS]
    return found


def test_no_generic_room_names_a_record_or_a_register() -> None:
    modules = list(_generic())
    assert {"resolvers/gate/facts.py", "engine/plan.py", "connectors/registry.py"} <= {
        str(path.relative_to(ROOT)) for path in modules
    }
    assert {str(path.relative_to(ROOT)): named for path in modules if (named := _named(path.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('ask("learner")', ["learner"]),
        ('sources["population"]', ["population"]),
        ("from connectors.records import HOLDERS, LEARNER", ["LEARNER"]),
        ('"""Of a learner."""', []),
    ],
)
def test_a_record_is_noticed_where_it_is_named(text: str, named: list[str]) -> None:
    assert _named(text) == named
