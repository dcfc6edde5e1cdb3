"""What is wrong with a policy folder, and what soon will be."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from pathlib import Path

from auth.policy.cedar import Survey
from auth.policy.policy_set import PolicyInvalid, PolicySet
from auth.policy.profiles import askers
from auth.policy.rules import Rule
from auth.principal import Fact

SOON = timedelta(days=90)


class Severity(Enum):
    """An error makes the check fail, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """One thing to be seen to; `place` is a file, a rule, a category, a purpose or a role."""

    severity: Severity
    place: str
    text: str


def findings(folder: Path, on: date) -> list[PolicyFinding]:
    """Return what is wrong with the folder on a day; nothing where all is well.

    A folder that would not load has one finding: the first reason. Everything else is judged of valid folders only.
    """
    try:
        policies = PolicySet.load(folder)
    except PolicyInvalid as invalid:
        place, _, text = str(invalid).partition(": ")
        return [PolicyFinding(Severity.ERROR, place, text)]
    return [*_dates(policies, on), *_unopened(policies, on), *_unneeded(policies, on), *_unused(policies)]


def _dates(policies: PolicySet, on: date) -> Iterator[PolicyFinding]:
    for rule in policies.rules.values():
        if rule.valid_to is not None and rule.valid_to < on:
            yield PolicyFinding(Severity.ERROR, rule.id, f"ended on {rule.valid_to}: take it out or renew it")
        elif rule.valid_to is not None and rule.valid_to - on <= SOON:
            days = (rule.valid_to - on).days
            yield PolicyFinding(
                Severity.WARNING, rule.id, f"ends on {rule.valid_to}, {_in_days(days)}{_next(policies, rule)}"
            )


def _in_days(days: int) -> str:
    return "today" if days == 0 else f"in {days} {'day' if days == 1 else 'days'}"


def _next(policies: PolicySet, rule: Rule) -> str:
    """Return which rule follows on the day after, if one begins then with any of the categories."""
    assert rule.valid_to is not None
    following = rule.valid_to + timedelta(days=1) if rule.valid_to < date.max else None
    ids = [
        follower.id
        for follower in policies.rules.values()
        if follower.valid_from == following and follower.categories & rule.categories
    ]
    return f"; {' and '.join(ids)} follows" if following and ids else ""


def _unopened(policies: PolicySet, on: date) -> Iterator[PolicyFinding]:
    """Yield the categories that no rule in force opens to anybody under any facts."""
    closed = dict.fromkeys(policies.categories)
    for asker in askers(policies):
        survey = policies.survey(asker.profile, on)
        for category in list(closed):
            if any(verdict.permitting for verdict in survey.verdicts(category).values()):
                del closed[category]
    for category in closed:
        yield PolicyFinding(Severity.ERROR, category, "no rule in force opens this category to anybody")


def _unneeded(policies: PolicySet, on: date) -> Iterator[PolicyFinding]:
    """Yield what rules open by a dossier alone and no procedure of the purpose needs: no dossier can ever open it."""
    needed = {
        (procedure.purpose, category) for procedure in policies.procedures.values() for category in procedure.categories
    }
    found: dict[PolicyFinding, None] = {}
    for asker in askers(policies):
        survey = policies.survey(asker.profile, on)
        for category in policies.categories:
            if (asker.purpose, category) not in needed:
                text = f"no procedure of the purpose `{asker.purpose}` needs `{category}`: no dossier opens it"
                found |= dict.fromkeys(PolicyFinding(Severity.ERROR, id, text) for id in _by_dossier(survey, category))
    yield from found


def _by_dossier(survey: Survey, category: str) -> Iterator[str]:
    """Yield the ids of the rules that open a category with an open dossier, where nothing does without."""
    verdicts = survey.verdicts(category)
    for facts, verdict in verdicts.items():
        if Fact.CASE in facts and verdict.permitting and not verdicts[facts & ~Fact.CASE].permitting:
            yield verdict.permitting.id


def _unused(policies: PolicySet) -> Iterator[PolicyFinding]:
    purposes = {purpose for role in policies.roles.values() for purpose in role.purposes}
    for purpose in policies.purposes.keys() - purposes:
        yield PolicyFinding(Severity.WARNING, purpose, "no role has this purpose")
    for basis in policies.legal_bases.keys() - {rule.basis for rule in policies.rules.values()}:
        yield PolicyFinding(Severity.WARNING, basis, "no rule stands on this legal basis")
