"""Policy: the rules in force, and the decision table that they give each profile."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from auth.policy.arguments import ArgumentPolicy, read_argument_policy
from auth.policy.cedar import CedarRequest, RulesInForce, Survey
from auth.policy.decisions import ALL_HELD, DecisionTable, Holdings, Outcome
from auth.policy.denials import Outcomes, not_held
from auth.policy.procedures import ProcedureTerms, read_procedures
from auth.policy.rules import Rule, read_rules
from auth.policy.vocabulary import (
    Category,
    LegalBasis,
    PolicyInvalid,
    Purpose,
    Role,
    Vocabulary,
    read_vocabulary,
)
from auth.principal import Fact, PrincipalKind, Profile
from reference.vietnam_time import today
from reference.weighted_cache import WeightedCache

__all__ = ["Category", "LegalBasis", "Policies", "PolicyInvalid", "PolicySet", "Purpose", "Role", "Rule"]

REACHABLE = MappingProxyType(
    {
        PrincipalKind.ANONYMOUS: Fact(0),
        PrincipalKind.CITIZEN: Fact.SELF | Fact.GUARDIAN,
        PrincipalKind.CLIENT: Fact.CONSENT | Fact.JURISDICTION | Fact.CASE,
    }
)

"""The facts that can hold for each kind of principal."""

_TABLES_ROOM, _TABLES_SHARE = 32_000_000, 4_000_000
_TABLE_BYTES = 30_000


class PolicySet:
    """A valid policy folder. Immutable; decision tables are made on first use and kept, the least used dropped."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        rules: Mapping[str, Rule],
        procedures: Mapping[str, ProcedureTerms],
        arguments: ArgumentPolicy,
        version: str,
        holdings: Holdings = ALL_HELD,
    ) -> None:
        self.categories: Mapping[str, Category] = vocabulary.categories
        self.purposes: Mapping[str, Purpose] = vocabulary.purposes
        self.roles: Mapping[str, Role] = vocabulary.roles
        self.legal_bases: Mapping[str, LegalBasis] = vocabulary.legal_bases
        self.rules = rules
        self.procedures = procedures
        self.arguments = arguments
        self.version = version
        self._vocabulary = vocabulary
        self._holdings = holdings
        self._changes = _days_of_change(rules)
        self._in_force = lru_cache(maxsize=4)(self._rules_on)
        self._tables = WeightedCache[tuple[Profile, int], DecisionTable](_TABLES_ROOM, _TABLES_SHARE)

    @classmethod
    def load(cls, folder: Path, holdings: Holdings = ALL_HELD) -> "PolicySet":
        """Read and check a folder. Raises PolicyInvalid; the message names the file, and the rule or entry.

        `holdings`: what the registers of the deployment lack; the tables deny it.
        """
        vocabulary = read_vocabulary(folder)
        rules, procedures = read_rules(folder, vocabulary), read_procedures(folder, vocabulary)
        arguments = read_argument_policy(folder, vocabulary.purposes)
        return cls(vocabulary, rules, procedures, arguments, _version(folder), holdings)

    def table(self, profile: Profile, on: date | None = None) -> DecisionTable:
        """Return the decisions for a profile by the rules in force on a day, today in Vietnam when none is given."""
        # between two changes every day has the same rules: one table serves them all
        key = (profile, self._period(on))
        table = self._tables.get(profile.client_id, key)
        return table or self._tables.put(profile.client_id, key, self._table_made(*key), _TABLE_BYTES)

    def survey(self, profile: Profile, on: date | None = None) -> Survey:
        """Return what the rules of a day say of a profile, without the reasons that a table works out for denials."""
        asker = CedarRequest(profile.client_id, profile.roles, profile.purpose, profile.assurance, profile.emergency)
        return Survey(self._in_force(self._period(on)), asker, REACHABLE[profile.kind])

    def _period(self, on: date | None) -> int:
        return bisect_right(self._changes, on or today())

    def _table_made(self, profile: Profile, period: int) -> DecisionTable:
        reachable = REACHABLE[profile.kind]
        outcomes = Outcomes(self._in_force(period), self._vocabulary, profile, reachable)
        return DecisionTable(
            {category: _by_mask(outcomes.of(category), reachable) for category in self.categories},
            reachable,
            profile.client_id,
            self._holdings,
            not_held(self._vocabulary),
        )

    def _rules_on(self, period: int) -> RulesInForce:
        day = self._changes[period - 1] if period else date.min
        return RulesInForce({rule.id: rule for rule in self.rules.values() if rule.in_force(day)})


class Policies:
    """The policy set in use. A reload puts the next one in its place, or leaves it where it is."""

    def __init__(self, folder: Path, holdings: Holdings = ALL_HELD) -> None:
        """Load the folder for a deployment. Raises PolicyInvalid."""
        self._folder, self._holdings = folder, holdings
        self.current = PolicySet.load(folder, holdings)

    @property
    def version(self) -> str:
        return self.current.version

    def table(self, profile: Profile, on: date | None = None) -> DecisionTable:
        return self.current.table(profile, on)

    def reload(self) -> None:
        """Read the folder again, dropping all tables. Raises PolicyInvalid, and then the old set stays in use."""
        self.current = PolicySet.load(self._folder, self._holdings)

    def warm(self, profiles: Iterable[Profile]) -> None:
        """Make the tables of these profiles now, so that their first request does not wait for it."""
        for profile in profiles:
            self.current.table(profile)


def _by_mask(outcome_by_facts: Mapping[Fact, Outcome], reachable: Fact) -> tuple[Outcome, ...]:
    """Return the outcomes by mask; a fact that cannot hold changes nothing."""
    return tuple(outcome_by_facts[Fact(mask) & reachable] for mask in range(1 << len(Fact)))


def _days_of_change(rules: Mapping[str, Rule]) -> list[date]:
    """Return the days on which the rules in force differ from those of the day before, in order."""
    begins = {rule.valid_from for rule in rules.values() if rule.valid_from}
    ends = {rule.valid_to + timedelta(days=1) for rule in rules.values() if rule.valid_to not in {None, date.max}}
    return sorted(begins | ends)


def _version(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.suffix in {".toml", ".cedar", ".cedarschema"}):
        text = path.read_bytes()
        digest.update(f"{path.name}\0{len(text)}\0".encode() + text)
    return digest.hexdigest()[:16]
