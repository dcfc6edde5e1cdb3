"""Who asks: the principal of a request, and the profile that decisions are made for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, IntFlag
from types import MappingProxyType
from typing import NamedTuple

from auth.argument_terms import ArgumentTerms
from reference.validity import in_force


class PrincipalKind(Enum):
    """A person in front of a VNeID-linked app, an agency's machine, or nobody in particular."""

    ANONYMOUS = "anonymous"
    CITIZEN = "citizen"
    CLIENT = "client"


class Fact(IntFlag):
    """What may hold between a principal and the subject of a row."""

    SELF = 1
    GUARDIAN = 2
    CONSENT = 4
    JURISDICTION = 8
    CASE = 16


class Recipient(NamedTuple):
    """For whom ids are sealed. Two that differ in any part cannot open each other's, whatever name one takes.

    `issuer` is None for an agency's client whose agreement names none: all issuers of clients speak for it.
    """

    kind: PrincipalKind
    issuer: str | None
    client_id: str


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. `person_key` is set for citizens only and never printed."""

    kind: PrincipalKind
    client_id: str
    roles: frozenset[str]
    assurance: int = 0  # 0 none, 1 or 2: the VNeID account level
    person_key: str | int | None = field(default=None, repr=False)
    token_id: str | None = None
    issuer: str | None = None  # who signed the token


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, "public", frozenset({"public"}))


@dataclass(frozen=True, slots=True)
class Cohort:
    """Those who are or were enrolled at a level in a school year, in one grade or in all of them."""

    school_year: str
    level: str
    grade: int | None = None

    def has(self, school_year: str | None, level: str | None, grade: int | None) -> bool:
        """Tell whether an enrolment brings into the cohort."""
        return (school_year, level) == (self.school_year, self.level) and self.grade in (None, grade)


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Whom an agency's grant covers: everybody, or learners of these places; of these only the cohorts, if any.

    `provinces` and `communes` are codes valid since 1 July 2025; a learner is of a commune by the institution.
    """

    country: bool = False
    provinces: frozenset[str] = frozenset()
    institutions: frozenset[str | int] = frozenset()
    communes: frozenset[str] = frozenset()
    cohorts: frozenset[Cohort] = frozenset()

    @property
    def somewhere(self) -> bool:
        """Whether any place is named at all."""
        return self.country or bool(self.provinces or self.institutions or self.communes)

    def covers(self, province_code: str | None, institution_code: str | int | None) -> bool:
        """Tell whether the place is covered; communes and cohorts are for others to look up."""
        return self.country or province_code in self.provinces or institution_code in self.institutions


@dataclass(frozen=True, slots=True)
class HiddenUse:
    """Entries of the record that their subjects are not shown until after a day, and the law that says so."""

    citation: str
    until: date

    def __post_init__(self) -> None:
        """Raises ValueError: nothing is hidden without a legal provision, and nothing for ever."""
        if not self.citation.strip() or not isinstance(self.until, date):
            raise ValueError("entries are hidden by a legal provision and until a day only")


@dataclass(frozen=True, slots=True)
class Grant:
    """What an agency's agreement lets its client ask for: one purpose, over one jurisdiction, for a time."""

    client_id: str
    role: str
    purpose: str
    jurisdiction: Jurisdiction
    valid_from: date
    valid_to: date | None
    # categories that end before the grant does: name -> last day
    category_expiry: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
    requests_per_minute: int = 600
    # distinct persons and learners a day; one that is not there or not to be known of counts as several
    subjects_per_day: int = 10_000
    subjects_per_minute: int = 1_000  # of these, new ones
    # misses of a day in all of the client's purposes: so many, and so many for each hundred persons found
    misses_per_day: int = 100
    misses_percent: int = 25
    answer_megabytes: int = 10  # the largest answer, in millions of bytes
    agreement: str = ""  # its number
    legal_basis: str = ""
    citation: str = ""
    issuer: str | None = None  # tokens of this client must come from this issuer; None: any configured
    suspended: bool = False
    categories: frozenset[str] | None = None  # only these, whatever the role may have; None: all the role's
    # what answers may be asked with: "Type.field" -> terms
    arguments: Mapping[str, ArgumentTerms] = field(default_factory=lambda: MappingProxyType({}))
    emergency: bool = False  # break-glass allowed
    hidden: HiddenUse | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether the client may use it on a day: the one place that decides so."""
        return not self.suspended and in_force(self.valid_from, self.valid_to, day)


@dataclass(frozen=True, slots=True)
class Profile:
    """All that a decision may depend on except the row: hashable, and never the person."""

    kind: PrincipalKind
    client_id: str
    roles: frozenset[str]
    purpose: str
    assurance: int
    expired_categories: frozenset[str] = frozenset()
    unlisted_categories: frozenset[str] = frozenset()  # not in the agreement, whatever the role may have
    case_categories: frozenset[str] | None = None  # what a dossier opens at most; None: whatever rules say, for tables
    emergency: bool = False  # break-glass access is used
