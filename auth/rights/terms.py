"""Requests of data subjects: kinds, states, and the registers that answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType

import orjson

from auth.crypto.keys import Key
from auth.principal import Jurisdiction


class Right(Enum):
    """Which right is exercised (Law 91/2025/QH15 art. 4)."""

    ACCESS = "ACCESS"
    CORRECTION = "CORRECTION"
    DELETION = "DELETION"
    RESTRICTION = "RESTRICTION"
    OBJECTION = "OBJECTION"


class State(Enum):
    """States of a request; the last three are final."""

    SUBMITTED = "SUBMITTED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    COMPLETED = "COMPLETED"
    WITHDRAWN = "WITHDRAWN"


ANSWERS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.SUBMITTED: frozenset({State.ACKNOWLEDGED, State.ACCEPTED, State.REFUSED}),
        State.ACKNOWLEDGED: frozenset({State.ACCEPTED, State.REFUSED}),
        State.ACCEPTED: frozenset({State.COMPLETED}),
    }
)
"""What the responsible register may make of a request in a state; what is open may also be withdrawn."""

Record = tuple[str, Key]
"""The GraphQL type and the key of the row that a request is about."""


@dataclass(frozen=True, slots=True)
class FreeText:
    """What must not be readable in the state: whose and which record, and what the citizen has written."""

    person: Key = field(repr=False)
    record: Record = field(repr=False)
    text: str | None = field(default=None, repr=False)
    proposed: str | None = field(default=None, repr=False)

    def as_json(self) -> str:
        """Return them as one text, to be sealed; `parsed` reads it back."""
        return orjson.dumps([self.person, self.record, self.text, self.proposed]).decode()

    @classmethod
    def parsed(cls, opened: str) -> "FreeText":
        person, (kind, key), text, proposed = orjson.loads(opened)
        return cls(person, (kind, key), text, proposed)


@dataclass(frozen=True, slots=True)
class Claim:
    """What is asked of a register. `coordinate`: the field to be corrected; `province_code`: the record's, if any."""

    right: Right
    register: str
    words: FreeText
    coordinate: str | None = None
    province_code: str | None = None


@dataclass(frozen=True, slots=True)
class RightsReply:
    """What an officer's client makes of a request.

    `ground`: the name of the legal ground of a refusal. `third_parties`: whether others must act too, which gives more
    days; None leaves what was said before.
    """

    state: State
    client_id: str
    ground: str | None = None
    third_parties: bool | None = None


@dataclass(frozen=True, slots=True)
class StoredRightsStep:
    """One entry of a request's history."""

    state: State
    at: datetime
    client_id: str
    ground: str | None
    complete_by: date


@dataclass(frozen=True, slots=True)
class StoredRightsRequest:
    """A request as it stands, its history from the first step on. `due`: the day of the next step; None once closed."""

    id: int
    claim: Claim
    submitted_at: datetime
    acknowledge_by: date
    complete_by: date
    state: State
    due: date | None
    history: tuple[StoredRightsStep, ...]


@dataclass(frozen=True, slots=True)
class Responsibility:
    """The registers that a client answers for, over its jurisdiction; in part of the country those of its provinces."""

    registers: frozenset[str]
    jurisdiction: Jurisdiction
