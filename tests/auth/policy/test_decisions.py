"""Decision tables: outcomes by mask, and what can be told before any row is known."""

import pytest

from auth.policy.decisions import DecisionTable, Denial, Outcome, Permit
from auth.principal import Fact

YES = Permit("rule", "basis", "citation")
NO = Denial("CONSENT_REQUIRED", "rule", "citation", {"vi": "hỏi", "en": "ask"})


def by_mask(*permitting: Fact) -> tuple[Outcome, ...]:
    """Return the outcomes of a category that each of these facts alone opens."""
    return tuple(YES if any(Fact(mask) & fact for fact in permitting) else NO for mask in range(32))


TABLE = DecisionTable(
    {
        "open": (YES,) * 32,
        "closed": (NO,) * 32,
        "agreed": by_mask(Fact.CONSENT),
        "either": by_mask(Fact.CONSENT, Fact.JURISDICTION),
        "own": by_mask(Fact.SELF),
    },
    reachable=Fact.CONSENT | Fact.JURISDICTION,
)


@pytest.mark.parametrize(
    ("category", "facts", "outcome"),
    [
        ("open", Fact(0), YES),
        ("closed", Fact.CONSENT, NO),
        ("agreed", Fact(0), NO),
        ("agreed", Fact.CONSENT, YES),
        ("agreed", Fact.JURISDICTION, NO),
        ("either", Fact.JURISDICTION, YES),
        ("either", Fact.CONSENT | Fact.JURISDICTION, YES),
        ("own", Fact.SELF, NO),
        ("agreed", Fact.CONSENT | Fact.SELF, YES),
    ],
)
def test_an_outcome_depends_on_the_reachable_facts_alone(category: str, facts: Fact, outcome: Outcome) -> None:
    assert TABLE.outcome(category, facts) is outcome
    assert TABLE.permits(category, facts) is isinstance(outcome, Permit)


@pytest.mark.parametrize(
    ("category", "never", "always", "relevant"),
    [
        ("open", False, True, Fact(0)),
        ("closed", True, False, Fact(0)),
        ("agreed", False, False, Fact.CONSENT),
        ("either", False, False, Fact.CONSENT | Fact.JURISDICTION),
        ("own", True, False, Fact(0)),
    ],
)
def test_a_table_tells_beforehand_what_the_facts_can_change(
    category: str, never: bool, always: bool, relevant: Fact
) -> None:
    assert (TABLE.never(category), TABLE.always(category), TABLE.relevant(category)) == (never, always, relevant)


def test_a_category_that_policy_does_not_know_has_no_outcome() -> None:
    for ask in (TABLE.outcome, TABLE.permits):
        with pytest.raises(KeyError):
            ask("unheard-of", Fact(0))
