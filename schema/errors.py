"""What goes wrong, translated once: from exceptions to GraphQL errors that show no personal value.

Refused                codes of its own, BAD_USER_INPUT by default
FilterDenied           FILTER_NOT_PERMITTED    a filter or sort on what may not be read
SourceUnavailable      SOURCE_UNAVAILABLE      at the field's path; may be retried
SourceContractBroken   SOURCE_INVALID          at the field's path; so is a single value that cannot be read
ValueInvalid           SOURCE_INVALID          a value that the field's type does not know; logged by the field's name
StateUnavailable       STATE_UNAVAILABLE       grants or consents cannot be read; may be retried
SharedStateUnavailable SHARED_STATE_UNAVAILABLE  what replicas share cannot be asked; may be retried
anything else          INTERNAL                opaque to the caller; its kind and place are logged, never its text

Codes are those of resolvers/request/error_codes.py, under which the record has them too.
"""

from typing import Any

import structlog
from graphql import FieldNode, GraphQLError

from auth.errors import Refused
from connectors.errors import SourceError
from engine.leaves import ValueInvalid
from resolvers.gate.filters import FilterDenied
from resolvers.request.error_codes import INTERNAL, code_of
from schema.documents.documents import without_values

_log = structlog.get_logger(__name__)


def as_answered(error: GraphQLError) -> dict[str, Any]:
    """Return the error as the caller gets it: message, locations, path and a code."""
    message, extensions = _translated(error)
    answered: dict[str, Any] = {"message": message}
    if error.locations:
        answered["locations"] = [location.formatted for location in error.locations]
    if error.path:
        answered["path"] = list(error.path)
    return {**answered, "extensions": extensions}


def _translated(error: GraphQLError) -> tuple[str, dict[str, Any]]:
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return without_values(error).message, {"code": "BAD_USER_INPUT"}
    code = code_of(cause)
    if code == INTERNAL:
        _log.error("field failed", error=type(cause).__name__, at=place_of(cause), field=_field(error))
        return "internal error", {"code": code}
    match cause:
        case Refused():
            return cause.message, {"code": code}
        case FilterDenied():
            denial = cause.denial
            reason = {"denial": denial.code, "rule": denial.rule, "citation": denial.citation}
            return str(cause), {"code": code, **reason}
        case SourceError():
            return str(cause), {"code": code, "register": cause.register}
        case ValueInvalid():
            _log.error("value not understood", field=_field(error))
    return str(cause), {"code": code}


def place_of(cause: BaseException) -> str:
    """Return where it was raised; the exception's own text may hold personal values and stays out of the log."""
    trace = cause.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"


def _field(error: GraphQLError) -> str:
    """Return the field's name in the schema; a path would hold the caller's aliases, which may hold anything."""
    nodes = [node for node in error.nodes or () if isinstance(node, FieldNode)]
    return nodes[0].name.value if nodes else ""
