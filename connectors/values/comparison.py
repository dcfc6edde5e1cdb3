"""What an operator means, and how values of a kind are ordered, for values that are in memory."""

import operator
from collections.abc import Callable
from typing import Any

from connectors.record import Kind
from connectors.source import ColumnOrder, Operator


def _is_among(value: Any, values: tuple[Any, ...]) -> bool:
    return value in values


def _starts_with(value: str, prefix: str) -> bool:
    return value.startswith(prefix)


ORDER_OF_KIND = {
    Kind.TEXT: ColumnOrder.CODE_POINT,
    Kind.KEY: ColumnOrder.CODE_POINT,
    Kind.INTEGER: ColumnOrder.NUMBER,
    Kind.NUMBER: ColumnOrder.NUMBER,
    Kind.BOOLEAN: ColumnOrder.NUMBER,
    Kind.DATE: ColumnOrder.DATE,
    Kind.INSTANT: ColumnOrder.DATE,
}

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
