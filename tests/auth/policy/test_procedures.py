"""Procedures: their terms, and the files that must be refused."""

from datetime import date
from pathlib import Path

import pytest

from auth.policy.policy_set import PolicyInvalid, PolicySet
from auth.policy.procedures import FILE, ProcedureTerms
from tests.auth.policies import COMMITTED, folder_with

POLICIES = PolicySet.load(COMMITTED)
GOOD = """[x]
vi = "x"
en = "x"
purpose = "graduation-recognition"
categories = ["schooling"]
working_days = 5
lapses_after_days = 30
citation = "Law 43/2019/QH14"
"""


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('"schooling"', '"marks"', "procedures.toml: x: unknown category `marks`"),
        ('"graduation-recognition"', '"fun"', "procedures.toml: x: unknown purpose `fun`"),
        ('citation = "Law 43/2019/QH14"', "", "procedures.toml: x: `citation` is missing"),
        ("working_days = 5", "working_days = 0", "procedures.toml: x: `working_days` must be a whole number >= 1"),
        (
            "working_days = 5",
            "working_days = true",
            "procedures.toml: x: `working_days` must be a whole number, got true or false",
        ),
        ("= 30", "= 3", "procedures.toml: x: lapses before its statutory term is over"),
        ("= 30", '= 30\nvalid_to = "soon"', "procedures.toml: x: `valid_to` must be a date, got a text"),
        (
            "= 30",
            "= 30\nvalid_from = 2026-01-01T00:00:00",
            "procedures.toml: x: `valid_from` must be a date, got a time",
        ),
        ("= 30", "= 30\nvalid_form = 2026-01-01", "procedures.toml: x: unknown `valid_form`"),
    ],
)
def test_a_faulty_procedure_is_refused(tmp_path: Path, before: str, after: str, message: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        PolicySet.load(folder_with(tmp_path, FILE, GOOD.replace(before, after)))
    assert str(refused.value).startswith(message)


def test_a_folder_of_before_has_no_procedures(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, FILE, GOOD)
    assert list(PolicySet.load(folder).procedures) == ["x"]
    (folder / FILE).unlink()
    assert PolicySet.load(folder).procedures == {}


@pytest.mark.parametrize(
    ("name", "received", "due"),
    [
        ("permanent-residence-registration", date(2026, 11, 20), date(2026, 12, 2)),  # 24 November is off
        ("temporary-residence-registration", date(2026, 11, 20), date(2026, 11, 26)),
        ("diploma-correction", date(2026, 12, 28), date(2027, 1, 5)),  # New Year's Day is off
        ("diploma-correction", date(2099, 1, 1), date(2099, 1, 6)),  # its holidays are not known: every day counts
    ],
)
def test_the_statutory_term_is_counted_in_working_days(name: str, received: date, due: date) -> None:
    assert POLICIES.procedures[name].due(received) == due


def test_dossiers_are_opened_while_the_procedure_is_in_force() -> None:
    correction: ProcedureTerms = POLICIES.procedures["diploma-correction"]
    days = (date(2026, 4, 14), date(2026, 4, 15), date(2030, 1, 1))
    assert [correction.in_force(day) for day in days] == [False, True, True]
