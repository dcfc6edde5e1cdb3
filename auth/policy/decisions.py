"""The outcome of policy: a permit or a denial with its reasons, for each category under each combination of facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auth.principal import Fact


@dataclass(frozen=True, slots=True)
class Permit:
    """Policy says yes, by the rule with this id."""

    rule: str
    basis: str
    citation: str


@dataclass(frozen=True, slots=True)
class Denial:
    """Policy says no.

    `code` is one of CONSENT_REQUIRED, OUTSIDE_JURISDICTION, CASE_REQUIRED, NOT_THE_SUBJECT, ASSURANCE_TOO_LOW,
    PURPOSE_NOT_PERMITTED, EMERGENCY_REQUIRED, ROLE_NOT_PERMITTED, GRANT_EXPIRED, NOT_IN_AGREEMENT,
    AUTHENTICATION_REQUIRED, FORBIDDEN, NOT_HELD. `rule` is the rule that would permit with what is missing, or the one
    that forbids; empty where no rule of this role comes near. `obtain` says how access can be obtained, by language
    ("vi", "en").
    """

    code: str
    rule: str
    citation: str
    obtain: Mapping[str, str] = field(hash=False)


Outcome = Permit | Denial


@dataclass(frozen=True, slots=True)
class Holdings:
    """What no register of the deployment holds: whole records, and single columns as (record, column)."""

    unserved: frozenset[str] = frozenset()
    absent: frozenset[tuple[str, str]] = frozenset()


ALL_HELD = Holdings()


class DecisionTable:
    """What one profile may read: outcomes by category and fact mask (the 2^5 combinations of `Fact`)."""

    __slots__ = ("_holdings", "_not_held", "_outcomes", "holder", "memo", "permitted_masks", "reachable")

    def __init__(
        self,
        outcomes: Mapping[str, tuple[Outcome, ...]],
        reachable: Fact,
        holder: str = "",
        holdings: Holdings = ALL_HELD,
        not_held: Denial | None = None,
    ) -> None:
        """`outcomes[category][mask]`; `reachable` holds the facts that can be true at all for the profile.

        `holder`: whose share of a cache is used for what is derived from the decisions: the client that asks.
        `not_held`: the denial of what `holdings` lacks.
        """
        self.holder = holder
        self._outcomes = outcomes
        self.reachable = reachable
        self._holdings, self._not_held = holdings, not_held
        self.memo: dict[Any, Any] = {}
        """Where caches (reference/weighted_cache.py) keep what is derived from these decisions alone, each apart from
        the others; it goes when the table goes."""
        self.permitted_masks: dict[str, int] = {
            category: sum(1 << mask for mask, outcome in enumerate(by_mask) if isinstance(outcome, Permit))
            for category, by_mask in outcomes.items()
        }
        """By category, the set of masks that permit, as bits: `permitted_masks[category] >> mask & 1`."""

    def outcome(self, category: str, facts: Fact) -> Outcome:
        """Raises KeyError for a category that policy does not know."""
        return self._outcomes[category][facts & self.reachable]

    def not_held(self, record: str, column: str | None = None) -> Denial | None:
        """Return the denial of a record that no register serves, or of a column that none of its registers has.

        It is the same whoever asks for whatever row.
        """
        holdings = self._holdings
        return self._not_held if record in holdings.unserved or (record, column) in holdings.absent else None

    def permits(self, category: str, facts: Fact) -> bool:
        return bool(self.permitted_masks[category] >> (facts & self.reachable) & 1)

    def never(self, category: str) -> bool:
        """Whether no combination of facts that the profile can reach permits the category."""
        return not any(self.permits(category, mask) for mask in self._reachable_masks())

    def always(self, category: str) -> bool:
        """Whether the category is permitted whatever the facts are."""
        return all(self.permits(category, mask) for mask in self._reachable_masks())

    def relevant(self, category: str) -> Fact:
        """Return the facts on which the outcome of the category depends."""
        return Fact(
            sum(
                fact
                for fact in Fact
                if fact & self.reachable
                and any(self.permits(category, m) != self.permits(category, m ^ fact) for m in self._reachable_masks())
            )
        )

    def _reachable_masks(self) -> list[Fact]:
        return [Fact(mask) for mask in range(32) if mask & ~self.reachable == 0]
