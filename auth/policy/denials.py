"""Why not: the denial that a caller is given, from the rule that comes nearest to permitting."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

from auth.policy.cedar import CedarRequest, RulesInForce, Survey, Verdict
from auth.policy.decisions import Denial, Outcome, Permit
from auth.policy.rules import Rule
from auth.policy.vocabulary import GeneralReason, Vocabulary
from auth.principal import Fact, PrincipalKind, Profile

ASSURANCE_LEVELS = (1, 2)  # VNeID accounts, Decree 69/2024/NĐ-CP

# which code names a missing fact, the first of those missing
_CODE_BY_FACT = {
    Fact.SELF: "NOT_THE_SUBJECT",
    Fact.GUARDIAN: "NOT_THE_SUBJECT",
    Fact.JURISDICTION: "OUTSIDE_JURISDICTION",
    Fact.CASE: "CASE_REQUIRED",
    Fact.CONSENT: "CONSENT_REQUIRED",
}


class Outcomes:
    """The outcomes of one profile; where Cedar says no, the reason and the way to access."""

    def __init__(self, in_force: RulesInForce, vocabulary: Vocabulary, profile: Profile, reachable: Fact) -> None:
        self._in_force = in_force
        self._vocabulary = vocabulary
        self._profile = profile
        self._reachable = reachable
        self._asker = CedarRequest(
            profile.client_id, profile.roles, profile.purpose, profile.assurance, profile.emergency
        )
        self._survey_by_asker: dict[CedarRequest, Survey] = {}

    def of(self, category: str) -> Mapping[Fact, Outcome]:
        """Return the outcome of a category by facts."""
        verdicts = self._survey(self._asker).verdicts(category)
        left_out = self._left_out(category)
        counting = self._counting(category)
        return {
            facts: self._outcome(category, facts & counting, verdicts[facts & counting], left_out) for facts in verdicts
        }

    def _counting(self, category: str) -> Fact:
        """Return the facts that count for the category: a dossier does for what its procedure needs only."""
        named = self._profile.case_categories
        return self._reachable if named is None or category in named else self._reachable & ~Fact.CASE

    def _left_out(self, category: str) -> Denial | None:
        """Return how the agreement, not a rule, denies the category; None where it does not."""
        denials = self._vocabulary.denials
        if category in self._profile.unlisted_categories:
            return _general("NOT_IN_AGREEMENT", denials.not_in_agreement)
        if category in self._profile.expired_categories:
            return _general("GRANT_EXPIRED", denials.grant_expired)
        return None

    def _outcome(self, category: str, facts: Fact, verdict: Verdict, left_out: Denial | None) -> Outcome:
        if verdict.permitting and left_out is None:
            return Permit(verdict.permitting.id, verdict.permitting.basis, verdict.permitting.citation)
        if self._profile.kind is PrincipalKind.ANONYMOUS:
            return _general("AUTHENTICATION_REQUIRED", self._vocabulary.denials.authentication_required)
        if verdict.forbidding:
            return _by_rule("FORBIDDEN", verdict.forbidding)
        return self._nearest(category, facts, left_out)

    def _nearest(self, category: str, facts: Fact, left_out: Denial | None) -> Denial:
        for asker in self._variations():
            permits = [
                (more, verdict.permitting)
                for more, verdict in self._survey(asker).verdicts(category).items()
                if facts in more and verdict.permitting
            ]
            if permits:
                nearest, rule = min(permits, key=lambda permit: (permit[0].bit_count(), permit[0]))
                return self._denial(asker, nearest & ~facts, rule, left_out)
        return self._role_not_permitted()

    def _denial(self, asker: CedarRequest, missing: Fact, rule: Rule, left_out: Denial | None) -> Denial:
        if asker.purpose != self._asker.purpose:
            return _by_rule("PURPOSE_NOT_PERMITTED", rule)
        if left_out is not None:
            return replace(left_out, rule=rule.id, citation=rule.citation)
        if asker.emergency and not self._asker.emergency:
            return _by_rule("EMERGENCY_REQUIRED", rule)
        for fact, code in _CODE_BY_FACT.items():
            if fact in missing:
                return _by_rule(code, rule)
        return _by_rule("ASSURANCE_TOO_LOW", rule)

    def _variations(self) -> Iterator[CedarRequest]:
        """Yield the asker as it is, then with higher assurance, break-glass access, the other purposes of its roles."""
        levels = [self._asker.assurance]
        if self._profile.kind is PrincipalKind.CITIZEN:
            levels += [level for level in ASSURANCE_LEVELS if level > self._asker.assurance]
        roles = [role for name, role in self._vocabulary.roles.items() if name in self._asker.roles]
        others = dict.fromkeys(purpose for role in roles for purpose in role.purposes if purpose != self._asker.purpose)
        for level in levels:
            yield replace(self._asker, assurance=level)
        if self._profile.kind is PrincipalKind.CLIENT:
            yield replace(self._asker, emergency=True)
        for purpose in others:
            for level in levels:
                yield replace(self._asker, purpose=purpose, assurance=level)

    def _survey(self, asker: CedarRequest) -> Survey:
        if asker not in self._survey_by_asker:
            self._survey_by_asker[asker] = Survey(self._in_force, asker, self._reachable)
        return self._survey_by_asker[asker]

    def _role_not_permitted(self) -> Denial:
        roles = self._vocabulary.roles
        agency = any(roles[name].agency for name in self._asker.roles if name in roles)
        denials = self._vocabulary.denials
        return _general(
            "ROLE_NOT_PERMITTED", denials.role_not_permitted.agency if agency else denials.role_not_permitted
        )


def not_held(vocabulary: Vocabulary) -> Denial:
    """Return the denial of what no register of the deployment holds."""
    return _general("NOT_HELD", vocabulary.denials.not_held)


def _by_rule(code: str, rule: Rule) -> Denial:
    return Denial(code, rule.id, rule.citation, rule.obtain)


@lru_cache
def _general(code: str, reason: GeneralReason) -> Denial:
    return Denial(code, "", reason.citation, MappingProxyType(reason.text))
