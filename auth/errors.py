"""What can go wrong before a decision is made, or while it is put on record.

Unauthenticated           the token is absent where one is needed, malformed, expired or wrong
  IssuerUnavailable       its issuer's keys cannot be fetched: nothing is known of the token, a retry may help
Refused                   the caller asks in a way that cannot be answered
NotStarted                a setting is missing or wrong, or what it names cannot be used: nothing starts
AuditUnavailable          what would be answered cannot be put on record, so it must not be answered
StateUnavailable          our own state (grants, consents) cannot be read, so nothing may be decided
ForeignDatabase           what is named as our own state holds somebody else's tables, and stays as it is
DeadlineExceeded          the operation was not over in its time, so nothing of it is answered
SharedStateUnavailable    what replicas share cannot be asked, so what depends on it must not be answered

No message holds a token, a key of a person or anything else that came with the request.
"""

from collections.abc import Mapping


class Unauthenticated(Exception):
    """Nobody known is asking."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class IssuerUnavailable(Unauthenticated):
    """The issuer's keys cannot be fetched now."""


class Refused(Exception):
    """The request is invalid; `code` is what the caller's program may branch on, `headers` what it is told besides."""

    def __init__(self, message: str, code: str = "BAD_USER_INPUT", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.headers = headers or {}


class NotStarted(Exception):
    """The server cannot start. The message is one line, which names the setting and what it should be."""


class AuditUnavailable(Exception):
    """The audit entry is not durable."""


class StateUnavailable(Exception):
    """Our own state cannot be read now."""


class ForeignDatabase(ValueError):
    """The database is neither empty nor our own state."""


class DeadlineExceeded(Exception):
    """The operation was ended at its deadline."""


class SharedStateUnavailable(Exception):
    """The state that replicas share did not answer, or is full."""
