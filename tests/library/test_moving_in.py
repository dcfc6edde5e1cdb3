"""A subject moves in as one file in each room: the product is unchanged, and its schema only gains lines."""

import difflib
import json
import subprocess
import sys
from typing import Any

import pytest

from connectors.records import HOLDERS, RECORDS
from schema.build import build_schema
from tests.test_architecture import ROOT

SCHEMA, CATALOGUE = build_schema()


@pytest.fixture(scope="module")
def moved_in() -> Any:
    """Return what a process knows that the library moved into."""
    command = [sys.executable, "-m", "tests.library.rooms"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60).stdout)


def test_its_records_and_its_kind_of_subject_are_known(moved_in: Any) -> None:
    assert moved_in["records"] == sorted([*RECORDS, "loan", "reader"])
    assert moved_in["holders"] == sorted([*HOLDERS, "reader"])


def test_its_types_have_global_ids_and_show_its_records(moved_in: Any) -> None:
    assert moved_in["nodes"] == {**CATALOGUE.node_keys, "Loan": "id", "Reader": "id"}
    records = {name: type_.record for name, type_ in CATALOGUE.record_types.items()}
    assert moved_in["types"] == {**records, "Loan": "loan", "Reader": "reader"}


def test_it_adds_to_the_schema_and_changes_nothing_of_it(moved_in: Any) -> None:
    changes = list(difflib.ndiff(SCHEMA.as_str().splitlines(), moved_in["sdl"].splitlines()))
    added = [line[2:].strip() for line in changes if line.startswith("+ ")]
    removed = [line[2:] for line in changes if line.startswith("- ")]
    assert [line for line in removed if not line.startswith("union _Entity")] == []
    assert added.count('readers: [Reader!] @tag(name: "reader/record")') == 2
    assert 'loans: [Loan!] @tag(name: "reader/loan")' in added
    assert 'type Reader implements Node @key(fields: "id") {' in added
