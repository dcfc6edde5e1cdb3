"""What an operator means, for values that are in memory."""

import operator
from collections.abc import Callable
from typing import Any

from connectors.source import Operator


def _is_among(value: Any, values: tuple[Any, ...]) -> bool:
    return value in values


def _starts_with(value: str, prefix: str) -> bool:
    return value.startswith(prefix)


COMPARISON: dict[Operator, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "in": _is_among,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "starts-with": _starts_with,
}


def meets(value: Any, comparison: Operator, operand: Any) -> bool:
    """Return whether the value compares so with the operand; a null meets nothing."""
    return value is not None and operand is not None and COMPARISON[comparison](value, operand)
