"""Cedar asked: what a set of rules says of each category under each combination of facts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import cedarpy
from cedarpy import pst

from auth.policy.rules import Rule
from auth.principal import Fact

_READ = {"type": "Action", "id": "read"}


@dataclass(frozen=True, slots=True)
class CedarRequest:
    """What a question says of who asks; the category and the facts vary below it."""

    client_id: str
    roles: frozenset[str]
    purpose: str
    assurance: int
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Cedar's answer by the rule that decided it; neither is set where no rule speaks."""

    permitting: Rule | None
    forbidding: Rule | None


class RulesInForce:
    """The rules of one day, parsed once."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = rules
        self.policies = cedarpy.PolicySet.from_pst(
            pst.PolicySet(
                templates={}, static_policies={rule.id: rule.cedar for rule in rules.values()}, template_links=()
            )
        )


class Survey:
    """The verdicts on one asker, category by category, under every combination of the facts in `reachable`."""

    def __init__(self, in_force: RulesInForce, asker: CedarRequest, reachable: Fact) -> None:
        self._in_force = in_force
        self._principal = {"type": "Client", "id": asker.client_id}
        self._entities = _entities(asker)
        self._context_by_facts = {facts: _context(asker, facts) for facts in combinations(reachable)}
        self._verdicts_by_category: dict[str, Mapping[Fact, Verdict]] = {}

    def verdicts(self, category: str) -> Mapping[Fact, Verdict]:
        """Return the verdict on a category by facts; asked in one batch, and once."""
        if category not in self._verdicts_by_category:
            self._verdicts_by_category[category] = self._asked(category)
        return self._verdicts_by_category[category]

    def _asked(self, category: str) -> Mapping[Fact, Verdict]:
        resource = {"type": "Category", "id": category}
        requests = [
            {"principal": self._principal, "action": _READ, "resource": resource, "context": context}
            for context in self._context_by_facts.values()
        ]
        results = cedarpy.is_authorized_batch(requests, self._in_force.policies, self._entities)
        return dict(zip(self._context_by_facts, map(self._verdict, results), strict=True))

    def _verdict(self, result: cedarpy.AuthzResult) -> Verdict:
        """Of several rules that decide alike, the first by id speaks, so that answers do not vary."""
        deciding: list[str] = result.diagnostics.reasons
        if not deciding:
            return Verdict(permitting=None, forbidding=None)
        rule = self._in_force.rules[min(deciding)]
        if not result.allowed:
            return Verdict(permitting=None, forbidding=rule)
        # Cedar skips a rule whose evaluation fails, an overflow for instance: had it forbidden, the rest would permit
        return Verdict(permitting=None if result.diagnostics.errors else rule, forbidding=None)


def combinations(reachable: Fact) -> list[Fact]:
    """Return every set of the reachable facts, the empty one first."""
    return [facts for facts in map(Fact, range(1 << len(Fact))) if facts in reachable]


def _context(asker: CedarRequest, facts: Fact) -> str:
    return json.dumps(
        {
            "purpose": {"__entity": {"type": "Purpose", "id": asker.purpose}},
            "assurance": asker.assurance,
            "emergency": asker.emergency,
            "facts": {str(fact.name).lower(): fact in facts for fact in Fact},
        }
    )


def _entities(asker: CedarRequest) -> cedarpy.Entities:
    client = {
        "uid": {"type": "Client", "id": asker.client_id},
        "attrs": {},
        "parents": [{"type": "Role", "id": role} for role in sorted(asker.roles)],
    }
    return cedarpy.Entities.from_json_str(json.dumps([client]))
