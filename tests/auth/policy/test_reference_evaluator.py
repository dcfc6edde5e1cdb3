"""The production path against the reference evaluator: tables, prepared asks and masks release what the rules say."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from auth.policy.policy_set import PolicySet
from auth.principal import Fact, Profile
from connectors.source import Key
from engine.gate import OutputColumn
from resolvers.gate.disclosure import Disclosure
from resolvers.gate.masking import masked_rows
from resolvers.gate.prepared import prepare
from resolvers.gate.subjects import STRANGER, SubjectFacts
from tests.auth.policies import COMMITTED, folder_of_rules
from tests.auth.policy import generated_cases as generated
from tests.auth.policy.generated_cases import Asked
from tests.auth.policy.reference_evaluator import PERMIT, Question, Reference

QUICK = 600
BULK = int(os.environ.get("LIENTHONG_POLICY_CASES", "20000"))
"""How many (policy, facts, query) cases are compared in bulk."""

PROFILES_OF_POLICY = 2
CASES_OF_PROFILE = 30
ON = date(2026, 6, 1)
BEING_KNOWN = ("learner.record", "identity.record")


@dataclass
class Seen:
    """What an evaluation of rows came to: values by (row, slot), denials by number of rows, rules that permitted."""

    values: dict[tuple[int, OutputColumn], Any] = field(default_factory=dict)
    denials: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    rules: set[str] = field(default_factory=set)


def expected(reference: Reference, asking: Profile, asked: Asked, facts_by_key: Mapping[Key, SubjectFacts]) -> Seen:
    """Return what the reference evaluator releases, row by row and slot by slot."""
    seen = Seen()
    for number, row in enumerate(asked.rows):
        subject_facts = STRANGER if asked.subject is None else facts_by_key[row[asked.subject]]
        visible = _outcome(reference, asking, subject_facts, asked.ask.category)[0] == PERMIT
        denied: set[tuple[str, str, str]] = set()
        for slot in asked.ask.slots:
            if slot.tag is not None and slot.tag != row["form"]:
                continue
            code, rule = _outcome(reference, asking, subject_facts, slot.category)
            shown = visible and code == PERMIT and not _unlinked(asked, slot, subject_facts)
            seen.values[number, slot] = _value(row, slot) if shown else None
            if visible and code == PERMIT:
                seen.rules.add(rule)
            elif visible:
                denied.add((slot.coordinate, code, rule))
        seen.denials.update(denied)
    return seen


def _outcome(reference: Reference, asking: Profile, subject_facts: SubjectFacts, category: str) -> tuple[str, str]:
    facts = {str(fact.name).lower() for fact in Fact if fact & subject_facts.facts}
    if category in subject_facts.consents or (subject_facts.consents and category in BEING_KNOWN):
        facts.add("consent")
    by_agreement = (category in asking.expired_categories, category in asking.unlisted_categories)
    asker = (asking.kind.value, asking.client_id, asking.roles, asking.purpose, asking.assurance)
    needed = asking.case_categories is None or category in asking.case_categories
    question = Question(*asker, category, frozenset(facts), *by_agreement, asking.emergency, needed)
    return reference.outcome(question, ON)


def _unlinked(asked: Asked, slot: OutputColumn, subject_facts: SubjectFacts) -> bool:
    """Tell whether the slot is the way from a learner to a person who is not verified."""
    return asked.ask.record == "learner" and slot.column == "person_key" and not subject_facts.verified


def _value(row: Mapping[str, Any], slot: OutputColumn) -> Any:
    return True if slot.column is None else row[slot.column]


def produced(policies: PolicySet, asking: Profile, asked: Asked, facts_by_key: Mapping[Key, SubjectFacts]) -> Seen:
    """Return what the production path hands up of the same rows."""
    prepared = prepare(asked.ask, policies.table(asking, ON))
    disclosure = Disclosure()
    fetched = [tuple(row[column] for column in prepared.columns) for row in asked.rows]
    rows = masked_rows(prepared, fetched, facts_by_key if asked.subject else None, {}, (), disclosure)
    by_key = {row[0]: row for row in rows}
    seen = Seen()
    for number, row in enumerate(asked.rows):
        safe = by_key.get(row[asked.ask.by])
        for slot, position in zip(asked.ask.slots, prepared.positions, strict=True):
            if slot.tag is None or slot.tag == row["form"]:
                seen.values[number, slot] = None if safe is None or position is None else safe[position]
    for (coordinate, denial), count in disclosure.denials.items():
        seen.denials[coordinate, denial.code, denial.rule] += count
    seen.rules = {rule for rule, _ in disclosure.rules}
    return seen


def differences(folder: Path, random: Random, cases: int, reference_of: Path | None = None) -> Iterator[str]:
    """Yield the cases in which the two differ, over random profiles, facts_by_key and asks under one folder's rules."""
    policies, reference = PolicySet.load(folder), Reference.load(reference_of or folder)
    for number in range(cases):
        if number % CASES_OF_PROFILE == 0:
            asking = generated.profile(random)
        asked = generated.asked(random)
        subjects: Sequence[str] = [row[asked.subject] for row in asked.rows] if asked.subject else ()
        facts_by_key: dict[Key, SubjectFacts] = {subject: generated.subject_facts(random) for subject in subjects}
        if produced(policies, asking, asked, facts_by_key) != expected(reference, asking, asked, facts_by_key):
            yield f"{asking} {asked.ask} {facts_by_key}"


def compared(folder: Path, seed: int, cases: int) -> list[str]:
    """Return the differences over so many cases, with a new policy every few profiles."""
    folder_of_rules(folder, "")
    found: list[str] = []
    each = PROFILES_OF_POLICY * CASES_OF_PROFILE
    for number in range(0, cases, each):
        random = Random(f"{seed} {number}")
        text = generated.policy(random)
        (folder / "policies" / "only.cedar").write_text(text, encoding="utf-8")
        found += [f"{text}\n{one}" for one in differences(folder / "policies", random, min(each, cases - number))]
    return found


def test_generated_rules_are_decided_as_the_reference_decides_them(tmp_path: Path) -> None:
    assert compared(tmp_path, seed=1, cases=QUICK) == []


@pytest.mark.slow
def test_generated_rules_are_decided_alike_in_bulk(tmp_path: Path) -> None:
    assert compared(tmp_path, seed=2, cases=BULK) == []


@pytest.mark.slow
def test_the_committed_rules_are_decided_as_the_reference_decides_them() -> None:
    assert list(differences(COMMITTED, Random(3), QUICK)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("context.facts.consent", "context.facts.jurisdiction"),
        ("context.assurance >= 2", "context.assurance >= 1"),
        ('Category::"schooling.result",', ""),
        ("unless {", "when {"),
        ('@id("public-information")', '@id("published-information")'),
    ],
)
def test_one_rule_decided_otherwise_is_found(tmp_path: Path, before: str, after: str) -> None:
    other = folder_of_rules(tmp_path, "")
    (other / "only.cedar").unlink()
    for path in COMMITTED.glob("*.cedar"):
        (other / path.name).write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    assert next(differences(COMMITTED, Random(4), 3000, reference_of=other), None) is not None


def test_the_cases_are_not_idle(tmp_path: Path) -> None:
    """Both outcomes, several codes and every kind of rule come up often enough to be worth comparing."""
    outcomes: Counter[str] = Counter()
    for number in range(25):
        random = Random(f"idle {number}")
        folder = folder_of_rules(tmp_path / str(number), generated.policy(random))
        reference = Reference.load(folder)
        for _ in range(60):
            asking, subject_facts = generated.profile(random), generated.subject_facts(random)
            outcomes[_outcome(reference, asking, subject_facts, random.choice(generated.CATEGORIES))[0]] += 1
    assert outcomes[PERMIT] > 50
    assert {"FORBIDDEN", "CONSENT_REQUIRED", "NOT_THE_SUBJECT", "PURPOSE_NOT_PERMITTED", "ROLE_NOT_PERMITTED"} <= {
        *outcomes
    }
