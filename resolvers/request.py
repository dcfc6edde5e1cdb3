"""One request, as resolvers see it: who asks, when, and the doors open to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from auth.decisions import DecisionTable
from auth.errors import Refused
from auth.keys import Sealer
from auth.principal import Principal, Profile
from engine.catalogue import Catalogue
from engine.gate import Gate
from resolvers.disclosure import Disclosure

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(slots=True)
class Request:
    """The context of one operation. `now` is aware, in Vietnam's time zone; `case` names a dossier or is empty."""

    request_id: str
    principal: Principal
    profile: Profile
    purpose: str
    case: str
    now: datetime
    table: DecisionTable
    gate: Gate
    disclosure: Disclosure
    sealer: Sealer
    catalogue: Catalogue
    services: Mapping[str, Any]
    memo: dict[Any, Any] = field(default_factory=dict)
    """Room for what resolvers share within the request: selections, loaders."""

    @property
    def today(self) -> date:
        return self.now.date()

    def open_id(self, token: str, kinds: Sequence[str]) -> tuple[str, Any]:
        """Return (kind, key) of a global id that was sealed for this caller. Raises Refused for any other."""
        for kind in kinds:
            try:
                return kind, self.sealer.open(token, kind)
            except Refused:
                continue
        raise Refused("`id` is not a global id given to this client")

    def open_cursor(self, cursor: str, kind: str, width: int) -> tuple[Any, ...]:
        """Return the position in a cursor. Raises Refused for one of another list or another client."""
        try:
            values = self.sealer.open(cursor, kind)
        except Refused:
            values = None
        if not isinstance(values, tuple) or len(values) != width:
            raise Refused("`after` is not a cursor of this list given to this client")
        return values
