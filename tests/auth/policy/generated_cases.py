"""Random policies, profiles, facts and queries, for comparing the reference evaluator with the production path."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from auth.policy.policy_set import PolicySet
from auth.principal import Fact, PrincipalKind, Profile
from connectors.records import RECORDS
from engine.gate import OutputColumn, RowQuery
from engine.shape import slots_of
from resolvers.gate.subjects import SubjectFacts
from schema.build import build_schema
from tests.auth.policies import COMMITTED, KIND_BY_ROLE, rule

WORDS = PolicySet.load(COMMITTED)
CATEGORIES = sorted(WORDS.categories)
ROLES = ("citizen", "school", "provincial-department", "university")
PURPOSES = ("self-service", "school-management", "grade-1-admission", "university-admission")
CLIENTS = ("one", "two")
FACTS = ("self", "guardian", "consent", "jurisdiction", "case")
DAYS = tuple(date(2026, month, 1) for month in (1, 4, 7, 10))
_, CATALOGUE = build_schema()
TYPES = [name for name, type_ in CATALOGUE.record_types.items() if type_.record != "principal" and name != "Credential"]


def policy(random: Random) -> str:
    """Return the text of a few rules: wide and narrow ones, forbids, dates, and arithmetic that may overflow."""
    return "".join(_rule(random, f"r{number}") for number in random.sample(range(10), random.randint(2, 7)))


def _rule(random: Random, name: str) -> str:
    principal = random.choice(["", *(f' in Role::"{role}"' for role in ROLES), ' == Client::"one"'])
    resource = random.choice(["", "", "", f' == Category::"{random.choice(CATEGORIES)}"'])
    chosen = ", ".join(f'Category::"{one}"' for one in random.sample(CATEGORIES, random.randint(4, 20)))
    condition = _condition(random, random.randint(0, 3))
    if random.random() < 0.6:
        condition = f"context.facts.{random.choice(FACTS)} && ({condition})"
    if not resource:
        condition = f"resource in [{chosen}] && ({condition})"
    if random.random() < 0.2:
        condition = f"({condition}) }} unless {{ {_condition(random, 1)}"
    days = "".join(
        f' @{note}("{random.choice(DAYS)}")' for note, likely in (("valid_from", 0.2),) if random.random() < likely
    )
    days += ' @valid_to("2026-12-31")' if random.random() < 0.2 else ""
    effect = "forbid" if random.random() < 0.15 else "permit"
    return rule(name, f"{principal}|{resource}", condition, effect=effect, extra=days)


def _condition(random: Random, depth: int) -> str:
    if depth == 0:
        return _leaf(random)
    left, right = _condition(random, depth - 1), _condition(random, depth - 1)
    return random.choice(
        [
            f"({left} && {right})",
            f"({left} && {right})",
            f"({left} || {right})",
            f"!({left})",
            f"(if {_leaf(random)} then {left} else {right})",
        ]
    )


def _leaf(random: Random) -> str:
    if random.random() < 0.5:
        return f"context.facts.{random.choice(FACTS)}"
    if random.random() < 0.1:
        return "context.emergency"
    purposes = ", ".join(f'Purpose::"{one}"' for one in random.sample(PURPOSES, 2))
    compared = random.choice(["<", "<=", ">", ">=", "==", "!="])
    return random.choice(
        [
            f'context.purpose {random.choice(["==", "!="])} Purpose::"{random.choice(PURPOSES)}"',
            f"[{purposes}].contains(context.purpose)",
            f"context.assurance {compared} {random.randint(0, 2)}",
            f"context.assurance * 4611686018427387903 + context.assurance {compared} {random.randint(0, 9)}",
            f'principal in Role::"{random.choice(ROLES)}"',
            f'principal {random.choice(["==", "!="])} Client::"{random.choice(CLIENTS)}"',
            f'resource != Category::"{random.choice(CATEGORIES)}"',
            "context has facts",
        ]
    )


def profile(random: Random) -> Profile:
    """Return somebody who asks, mostly in one role, as those do who have it, and for a purpose of its own."""
    role = random.choice(ROLES)
    kind = KIND_BY_ROLE.get(role, PrincipalKind.CLIENT) if random.random() < 0.8 else random.choice([*PrincipalKind])
    roles = {role, *random.sample(ROLES, random.choice([0, 0, 0, 1]))}
    purpose = random.choice(WORDS.roles[role].purposes if random.random() < 0.8 else PURPOSES)
    asker = (kind, random.choice(CLIENTS), frozenset(roles), purpose, random.randint(0, 2))
    expired, unlisted = (frozenset(random.sample(CATEGORIES, random.choice([0, 0, most]))) for most in (3, 12))
    needed = frozenset(random.sample(CATEGORIES, 15)) if random.random() < 0.3 else None
    return Profile(*asker, expired, unlisted, needed, emergency=random.random() < 0.2)


def subject_facts(random: Random) -> SubjectFacts:
    """Return how the caller stands to somebody: any facts but a consent's, which go by category."""
    facts = Fact(random.randrange(32)) & ~Fact.CONSENT
    consents = frozenset(random.sample(CATEGORIES, random.choice([0, 0, 1, 12])))
    return SubjectFacts(facts, consents, random.choice([False, True]))


@dataclass(frozen=True)
class Asked:
    """One ask, and rows as a register would return them: their subject, and (column: value)."""

    ask: RowQuery
    rows: Sequence[dict[str, Any]]
    subject: str | None


def asked(random: Random) -> Asked:
    typename = random.choice(TYPES)
    record_type = CATALOGUE.record_types[typename]
    record = RECORDS[record_type.record]
    declarations = CATALOGUE.declarations(typename)
    slots: list[OutputColumn] = []
    for name in random.sample(sorted(declarations), min(len(declarations), random.randint(1, 4))):
        for slot in slots_of(CATALOGUE, typename, name, declarations[name]):
            tag = record_type.tag[1] if record_type.tag and random.random() < 0.5 else None
            slots.append(OutputColumn(slot.column, slot.category, slot.coordinate, tag))
    ask = RowQuery(
        record.name,
        record.key,
        record_type.category,
        "Query.asked",
        tuple(dict.fromkeys(slots)),
        record_type.tag[0] if record_type.tag else None,
    )
    rows = [{column: f"{column} {number}" for column in record.columns} for number in range(random.randint(1, 4))]
    for row in rows if record_type.tag else ():
        row[record_type.tag[0] if record_type.tag else ""] = random.choice(["DIPLOMA", "CERTIFICATE"])
    return Asked(ask, rows, record.subject.column if record.subject else None)
