"""Under which facts data categories are released: the smallest sets of facts, read off a decision table."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from auth.policy.cedar import combinations
from auth.policy.decisions import DecisionTable, Denial, Permit
from auth.principal import Fact


class Access(Enum):
    """What may be expected of a field before it is asked for."""

    ALLOWED = "always"
    CONDITIONAL = "conditional"
    DENIED = "never"


@dataclass(frozen=True, slots=True)
class FactCondition:
    """Released where all facts of `present` hold and none of `absent`, by this permit."""

    present: Fact
    absent: Fact
    permit: Permit

    def words(self) -> str:
        """Return the facts as a person reads them."""
        return words_of(self.present, self.absent)


@dataclass(frozen=True, slots=True)
class Release:
    """When categories are released together, and what is missing.

    `missing` is what is said where no fact holds; where no facts are enough, what is said though all of them hold.
    """

    access: Access
    conditions: tuple[FactCondition, ...]
    missing: Denial | None


def release_of(table: DecisionTable, categories: Sequence[str], possible: Fact | None = None) -> Release:
    """Return when all of the categories are released, the first giving rule and reason before the others.

    `possible` names the facts that can hold at all; those that the profile cannot reach never do. Raises KeyError for
    a category that policy does not know.
    """
    possible = table.reachable if possible is None else possible & table.reachable
    every = combinations(possible)
    permitted = {facts for facts in every if all(table.permits(category, facts) for category in categories)}
    conditions = tuple(
        FactCondition(present, absent, _permit(table, categories, present))
        for present, absent in smallest(permitted, possible)
    )
    if not permitted:
        return Release(Access.DENIED, (), _missing(table, categories, possible))
    if len(permitted) == len(every):
        return Release(Access.ALLOWED, conditions, None)
    return Release(Access.CONDITIONAL, conditions, _missing(table, categories, Fact(0)))


def smallest(permitted: Collection[Fact], possible: Fact) -> list[tuple[Fact, Fact]]:
    """Return (present, absent) for each smallest set of facts that is enough, whatever the other facts are.

    These are the prime implicants of the function that is true for the permitted facts. Where no rule asks that a fact
    be missing, `absent` is empty throughout.
    """
    found: list[tuple[Fact, Fact]] = []
    every = combinations(possible)
    pairs = [(present, absent) for present in every for absent in every if not present & absent]
    for present, absent in sorted(pairs, key=lambda pair: (sum(map(int.bit_count, pair)), pair[1], pair[0])):
        enough = all(facts in permitted for facts in every if present in facts and not absent & facts)
        if enough and not any(less in present and fewer in absent for less, fewer in found):
            found.append((present, absent))
    return found


def words_of(present: Fact, absent: Fact) -> str:
    """Return facts as a person reads them: `consent and not case`; nothing where none is needed."""
    wanted = [str(fact.name).lower() for fact in Fact if fact in present]
    unwanted = [f"not {str(fact.name).lower()}" for fact in Fact if fact in absent]
    return " and ".join(wanted + unwanted)


def _permit(table: DecisionTable, categories: Sequence[str], facts: Fact) -> Permit:
    outcome = table.outcome(categories[0], facts)
    assert isinstance(outcome, Permit)
    return outcome


def _missing(table: DecisionTable, categories: Sequence[str], facts: Fact) -> Denial | None:
    """Return the first denial under the facts; None where no category is denied, since a fact that holds denies."""
    outcomes = (table.outcome(category, facts) for category in categories)
    return next((outcome for outcome in outcomes if isinstance(outcome, Denial)), None)
