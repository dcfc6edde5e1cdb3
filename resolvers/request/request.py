"""One request, as resolvers see it: who asks, when, and the doors open to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from graphql import GraphQLResolveInfo

from auth.crypto.keys import Pseudonyms
from auth.crypto.sealing import Sealer
from auth.errors import Refused
from auth.policy.decisions import DecisionTable
from auth.policy.policy_set import PolicySet
from auth.principal import Grant, Jurisdiction, Principal, Profile
from engine.catalogue import Catalogue
from engine.declarations import Answer
from engine.gate import Gate
from resolvers.gate.disclosure import Disclosure
from resolvers.gate.questions import Questions
from resolvers.request.memo import Memo
from resolvers.request.own_state import OwnState

NODE, CONSENT = "node", "consent"
IDENTITY = "CitizenIdentity"


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
    policies: PolicySet
    """The rules of this operation, from its beginning to its end."""
    services: OwnState
    pseudonyms: Pseudonyms
    """Those of the subjects, made when asked for."""
    jurisdiction: Jurisdiction = field(default_factory=Jurisdiction)
    grant: Grant | None = None
    """What a client's agreement says of the purpose."""
    questions: Questions | None = None
    """What clients may ask of answers; None where no answer is asked."""
    language: str = "vi"
    """What the caller is told in words in: "vi" or "en"."""
    coordinate: str = ""
    """Which field with a resolver of its own is being answered: what is read for it is accounted for there."""
    memo: Memo = field(default_factory=Memo)
    """Room for what resolvers share within the request: selections, loaders."""

    @property
    def today(self) -> date:
        return self.now.date()

    async def admitted(
        self, coordinate: str, answer: Answer, arguments: Mapping[str, Any], subjects: Sequence[Any]
    ) -> Sequence[bool]:
        """Tell of each subject whether the answer may be given to these arguments; see resolvers/gate/questions.py."""
        assert self.questions is not None
        return await self.questions.admitted(self, coordinate, answer, arguments, subjects)

    def unanswered(self, coordinate: str, reason: str) -> None:
        """Note that a value is null because it is not known, and why."""
        self.disclosure.unanswered[coordinate, reason] += 1

    def sourced(self, coordinate: str, register: str) -> None:
        """Note which register a value was taken from."""
        self.disclosure.sources[coordinate, register] += 1

    def global_id(self, kind: str, key: Any) -> str:
        """Return the key sealed for this caller: opaque, and another one for every other client."""
        return self.sealer.seal(NODE, (kind, key))

    def open_id(self, token: str, kinds: Collection[str]) -> tuple[str, Any]:
        """Return (kind, key) of a global id. Raises Refused unless it was sealed for this caller as one of `kinds`."""
        kind, key = self._opened(token, NODE, 2, "`id` is not a global id given to this client")
        if kind not in kinds:
            raise Refused("`id` is not a global id of the kind that is asked for here")
        return kind, key

    def consent_id(self, number: int, subject: Any) -> str:
        """Return the id of a consent; whose it is is sealed in it."""
        return self.sealer.seal(CONSENT, (number, subject))

    def open_consent(self, token: str) -> tuple[int, Any]:
        """Return (number, subject) of a consent's id. Raises Refused unless it was given to this client."""
        number, subject = self._opened(token, CONSENT, 2, "`id` is not the id of a consent given to this client")
        return number, subject

    def open_sealed(self, token: str, kind: str, refusal: str) -> tuple[Any, ...]:
        """Return (number, subject) of an id of another kind. Raises Refused with that message unless it is one."""
        return self._opened(token, kind, 2, refusal)

    def open_cursor(self, cursor: str, kind: str, width: int) -> tuple[Any, ...]:
        """Return the position in a cursor. Raises Refused for one of another list or another client."""
        return self._opened(cursor, kind, width, "`after` is not a cursor of this list given to this client")

    def _opened(self, token: str, kind: str, width: int, refusal: str) -> tuple[Any, ...]:
        try:
            values = self.sealer.open(token, kind)
        except Refused:
            raise Refused(refusal) from None
        if not isinstance(values, tuple) or len(values) != width:
            raise Refused(refusal)
        return values


Info = GraphQLResolveInfo[Request]
"""What graphql-core tells a resolver."""
