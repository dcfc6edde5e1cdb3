"""Dossiers of administrative procedures: who opened one, how it ended, and whether it is open."""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS = 5


class Opener(Enum):
    """Who opened a dossier: its subject, a guardian, or the agency that received it on paper."""

    CITIZEN = "CITIZEN"
    GUARDIAN = "GUARDIAN"
    AGENCY = "AGENCY"


class StoredDossierOutcome(Enum):
    """How a dossier was closed; the agency closes with one of the first two, the citizen with the last."""

    COMPLETED = "COMPLETED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a dossier is opened with. `subject_at_client`: the subject, sealed for our own state."""

    client_id: str
    procedure: str
    number: str
    opened_by: Opener
    due: date
    open_until: date
    subject_at_client: str


@dataclass(frozen=True, slots=True)
class StoredDossier:
    """A dossier as it is kept. `subject` is a pseudonym; `open_until` the last day on which it counts as open."""

    id: int
    opening: Opening
    subject: bytes = field(repr=False)
    opened_at: datetime
    closed_at: datetime | None
    outcome: StoredDossierOutcome | None

    def is_open(self, on: date) -> bool:
        return self.closed_at is None and on <= self.opening.open_until

    def state(self, on: date) -> str:
        """Return OPEN, LAPSED, or the outcome that it was closed with."""
        if self.outcome is not None:
            return self.outcome.name
        return "OPEN" if self.is_open(on) else "LAPSED"


def new_number() -> str:
    """Return a number that nobody can guess (100 random bits) and that tells nothing of anybody."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(_GROUPS))
    return "-".join(groups)
