"""Policy decided the slow way: each rule's conditions interpreted anew for one row and one category.

Written apart from the production path. It shares no table, no mask, no cache and no decision of Cedar's engine with it:
of Cedar only the parser is used, and what expressions mean is read off
https://docs.cedarpolicy.com/policies/syntax-operators.html. What auth/ and resolvers/ add to Cedar (which facts count,
how a denial is explained) is written down here once more, from docs/policies.md.
"""

import json
import operator
import tomllib
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import cedarpy

FACTS = ("self", "guardian", "consent", "jurisdiction", "case")
COUNTING = {
    "anonymous": set[str](),
    "citizen": {"self", "guardian"},
    "client": {"consent", "jurisdiction", "case"},
}
CODE = {
    "self": "NOT_THE_SUBJECT",
    "guardian": "NOT_THE_SUBJECT",
    "jurisdiction": "OUTSIDE_JURISDICTION",
    "case": "CASE_REQUIRED",
    "consent": "CONSENT_REQUIRED",
}
"""What is said of a missing fact, the first of those missing."""
PERMIT = "permit"

Entity = tuple[str, str]


class Unevaluable(Exception):
    """A condition that has no value: a number out of range, an attribute that is not there."""


@dataclass(frozen=True)
class Question:
    """Who asks, about which category, under which facts."""

    kind: str
    client: str
    roles: frozenset[str]
    purpose: str
    assurance: int
    category: str
    facts: frozenset[str]
    expired: bool = False
    unlisted: bool = False
    emergency: bool = False
    needed: bool = True
    """Whether the procedure of the dossier that is named, if one is, needs the category."""

    def with_(self, **other: Any) -> "Question":
        return Question(**{**self.__dict__, **other})


@dataclass(frozen=True)
class Reference:
    """The rules of a folder as parsed, and the purposes of each role in their order."""

    rules: tuple[dict[str, Any], ...]
    purposes_by_role: dict[str, list[str]]

    @classmethod
    def load(cls, folder: Path) -> "Reference":
        texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.cedar"))]
        parsed = [json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"] for text in texts]
        roles = tomllib.loads((folder / "roles.toml").read_text(encoding="utf-8"))
        rules = tuple(rule for policies in parsed for rule in policies.values())
        return cls(rules, {name: role["purposes"] for name, role in roles.items()})

    def outcome(self, asked: Question, on: date) -> tuple[str, str]:
        """Return (`permit` or the code of the denial, the rule's id or nothing)."""
        ignored = set[str]() if asked.needed else {"case"}
        asked = asked.with_(facts=asked.facts & COUNTING[asked.kind] - ignored)
        decided, rule = self._decided(asked, on)
        if decided == "permit" and not asked.expired and not asked.unlisted:
            return PERMIT, rule
        if asked.kind == "anonymous":
            return "AUTHENTICATION_REQUIRED", ""
        return ("FORBIDDEN", rule) if decided == "forbid" else self._nearest(asked, on)

    def _decided(self, asked: Question, on: date) -> tuple[str, str]:
        """Return (`permit`, `forbid` or nothing, the deciding rule): a forbid outweighs, a failure permits nothing."""
        satisfied: dict[str, list[str]] = {"permit": [], "forbid": []}
        failed = False
        for rule in self.rules:
            notes = rule["annotations"]
            if not notes.get("valid_from", "") <= on.isoformat() <= notes.get("valid_to", "9999-12-31"):
                continue
            try:
                if holds(rule, asked):
                    satisfied[rule["effect"]].append(notes["id"])
            except Unevaluable:
                failed = True
        if satisfied["forbid"]:
            return "forbid", min(satisfied["forbid"])
        if satisfied["permit"] and not failed:
            return "permit", min(satisfied["permit"])
        return "", ""

    def _nearest(self, asked: Question, on: date) -> tuple[str, str]:
        """Return the reason by the rule that would permit with least more: facts, assurance, an emergency, purpose."""
        for changed in self._others(asked):
            for more in self._more_facts(asked):
                decided, rule = self._decided(changed.with_(facts=asked.facts | more), on)
                if decided == "permit":
                    return _code(asked, changed, more), rule
        return "ROLE_NOT_PERMITTED", ""

    def _others(self, asked: Question) -> Iterator[Question]:
        """Yield the question as it is, then as it might be asked, the nearest first."""
        levels = [asked.assurance]
        if asked.kind == "citizen":
            levels += [level for level in (1, 2) if level > asked.assurance]
        for purpose in self._purposes(asked):
            yield from (asked.with_(purpose=purpose, assurance=level) for level in levels)
            if asked.kind == "client" and purpose == asked.purpose:
                yield asked.with_(emergency=True)

    def _purposes(self, asked: Question) -> list[str]:
        own = [purposes for role, purposes in self.purposes_by_role.items() if role in asked.roles]
        return list(dict.fromkeys([asked.purpose, *(purpose for purposes in own for purpose in purposes)]))

    def _more_facts(self, asked: Question) -> Iterator[Set[str]]:
        """Yield the sets of facts that may be added, small ones first, and of one size those of earlier facts first."""
        missing = [fact for fact in FACTS if fact in COUNTING[asked.kind] and fact not in asked.facts]
        for size in range(len(missing) + 1):
            sets = combinations(missing, size)
            yield from map(set, sorted(sets, key=lambda facts: sum(1 << FACTS.index(fact) for fact in facts)))


def _code(asked: Question, changed: Question, more: Set[str]) -> str:
    if changed.purpose != asked.purpose:
        return "PURPOSE_NOT_PERMITTED"
    if asked.unlisted:
        return "NOT_IN_AGREEMENT"
    if asked.expired:
        return "GRANT_EXPIRED"
    if changed.emergency and not asked.emergency:
        return "EMERGENCY_REQUIRED"
    return next((code for fact, code in CODE.items() if fact in more), "ASSURANCE_TOO_LOW")


def holds(rule: dict[str, Any], asked: Question) -> bool:
    """Tell whether the head of a rule fits and its conditions hold. Raises Unevaluable."""
    client, category = ("Client", asked.client), ("Category", asked.category)
    if not _fits(rule["principal"], client, asked) or not _fits(rule["resource"], category, asked):
        return False
    return all((value(one["body"], asked) is True) is (one["kind"] == "when") for one in rule["conditions"])


def _fits(scope: dict[str, Any], entity: Entity, asked: Question) -> bool:
    if scope["op"] == "All":
        return True
    named = (scope["entity"]["type"], scope["entity"]["id"])
    return entity == named or (scope["op"] == "in" and _within(entity, named, asked))


def _within(entity: Entity, other: Entity, asked: Question) -> bool:
    return entity == other or (entity == ("Client", asked.client) and other[0] == "Role" and other[1] in asked.roles)


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "contains": operator.contains,
}


def value(expression: dict[str, Any], asked: Question) -> Any:
    """Return the value of an expression in Cedar's JSON format. Raises Unevaluable."""
    ((kind, inner),) = expression.items()
    match kind:
        case "Value":
            return (inner["__entity"]["type"], inner["__entity"]["id"]) if isinstance(inner, dict) else inner
        case "Var":
            return _variable(inner, asked)
        case "Set":
            return [value(one, asked) for one in inner]
        case "!":
            return not value(inner["arg"], asked)
        case "&&":
            return value(inner["left"], asked) and value(inner["right"], asked)
        case "||":
            return value(inner["left"], asked) or value(inner["right"], asked)
        case "if-then-else":
            return value(inner["then" if value(inner["if"], asked) else "else"], asked)
        case ".":
            return _attribute(value(inner["left"], asked), inner["attr"])
        case "has":
            return inner["attr"] in value(inner["left"], asked)
        case "in":
            entity, others = value(inner["left"], asked), value(inner["right"], asked)
            return any(_within(entity, other, asked) for other in (others if isinstance(others, list) else [others]))
    return _ranged(_BINARY[kind](value(inner["left"], asked), value(inner["right"], asked)))


def _variable(name: str, asked: Question) -> Any:
    facts = {fact: fact in asked.facts for fact in FACTS}
    context = {
        "purpose": ("Purpose", asked.purpose),
        "assurance": asked.assurance,
        "emergency": asked.emergency,
        "facts": facts,
    }
    return {
        "principal": ("Client", asked.client),
        "action": ("Action", "read"),
        "resource": ("Category", asked.category),
        "context": context,
    }[name]


def _attribute(record: dict[str, Any], name: str) -> Any:
    if name not in record:
        raise Unevaluable(name)
    return record[name]


def _ranged(result: Any) -> Any:
    """Return a result; numbers have 64 bits, and leaving them is a failure."""
    if isinstance(result, bool) or -(2**63) <= result < 2**63:
        return result
    raise Unevaluable("overflow")
