"""The terms of arguments: what they permit, how agreements keep them, and files that must be refused."""

from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from auth.argument_terms import ArgumentTerms
from auth.policy.arguments import FILE
from auth.policy.policy_set import PolicyInvalid, PolicySet
from tests.auth.policies import COMMITTED, folder_with

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("values", "arguments", "refused"),
    [
        ({}, {"years": 7}, None),
        ({"years": (6, 18)}, {"years": 18}, None),
        ({"years": (6, 18)}, {"years": 7}, "years"),
        ({"years": (1,)}, {"years": True}, "years"),
        ({"during": (MARCH,)}, {"during": {"from": date(2026, 3, 1), "to": date(2026, 3, 31)}}, None),
        ({"during": (MARCH,)}, {"during": {"from": date(2026, 3, 1), "to": None}}, "during"),
        ({"during": (MARCH,)}, {}, "during"),
        ({"during": (None, MARCH)}, {"during": None}, None),
        ({"in": ("01",), "monthsAtLeast": (12,)}, {"in": "01", "monthsAtLeast": 13}, "monthsAtLeast"),
    ],
)
def test_an_argument_must_be_one_of_its_values(
    values: dict[str, Any], arguments: dict[str, Any], refused: str | None
) -> None:
    assert ArgumentTerms(values, 1).refused(arguments) == refused


def test_terms_are_read_back_as_they_were_written() -> None:
    terms = ArgumentTerms({"years": (6, 18), "during": (MARCH, None)}, 3, 30)
    assert ArgumentTerms.parsed(orjson.loads(orjson.dumps(terms.as_json()))) == terms
    assert ArgumentTerms.parsed({"distinct": 2}) == ArgumentTerms({}, 2)


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ({}, "`distinct` and `days` must be whole numbers"),
        ({"distinct": True}, "must be whole numbers"),
        ({"distinct": 0}, "`distinct` must be at least 1, not 0"),
        ({"distinct": 1, "days": 0}, "`days` must be between 1 and 3660, not 0"),
        ({"distinct": 1, "values": {"years": 6}}, "`values` must hold a list"),
        ({"distinct": 1, "values": {"years": []}}, "`years` must have at least one value"),
        ({"distinct": 1, "value": {}}, "unknown `value`"),
        (5, "terms of arguments must be a table"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(stored: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ArgumentTerms.parsed(stored)


def file_with(more: str) -> str:
    """Return the committed terms with more of them."""
    return (COMMITTED / FILE).read_text(encoding="utf-8") + more


RULE = """
[odd]
purpose = "statistics"
answers = ["Learner.isAtLeast"]
distinct = 1
citation = "a law"
vi = "vì"
en = "because"
"""
FAULTS = [
    (RULE.replace("statistics", "fun"), "odd: unknown purpose `fun`"),
    (RULE.replace("distinct = 1", "distinct = 0"), "odd: `distinct` must be at least 1"),
    (RULE.replace('["Learner.isAtLeast"]', '"Learner.isAtLeast"'), "odd: `answers` must be a list, got a text"),
    (RULE.replace('citation = "a law"', ""), "odd: `citation` is missing"),
    (RULE + 'note = "x"', "odd: unknown `note`"),
    (RULE + 'valid_from = "2026-01-01"', "odd: `valid_from` must be a date, got a text"),
    (RULE + RULE.replace("odd", "other"), "other: `odd` already says so"),
    ('odd = "x"', "cannot be read"),
]


@pytest.mark.parametrize(("more", "message"), FAULTS)
def test_a_faulty_file_is_refused_by_entry(tmp_path: Path, more: str, message: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        PolicySet.load(folder_with(tmp_path, FILE, file_with(more) if more != FAULTS[-1][0] else more + "\nodd = 1"))
    assert str(refused.value).startswith(f"{FILE}: {message}")


def test_a_folder_without_the_file_is_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, FILE, "")
    with pytest.raises(PolicyInvalid, match=f"{FILE}: `not-permitted` is missing"):
        PolicySet.load(folder)
    (folder / FILE).unlink()
    with pytest.raises(PolicyInvalid, match=f"{FILE}: cannot be read"):
        PolicySet.load(folder)


def test_terms_hold_between_their_days(tmp_path: Path) -> None:
    first = RULE + "valid_to = 2026-11-20"
    then = RULE.replace("odd", "then") + "valid_from = 2026-11-21"
    policy = PolicySet.load(folder_with(tmp_path, FILE, file_with(first + then))).arguments
    found = [policy.rule("statistics", "Learner.isAtLeast", day) for day in (date(2026, 11, 20), DAY)]
    assert [one.id if one else None for one in found] == ["odd", "then"]
    assert policy.rule("statistics", "Learner.identityMatch", DAY) is None
