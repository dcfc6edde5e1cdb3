"""Who asks, as far as facts depend on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from auth.principal import Jurisdiction, PrincipalKind
from connectors.source import Key


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as facts depend on it."""

    kind: PrincipalKind
    client_id: str
    purpose: str
    person_key: Key | None
    jurisdiction: Jurisdiction
    now: datetime
    concerned: Callable[[Key], bool] | None = None
    """Whether the open dossier that a client has named is this person's; None: it has named none."""
    emergency: bool = False

    @property
    def today(self) -> date:
        return self.now.date()
