"""Policy tests that an officer writes: tables of who asks under which facts, and what must come of it."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from auth.policy.decisions import Permit
from auth.policy.policy_set import PolicySet
from auth.policy.profiles import KIND_BY_ROLE
from auth.principal import Fact, PrincipalKind, Profile
from reference.toml_table import Text, TOMLTable, content_of, validated

PERMIT = "permit"
NOTHING = "-"
HEAD = ("facts", "category", "outcome", "rule")


class TrialInvalid(Exception):
    """A file of trials that cannot be read as one; the message names the file and the place."""


class AskingTable(TOMLTable, frozen=True, kw_only=True):
    """Who asks, and the rows of what must come of it."""

    role: Text
    purpose: Text
    assurance: int = 0
    client: Text = "any client"
    expired: frozenset[Text] = frozenset()
    unlisted: frozenset[Text] = frozenset()
    procedure: Text | None = None
    emergency: bool = False
    on: date | None = None
    rows: Annotated[str, Meta(max_length=1_000_000)]


class TrialsFile(TOMLTable, frozen=True, kw_only=True):
    asking: tuple[dict[str, Any], ...]


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
    sections = validated(TrialsFile, content_of(path, TrialInvalid), path.name, TrialInvalid).asking
    places = ((f"{path.name}: section {number}", section) for number, section in enumerate(sections, start=1))
    return [
        trial
        for place, section in places
        for trial in _of_section(place, validated(AskingTable, section, place, TrialInvalid), policies)
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


def _of_section(where: str, section: AskingTable, policies: PolicySet) -> Iterator[PolicyCase]:
    profile = _profile(where, section, policies)
    for number, line in enumerate(_lines(where, section.rows), start=1):
        yield from _of_line(f"{where}, row {number}", line, profile, section.on, policies)


def _profile(where: str, section: AskingTable, policies: PolicySet) -> Profile:
    _check_known(where, "role", section.role, policies.roles)
    _check_known(where, "purpose", section.purpose, policies.purposes)
    for category in section.expired | section.unlisted:
        _check_known(where, "category", category, policies.categories)
    needed = None
    if section.procedure is not None:
        _check_known(where, "procedure", section.procedure, policies.procedures)
        needed = policies.procedures[section.procedure].categories
    return Profile(
        KIND_BY_ROLE.get(section.role, PrincipalKind.CLIENT),
        section.client,
        frozenset({section.role}),
        section.purpose,
        section.assurance,
        section.expired,
        section.unlisted,
        needed,
        section.emergency,
    )


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
        _check_known(where, "fact", name.upper(), Fact.__members__)
        facts |= Fact[name.upper()]
    rule = cells[3] if len(cells) > 3 else None
    if rule not in (None, NOTHING):
        _check_known(where, "rule", rule, policies.rules)
    for category in cells[1].split():
        _check_known(where, "category", category, policies.categories)
        yield PolicyCase(where, profile, facts, category, cells[2], rule, on)


def _check_known(where: str, kind: str, name: str, names: Container[str]) -> None:
    if name not in names:
        raise TrialInvalid(f"{where}: unknown {kind} `{name}`")
