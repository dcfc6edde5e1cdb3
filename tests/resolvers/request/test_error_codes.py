"""One table of codes: what the caller hears of an error is what the record has of it."""

import pytest
from graphql import GraphQLError

from auth.errors import AuditUnavailable, DeadlineExceeded, Refused, SharedStateUnavailable, StateUnavailable
from connectors.errors import NotOffered, QuestionTooSlow, SourceContractBroken, SourceUnavailable
from engine.leaves import ValueInvalid
from resolvers.request.error_codes import code_of
from schema.errors import as_answered

ERRORS: list[tuple[Exception, str]] = [
    (Refused("no", "RATE_LIMITED"), "RATE_LIMITED"),
    (SourceUnavailable("education", "away"), "SOURCE_UNAVAILABLE"),
    (NotOffered("education", "not that"), "SOURCE_UNAVAILABLE"),
    (QuestionTooSlow("education", "slow"), "SOURCE_UNAVAILABLE"),
    (SourceContractBroken("education", "wrong"), "SOURCE_INVALID"),
    (ValueInvalid(), "SOURCE_INVALID"),
    (StateUnavailable("away"), "STATE_UNAVAILABLE"),
    (SharedStateUnavailable("away"), "SHARED_STATE_UNAVAILABLE"),
    (AuditUnavailable("away"), "AUDIT_UNAVAILABLE"),
    (DeadlineExceeded("over"), "DEADLINE_EXCEEDED"),
    (RuntimeError("079003000001"), "INTERNAL"),
]


@pytest.mark.parametrize(("error", "code"), ERRORS, ids=[type(error).__name__ for error, _ in ERRORS])
def test_the_caller_hears_the_code_that_the_record_has(error: Exception, code: str) -> None:
    answered = as_answered(GraphQLError("x", original_error=error))
    assert (code_of(error), answered["extensions"]["code"]) == (code, code)
    assert answered["message"] == ("internal error" if code == "INTERNAL" else str(error))
