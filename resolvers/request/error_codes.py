"""Under which code a caller hears of an error, and the record has it: one table for both, and for both executors."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from auth.errors import AuditUnavailable, DeadlineExceeded, Refused, SharedStateUnavailable, StateUnavailable
from connectors.errors import SourceContractBroken, SourceUnavailable
from engine.leaves import ValueInvalid
from resolvers.gate.filters import FilterDenied

INTERNAL: Final = "INTERNAL"
"""Of whatever no table knows."""
CODE_BY_ABSENCE: Mapping[type[Exception], str] = MappingProxyType(
    {
        AuditUnavailable: "AUDIT_UNAVAILABLE",
        StateUnavailable: "STATE_UNAVAILABLE",
        SharedStateUnavailable: "SHARED_STATE_UNAVAILABLE",
        DeadlineExceeded: "DEADLINE_EXCEEDED",
    }
)
"""What of ours is away; a retry may help."""
CODE_BY_KIND: Mapping[type[Exception], str] = MappingProxyType(
    {
        FilterDenied: "FILTER_NOT_PERMITTED",
        SourceUnavailable: "SOURCE_UNAVAILABLE",
        SourceContractBroken: "SOURCE_INVALID",
        ValueInvalid: "SOURCE_INVALID",
        **CODE_BY_ABSENCE,
    }
)


def code_of(error: BaseException) -> str:
    """Return the error's code: of Refused its own, of what is not known INTERNAL."""
    if isinstance(error, Refused):
        return error.code
    return next((code for kind, code in CODE_BY_KIND.items() if isinstance(error, kind)), INTERNAL)
