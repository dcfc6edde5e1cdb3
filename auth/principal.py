"""Who asks: the principal of a request, and the profile that decisions are made for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, IntFlag
from types import MappingProxyType


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


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. `person_key` is set for citizens only and never printed."""

    kind: PrincipalKind
    client_id: str
    roles: frozenset[str]
    assurance: int = 0  # 0 none, 1 or 2: the VNeID account level
    person_key: str | int | None = field(default=None, repr=False)
    token_id: str | None = None


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, "public", frozenset({"public"}))


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Whom an agency's grant covers: everybody, or learners of these provinces or institutions."""

    country: bool = False
    provinces: frozenset[str] = frozenset()
    institutions: frozenset[str | int] = frozenset()

    def covers(self, province_code: str | None, institution_code: str | int | None) -> bool:
        return self.country or province_code in self.provinces or institution_code in self.institutions


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


@dataclass(frozen=True, slots=True)
class Profile:
    """All that a decision may depend on except the row: hashable, and never the person."""

    kind: PrincipalKind
    client_id: str
    roles: frozenset[str]
    purpose: str
    assurance: int
    expired_categories: frozenset[str] = frozenset()
