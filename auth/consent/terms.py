"""What a consent says, and whose agreement it takes at which age."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from auth.crypto.keys import Key
from auth.errors import Refused

OWN_VOICE_FROM = 7
"""From this age a child must agree as well (Law 91/2025/QH15 art. 24)."""
ADULT_FROM = 18  # Civil Code 2015 art. 20
MOST_READS = 10_000
LONGEST_LIFE_DAYS = 36_500


class Party(Enum):
    """Who may agree to a release."""

    SUBJECT = "subject"
    GUARDIAN = "guardian"


class Period(Enum):
    """How long the readings are counted that a frequency limits: the last so many days, not a calendar's."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    @property
    def length(self) -> timedelta:
        return timedelta(days=_DAYS[self])


_DAYS: Mapping[Period, int] = MappingProxyType(
    {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30, Period.YEAR: 365},
)


@dataclass(frozen=True, slots=True)
class Frequency:
    """At most so many readings in any such period; a reading is one operation that concerns the subject."""

    reads: int
    period: Period

    def __post_init__(self) -> None:
        if not 1 <= self.reads <= MOST_READS:
            raise Refused(f"`frequency.reads` must be between 1 and {MOST_READS}")


@dataclass(frozen=True, slots=True)
class Terms:
    """One recipient, one purpose, the data categories, the last day; how often, and how long the data may be kept."""

    client_id: str
    purpose: str
    categories: frozenset[str]
    valid_to: date
    frequency: Frequency | None = None
    data_life_days: int | None = None

    def __post_init__(self) -> None:
        if not self.categories:
            raise Refused("`categories` must name at least one")
        if self.data_life_days is not None and not 1 <= self.data_life_days <= LONGEST_LIFE_DAYS:
            raise Refused(f"`dataLifeDays` must be between 1 and {LONGEST_LIFE_DAYS}")

    def check_narrower(self, than: "Terms") -> None:
        """Raise Refused unless all but the last day is within the terms that were agreed to."""
        if not self.categories <= than.categories:
            raise Refused("`categories` may only be narrowed: more data takes a consent of its own")
        if than.frequency is not None and (
            self.frequency is None
            or self.frequency.period is not than.frequency.period
            or self.frequency.reads > than.frequency.reads
        ):
            raise Refused("`frequency` may only be narrowed, within the same period")
        if than.data_life_days is not None and (self.data_life_days or LONGEST_LIFE_DAYS + 1) > than.data_life_days:
            raise Refused("`dataLifeDays` may only be shortened")
        if self == than:
            raise Refused("nothing is amended: these are the terms that stand")


class Effectiveness(NamedTuple):
    """What decides on which days a consent that is not withdrawn counts: the one place that says so.

    `lacks`: whether somebody who had to agree from the first has not. The dates are as in StoredConsent.
    """

    valid_to: date
    lapses_on: date | None
    own_voice_on: date | None
    lacks: bool
    subject_agreed: bool

    def ended_on(self, day: date) -> bool:
        return self.valid_to < day or (self.lapses_on is not None and self.lapses_on <= day)

    def lacks_subject_on(self, day: date) -> bool:
        """Tell whether a child who has become seven since must agree as well, and has not."""
        return not self.subject_agreed and self.own_voice_on is not None and self.own_voice_on <= day

    def counts_on(self, day: date) -> bool:
        return not self.lacks and not self.ended_on(day) and not self.lacks_subject_on(day)


@dataclass(frozen=True, slots=True)
class StoredConsent:
    """A consent as it stands; it counts on the days on which all that it then needs have agreed.

    `own_voice_on`: the child's seventh birthday, for a consent opened before it. `lapses_on`: the eighteenth, for any
    consent of a minor. `recipient_subject`: the subject, sealed for our own state
    (auth/crypto/keys.py, `kept_subjects`).
    """

    id: int
    version: int
    terms: Terms
    given_at: datetime
    needs: frozenset[Party]
    agreed_at: Mapping[Party, datetime]
    withdrawn_at: datetime | None
    own_voice_on: date | None
    lapses_on: date | None
    recipient_subject: str | None

    @property
    def lacks(self) -> frozenset[Party]:
        """Whose agreement was missing from the first."""
        return self.needs - self.agreed_at.keys()

    def lacks_on(self, day: date) -> frozenset[Party]:
        """Whose agreement is missing on a day: a child who has become seven since must agree as well."""
        return self.lacks | {Party.SUBJECT} if self._effectiveness.lacks_subject_on(day) else self.lacks

    def ended_on(self, day: date) -> bool:
        """Tell whether it has been withdrawn, has run out or has lapsed with the guardian's authority."""
        return self.withdrawn_at is not None or self._effectiveness.ended_on(day)

    def counts_on(self, day: date) -> bool:
        return self.withdrawn_at is None and self._effectiveness.counts_on(day)

    @property
    def _effectiveness(self) -> Effectiveness:
        agreed = Party.SUBJECT in self.agreed_at
        return Effectiveness(self.terms.valid_to, self.lapses_on, self.own_voice_on, bool(self.lacks), agreed)


def birthday(born: date, years: int) -> date:
    """Return the day on which so many years are completed: for 29 February, 1 March in common years."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def needed_on(born: date, day: date) -> frozenset[Party]:
    """Return whose agreement a release takes on a day for a subject born then.

    The law asks for both only where private life is disclosed; we ask for both for every release to a third party.
    """
    if birthday(born, ADULT_FROM) <= day:
        return frozenset({Party.SUBJECT})
    return frozenset({Party.GUARDIAN}) if day < birthday(born, OWN_VOICE_FROM) else frozenset(Party)


def party_of(subject: Key, by: Key, born: date, day: date) -> Party:
    """Return the party that `by` acts as. Raises Refused if that party has no say at the subject's age."""
    party = Party.SUBJECT if by == subject else Party.GUARDIAN
    if party in needed_on(born, day):
        return party
    if party is Party.GUARDIAN:
        raise Refused(f"a person of {ADULT_FROM} or older consents alone")
    raise Refused(f"for a child under {OWN_VOICE_FROM} the guardian consents")
