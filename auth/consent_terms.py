"""What a consent says, and whose agreement it takes at which age."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from auth.errors import Refused
from auth.keys import Key

OWN_VOICE_FROM = 7
"""From this age a child must agree as well (Law 91/2025/QH15 art. 24)."""
ADULT_FROM = 18


class Party(Enum):
    """Who may agree to a release."""

    SUBJECT = "subject"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Terms:
    """One recipient, one purpose, the data categories, and the last day."""

    client_id: str
    purpose: str
    categories: frozenset[str]
    valid_to: date

    def __post_init__(self) -> None:
        if not self.categories:
            raise Refused("`categories` must name at least one")


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it stands. It is effective once all that it `needs` have agreed, until it ends or is withdrawn."""

    id: int
    terms: Terms
    given_at: datetime
    needs: frozenset[Party]
    agreed_at: Mapping[Party, datetime]
    withdrawn_at: datetime | None

    @property
    def lacks(self) -> frozenset[Party]:
        """Whose agreement is still missing."""
        return self.needs - self.agreed_at.keys()


def needed_at(age: int) -> frozenset[Party]:
    """Return whose agreement a release takes for a subject of this age in years.

    The law asks for both only where private life is disclosed; we ask for both for every release to a third party.
    """
    if age >= ADULT_FROM:
        return frozenset({Party.SUBJECT})
    return frozenset({Party.GUARDIAN}) if age < OWN_VOICE_FROM else frozenset(Party)


def party_of(subject: Key, by: Key, age: int) -> Party:
    """Return as whom `by` speaks; raises Refused where that voice does not count at this age."""
    party = Party.SUBJECT if by == subject else Party.GUARDIAN
    if party in needed_at(age):
        return party
    if party is Party.GUARDIAN:
        raise Refused(f"a person of {ADULT_FROM} or older consents alone")
    raise Refused(f"for a child under {OWN_VOICE_FROM} the guardian consents")
