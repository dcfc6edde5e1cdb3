"""Policy tests that an officer writes: tables of who asks under which facts, and what must come of it."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from auth.policy.decisions import Permit
from auth.policy.policy_set import PolicySet
from auth.policy.profiles import KIND_BY_ROLE
from auth.principal import Fact, PrincipalKind, Profile

PERMIT = "permit"
NOTHING = "-"
HEAD = ("facts", "category", "outcome", "rule")
_ASKING = {
    "role": str,
    "purpose": str,
    "assurance": int,
    "client": str,
    "expired": list,
    "unlisted": list,
    "procedure": str,
    "emergency": bool,
    "on": date,
    "rows": str,
}


class TrialInvalid(Exception):
    """A file of trials that cannot be read as one; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class PolicyCase:
    """One row: under `facts` the asker must get the outcome for the category, by `rule` where one is named."""

    place: str
    profile: Profile
    facts: Fact
    category: str
    outcome: str
    rule: str | None
    on: date | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that does not hold, and what policy says instead."""

    trial: PolicyCase
    outcome: str
    rule: str


def read_trials(path: Path, policies: PolicySet) -> list[PolicyCase]:
    """Return the rows of a file. Raises TrialInvalid for what is malformed or names nothing that policy knows."""
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrialInvalid(f"{path.name}: cannot be read: {error}") from error
    if set(sections) != {"asking"} or not isinstance(sections["asking"], list):
        raise TrialInvalid(f"{path.name}: must hold [[asking]] sections and nothing else")
    return [
        trial
        for number, section in enumerate(sections["asking"], start=1)
        for trial in _of_section(f"{path.name}: section {number}", section, policies)
    ]


def failures(trials: Sequence[PolicyCase], policies: PolicySet, on: date) -> list[Failure]:
    """Return the rows that do not hold; rows without a day of their own are judged on this one."""
    found: list[Failure] = []
    for trial in trials:
        outcome = policies.table(trial.profile, trial.on or on).outcome(trial.category, trial.facts)
        got = PERMIT if isinstance(outcome, Permit) else outcome.code
        if got != trial.outcome or trial.rule not in (None, outcome.rule or NOTHING):
            found.append(Failure(trial, got, outcome.rule or NOTHING))
    return found


def _of_section(where: str, section: dict[str, Any], policies: PolicySet) -> Iterator[PolicyCase]:
    for name, value in section.items():
        if name not in _ASKING or not isinstance(value, _ASKING[name]):
            raise TrialInvalid(f"{where}: `{name}` is unknown or of the wrong type")
    if missing := {"role", "purpose", "rows"} - section.keys():
        raise TrialInvalid(f"{where}: `{min(missing)}` is missing")
    profile = _profile(where, section, policies)
    for number, line in enumerate(_lines(where, section["rows"]), start=1):
        yield from _of_line(f"{where}, row {number}", line, profile, section.get("on"), policies)


def _profile(where: str, section: dict[str, Any], policies: PolicySet) -> Profile:
    role, purpose = section["role"], section["purpose"]
    expired, unlisted = frozenset(section.get("expired", ())), frozenset(section.get("unlisted", ()))
    _known(where, "role", role, policies.roles)
    _known(where, "purpose", purpose, policies.purposes)
    for category in expired | unlisted:
        _known(where, "category", category, policies.categories)
    kind = KIND_BY_ROLE.get(role, PrincipalKind.CLIENT)
    client = section.get("client", "any client")
    needed = None
    if (procedure := section.get("procedure")) is not None:
        _known(where, "procedure", procedure, policies.procedures)
        needed = policies.procedures[procedure].categories
    assurance, emergency = section.get("assurance", 0), section.get("emergency", False)
    return Profile(kind, client, frozenset({role}), purpose, assurance, expired, unlisted, needed, emergency)


def _lines(where: str, rows: str) -> Iterator[list[str]]:
    """Yield the cells of each line below the head, which must be there."""
    lines = [[cell.strip() for cell in line.split("|")] for line in rows.splitlines() if line.strip()]
    if not lines or tuple(lines[0]) not in (HEAD, HEAD[:-1]):
        raise TrialInvalid(f"{where}: the first row must be `{' | '.join(HEAD)}`, the last column may be left out")
    for number, cells in enumerate(lines[1:], start=1):
        if len(cells) != len(lines[0]) or not all(cells):
            raise TrialInvalid(f"{where}, row {number}: must fill {len(lines[0])} columns")
        yield cells


def _of_line(
    where: str, cells: list[str], profile: Profile, on: date | None, policies: PolicySet
) -> Iterator[PolicyCase]:
    facts = Fact(0)
    for name in cells[0].split() if cells[0] != NOTHING else ():
        _known(where, "fact", name.upper(), Fact.__members__)
        facts |= Fact[name.upper()]
    rule = cells[3] if len(cells) > 3 else None
    if rule not in (None, NOTHING):
        _known(where, "rule", rule, policies.rules)
    for category in cells[1].split():
        _known(where, "category", category, policies.categories)
        yield PolicyCase(where, profile, facts, category, cells[2], rule, on)


def _known(where: str, kind: str, name: Any, names: Any) -> None:
    if name not in names:
        raise TrialInvalid(f"{where}: unknown {kind} `{name}`")
