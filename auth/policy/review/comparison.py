"""Whose access changes between two policy sets: gained and lost, by asker, category and facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from auth.policy.cedar import Verdict
from auth.policy.conditions import smallest, words_of
from auth.policy.policy_set import REACHABLE, PolicySet
from auth.policy.profiles import ReviewedCaller, all_askers
from auth.principal import Fact


class Direction(Enum):
    """Which way access went."""

    GAINED = "gained"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Change:
    """Under `facts` (in words, empty: always) the asker reads the category in one set only, there by `rule`."""

    direction: Direction
    asker: ReviewedCaller
    category: str
    facts: str
    rule: str


def changes(old: PolicySet, new: PolicySet, on: date) -> Iterator[Change]:
    """Yield every change on a day, for all roles of either set with all purposes, assurance levels and facts.

    Compared is what is permitted, not by which rule: a rule that is only renamed or split changes nothing.
    """
    categories = dict.fromkeys([*old.categories, *new.categories])
    for asker in all_askers(old, new):
        profile = asker.profile
        before, after = old.survey(profile, on), new.survey(profile, on)
        for category in categories:
            then, now = before.verdicts(category), after.verdicts(category)
            yield from _more(Direction.GAINED, asker, category, now, then)
            yield from _more(Direction.LOST, asker, category, then, now)


def _more(
    direction: Direction,
    asker: ReviewedCaller,
    category: str,
    here: Mapping[Fact, Verdict],
    there: Mapping[Fact, Verdict],
) -> Iterator[Change]:
    """Yield what is permitted here and not there."""
    more = [facts for facts, verdict in here.items() if verdict.permitting and not there[facts].permitting]
    for present, absent in smallest(more, REACHABLE[asker.profile.kind]) if more else ():
        permitting = here[present].permitting
        assert permitting is not None
        yield Change(direction, asker, category, words_of(present, absent), permitting.id)
