"""How a caller may stand to subjects, and the subjects of one operation who are known so far."""

from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import compress
from typing import Any, NamedTuple

from auth.principal import Fact
from connectors.faults import FaultyRows, without_faults
from connectors.source import Condition, Key
from connectors.subjects import VERIFIED, Holds

NO_CONSENT: frozenset[str] = frozenset()
NOTHING, COVERED = 0, int(Fact.JURISDICTION)


class SubjectFacts(NamedTuple):
    """The facts about a subject, the categories consented to, and whether the person behind is verified.

    It identifies nobody; subjects with equal facts share one instance.
    """

    facts: int
    """A mask of `Fact`; a plain number, because arithmetic of flags costs 20 times as much."""
    consents: frozenset[str]
    verified: bool


STRANGER = SubjectFacts(NOTHING, NO_CONSENT, verified=False)
ALL_MASKS = frozenset(range(1 << len(Fact)))
"""All masks of facts: of nobody is anything decided before consents are known."""


class KnownSubjects:
    """The subjects of one kind who are known so far."""

    __slots__ = ("accounts", "facts_by_key", "unasked", "unasked_facts")

    def __init__(self) -> None:
        self.facts_by_key: dict[Key, SubjectFacts] = {}
        self.accounts: dict[Key, Key] = {}
        """Under which keys subjects are accounted for: the verified persons behind them, else keys of their own."""
        self.unasked: dict[Key, Key] = {}
        """Those of the persons whose consents have not been asked for."""
        self.unasked_facts: set[int] = set()
        """The masks of facts under which any of these stands, and some that were asked since."""

    def add(self, facts_by_key: Mapping[Key, SubjectFacts], persons: Mapping[Key, Key], *, may_consent: bool) -> None:
        self.facts_by_key.update(facts_by_key)
        if may_consent:
            self.unasked.update(persons)
            self.unasked_facts.update({facts for facts, _, _ in set(facts_by_key.values())})

    def add_doubles(self, doubles: Mapping[Key, Key], *, may_consent: bool) -> None:
        """Take note of subjects without a known person, each with the double whose consents are asked for instead."""
        for subject in doubles:
            self.facts_by_key.setdefault(subject, STRANGER)
        if may_consent:
            self.unasked.update(doubles)
            self.unasked_facts.update(self.facts_by_key[subject].facts for subject in doubles)

    def pending_consents(self, keys: Iterable[Key], consent_dependent: Set[int]) -> Mapping[Key, Key]:
        """Return the persons among these whose consents have not been asked for and may matter."""
        if not self.unasked or self.unasked_facts.isdisjoint(consent_dependent):
            return {}
        unasked, facts_by_key = self.unasked, self.facts_by_key
        among = unasked.keys() & keys
        if not self.unasked_facts <= consent_dependent:
            among = {key for key in among if facts_by_key[key].facts in consent_dependent}
        return dict(zip(among, map(unasked.__getitem__, among), strict=True))

    def apply_consents(self, persons: Mapping[Key, Key], consents: Mapping[Key, frozenset[str]]) -> None:
        """Take note of what these persons have consented to; somebody without consent is absent."""
        for key in list(compress(persons, map(consents.__contains__, persons.values()))):
            facts, _, verified = self.facts_by_key[key]
            self.facts_by_key[key] = SubjectFacts(facts, consents[persons[key]], verified)
        if persons.keys() == self.unasked.keys():
            self.unasked, self.unasked_facts = {}, set()
        else:
            self.unasked = {key: person for key, person in self.unasked.items() if key not in persons}


def verified(holds: Holds) -> Condition:
    """Return the condition that a row is of the person whom it names."""
    return Condition(holds.link, "=", VERIFIED)


def readable_facts(rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """Return the rows to learn from: a fact whose column cannot be read does not hold, the others decide."""
    return without_faults(rows) if isinstance(rows, FaultyRows) else rows


def facts_without_consents(
    keys: Sequence[Key], person_by_key: Mapping[Key, Key], covered: Set[Key], relations: Mapping[Key, int]
) -> Mapping[Key, SubjectFacts]:
    """Return how the caller stands to the subjects of these keys, consents aside; one without a person is not verified.

    Most subjects have equal facts, so only the others are visited one by one.
    """
    facts_by_key = dict.fromkeys(keys, SubjectFacts(COVERED, NO_CONSENT, verified=True))
    apart = facts_by_key.keys() - covered
    if len(person_by_key) < len(facts_by_key):
        apart |= facts_by_key.keys() - person_by_key.keys()
    if relations:
        apart.update([key for key, person in person_by_key.items() if person in relations])
    for key in apart:
        facts, person = COVERED if key in covered else NOTHING, person_by_key.get(key)
        related = NOTHING if person is None else relations.get(person, NOTHING)
        facts_by_key[key] = SubjectFacts(facts | related, NO_CONSENT, verified=person is not None)
    return facts_by_key
