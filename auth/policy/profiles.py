"""Everybody whom policy tells apart, as profiles: what an officer's table shows and a comparison goes through."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from cedarpy import pst

from auth.policy.denials import ASSURANCE_LEVELS
from auth.policy.policy_set import PolicySet, Rule
from auth.principal import ANONYMOUS, PrincipalKind, Profile

KIND_BY_ROLE = MappingProxyType({"public": PrincipalKind.ANONYMOUS, "citizen": PrincipalKind.CITIZEN})
"""The kind of principal that acts in a role; in all other roles a client does."""

ANY_CLIENT = "any client"
"""Stands for each client that no rule names."""

OTHER_PURPOSE = "any other purpose"
"""Stands for each purpose that no rule which may concern the role names."""


@dataclass(frozen=True, slots=True, order=True)
class ReviewedCaller:
    """Who asks for what: one column of the officer's table."""

    role: str
    purpose: str
    assurance: int
    client: str = ANY_CLIENT
    emergency: bool = False

    @property
    def profile(self) -> Profile:
        kind = KIND_BY_ROLE.get(self.role, PrincipalKind.CLIENT)
        client = ANONYMOUS.client_id if kind is PrincipalKind.ANONYMOUS else self.client
        roles = frozenset({self.role})
        return Profile(kind, client, roles, self.purpose, self.assurance, emergency=self.emergency)

    @property
    def purpose_words(self) -> str:
        """Return the purpose, and that the glass is broken where it is."""
        return f"{self.purpose}, glass broken" if self.emergency else self.purpose

    def words(self) -> str:
        """Return the asker as a person reads it; the level only where it may matter."""
        levelled = self.assurance or _is_citizen(self.role)
        level = f" (level {self.assurance})" if levelled else ""
        client = f", client {self.client}" if self.client != ANY_CLIENT else ""
        return f"{self.role}, {self.purpose_words}{level}{client}"


def askers(policies: PolicySet) -> list[ReviewedCaller]:
    """Return the askers of each role with the purposes that are its own, in the order of the files.

    Citizens come at every level of assurance, agencies without: their level is that of no person. Those who may break
    the glass for a purpose come a second time, having broken it.
    """
    clients = (ANY_CLIENT, *sorted(_named(policies.rules.values(), "Client")))
    rules = policies.rules.values()
    return [
        asker
        for role in policies.roles.values()
        for purpose in role.purposes
        for asker in _of_role(
            role.name,
            purpose,
            clients,
            _LEVELS if _is_citizen(role.name) else (0,),
            _speak_of("emergency", [rule for rule in rules if _may_concern(rule, role.name) and _fits(rule, purpose)]),
        )
    ]


def all_askers(*sets: PolicySet) -> list[ReviewedCaller]:
    """Return everybody whom the rules of any of the sets tell apart: a rule may open more than it was meant to.

    That is each role with every purpose that a rule which may concern it names, its own or not, and one for all
    others; at every level where such a rule speaks of levels.
    """
    rules = [rule for policies in sets for rule in policies.rules.values()]
    clients = (ANY_CLIENT, *sorted(_named(rules, "Client")))
    return [
        asker
        for role in dict.fromkeys(role for policies in sets for role in policies.roles)
        for concerning in ([rule for rule in rules if _may_concern(rule, role)],)
        for purpose, levels in _distinctions(concerning)
        for asker in _of_role(role, purpose, clients, levels, _speak_of("emergency", concerning))
    ]


_LEVELS = (0, *ASSURANCE_LEVELS)


def _distinctions(rules: Sequence[Rule]) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield the purposes that rules tell apart, each with the levels that they do."""
    levelled = _speak_of("assurance", rules)
    for purpose in (*sorted(_named(rules, "Purpose")), OTHER_PURPOSE):
        yield purpose, _LEVELS if levelled else (0,)


def _speak_of(attribute: str, rules: Iterable[Rule]) -> bool:
    """Tell whether a condition of any of the rules asks for an attribute of the context."""
    return any(f"attr='{attribute}'" in repr(rule.cedar.clauses) for rule in rules)


def _fits(rule: Rule, purpose: str) -> bool:
    """Tell whether a rule names the purpose, or none at all."""
    named = _named([rule], "Purpose")
    return not named or purpose in named


def _may_concern(rule: Rule, role: str) -> bool:
    """Tell whether the head of a rule leaves a role in."""
    scope = rule.cedar.principal
    outside = isinstance(scope, pst.ScopeIn) and isinstance(scope.entity, pst.EntityUid) and scope.entity.id != role
    return not outside


def _of_role(
    role: str, purpose: str, clients: Sequence[str], levels: Sequence[int], emergencies: bool
) -> Iterator[ReviewedCaller]:
    if KIND_BY_ROLE.get(role) is PrincipalKind.ANONYMOUS:
        yield ReviewedCaller(role, purpose, 0)
        return
    for client in clients:
        for level in levels:
            yield ReviewedCaller(role, purpose, level, client)
            if emergencies and not _is_citizen(role):
                yield ReviewedCaller(role, purpose, level, client, emergency=True)


def _is_citizen(role: str) -> bool:
    return KIND_BY_ROLE.get(role) is PrincipalKind.CITIZEN


def _named(rules: Iterable[Rule], kind: str) -> set[str]:
    """Return the entities of a kind that rules name."""
    named = (pst.entity_uids(rule.cedar) for rule in rules)
    return {entity.id for uids in named for entity in uids if entity.type.basename == kind}
