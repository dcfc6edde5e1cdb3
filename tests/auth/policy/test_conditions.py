"""The smallest sets of facts that are enough, whatever the rules are."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.policy.cedar import combinations
from auth.policy.conditions import Access, release_of, smallest, words_of
from auth.policy.policy_set import PolicySet
from auth.principal import Fact
from tests.auth.policies import COMMITTED, folder_of_rules, profile, rule

POLICIES = PolicySet.load(COMMITTED)
EMPLOYER = profile("employer", "diploma-verification")
CASE, CONSENT, JURISDICTION = Fact.CASE, Fact.CONSENT, Fact.JURISDICTION
POSSIBLE = CASE | CONSENT | JURISDICTION
HEAD = ' in Role::"employer"| == Category::"schooling"'


@given(st.sets(st.sampled_from(combinations(POSSIBLE))))
def test_the_sets_say_exactly_which_facts_permit_and_none_could_be_smaller(permitted: set[Fact]) -> None:
    found = smallest(permitted, POSSIBLE)
    assert {
        facts
        for facts in combinations(POSSIBLE)
        if any(present in facts and not absent & facts for present, absent in found)
    } == permitted
    for present, absent in found:
        for fact in present | absent:
            less = {facts for facts in combinations(POSSIBLE) if _enough(facts, present & ~fact, absent & ~fact)}
            assert not less <= permitted


def _enough(facts: Fact, present: Fact, absent: Fact) -> bool:
    return present in facts and not absent & facts


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("context.facts.consent", ["consent"]),
        ("context.facts.consent || context.facts.case", ["consent", "case"]),
        ("context.facts.consent && context.facts.case", ["consent and case"]),
        ("context.facts.consent && !context.facts.case", ["consent and not case"]),
        ("!context.facts.consent", ["not consent"]),
        ("context.facts.consent || context.facts.self", ["consent"]),
        ("true", [""]),
    ],
)
def test_conditions_read_as_the_rule_does(tmp_path: Path, condition: str, expected: list[str]) -> None:
    policies = PolicySet.load(folder_of_rules(tmp_path, rule("one", HEAD, condition)))
    release = release_of(policies.table(EMPLOYER), ["schooling"])
    assert [one.words() for one in release.conditions] == expected
    assert {one.permit.rule for one in release.conditions} == {"one"}


def test_categories_together_need_the_facts_of_each() -> None:
    table = POLICIES.table(EMPLOYER)
    public_part = release_of(table, ["provenance", "learner.record"])
    assert (public_part.access, [one.words() for one in public_part.conditions]) == (Access.CONDITIONAL, ["consent"])
    assert [one.permit.rule for one in public_part.conditions] == ["public-information"]
    assert public_part.missing is not None
    assert (public_part.missing.code, public_part.missing.rule) == ("CONSENT_REQUIRED", "employer-diploma-verification")


def test_what_no_facts_open_is_denied_and_what_all_do_needs_none() -> None:
    table = POLICIES.table(EMPLOYER)
    denied, allowed = release_of(table, ["schooling"]), release_of(table, ["institution"])
    assert (denied.access, denied.conditions) == (Access.DENIED, ())
    assert denied.missing is not None and denied.missing.code == "ROLE_NOT_PERMITTED"
    assert (allowed.access, allowed.missing) == (Access.ALLOWED, None)


def test_facts_that_cannot_hold_are_left_out() -> None:
    table = POLICIES.table(EMPLOYER)
    assert release_of(table, ["credential"], Fact.JURISDICTION).access is Access.DENIED
    assert release_of(table, ["credential"], Fact.CONSENT).access is Access.CONDITIONAL


def test_facts_are_named_in_their_order() -> None:
    assert words_of(CASE | CONSENT, JURISDICTION) == "consent and case and not jurisdiction"
