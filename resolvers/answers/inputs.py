"""The inputs of answers, looked at before the function is: what is missing makes the answer unknown, never a "no"."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from typing import Any

from engine.declarations import Unknown
from resolvers.answers.reasons import INPUT_MISSING, LINK_NOT_VERIFIED, NOT_RECORDED

Function = Callable[..., Any]
_Behind = tuple[str, tuple[str, ...], bool]
"""An edge, the columns that each row behind it must have, and whether it may lead nowhere."""


def with_inputs(
    function: Function, needs: Sequence[str], may_lack: Collection[str], question: Function | None = None
) -> Function:
    """Return the function called only where all that it needs is there, but for what it says that it may lack.

    Arguments that make no sense are refused, by `question`, whatever is missing.
    A need is an own column, or "edge.column": then the rows behind the edge must be there, and the column in each of
    them. An edge in `may_lack` may lead nowhere. Raises ValueError for a name in `may_lack` that is not needed.
    """
    edges = dict.fromkeys(need.partition(".")[0] for need in needs if "." in need)
    unknown = set(may_lack) - {*needs, *edges}
    if unknown:
        raise ValueError(f"`{min(unknown)}` may be lacking, but is not needed")
    own = tuple(need for need in needs if "." not in need and need not in may_lack)
    behind = tuple((edge, _columns(edge, needs, may_lack), edge in may_lack) for edge in edges)
    if not own and not behind:
        return function

    @wraps(function)
    def checked(given: Mapping[str, Any], asking: Any, **arguments: Any) -> Any:
        missing = INPUT_MISSING if any(given[need] is None for need in own) else _missing_behind(given, behind)
        if missing is None:
            return function(given, asking, **arguments)
        if question is not None:
            question(arguments, asking)
        return missing

    return checked


def _columns(edge: str, needs: Sequence[str], may_lack: Collection[str]) -> tuple[str, ...]:
    return tuple(need.partition(".")[2] for need in needs if need.startswith(f"{edge}.") and need not in may_lack)


def _missing_behind(given: Mapping[str, Any], behind: Sequence[_Behind]) -> Unknown | None:
    for edge, columns, may_lead_nowhere in behind:
        missing = _missing(given[edge], columns, may_lead_nowhere)
        if missing is not None:
            return missing
    return None


def _missing(
    rows: Sequence[Mapping[str, Any]] | None, columns: Sequence[str], may_lead_nowhere: bool
) -> Unknown | None:
    """Return what is missing of the rows behind an edge; rows of None: there is no way to them."""
    if rows is None:
        return None if may_lead_nowhere else LINK_NOT_VERIFIED
    if not rows:
        return NOT_RECORDED
    return INPUT_MISSING if any(row[column] is None for row in rows for column in columns) else None
