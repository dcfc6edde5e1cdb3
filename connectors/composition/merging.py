"""Rows of several registers in one order: compared here as each of the registers has declared to compare them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.faults import Fault, kept
from connectors.source import ColumnOrder, Order, Row


def ordered(
    rows: Sequence[Row], columns: tuple[str, ...], order: Sequence[Order], orders: Mapping[str, ColumnOrder]
) -> Sequence[Row]:
    """Return the rows in this order, nulls last; `orders` says how a column is compared."""
    if len(rows) < 2 or not order:
        return rows
    sorted_rows = list(rows)
    for term in reversed(order):  # sorting is stable: the first term is sorted by last
        value_of = _value_of(columns.index(term.column), orders.get(term.column))
        sorted_rows.sort(key=value_of, reverse=term.descending)
        sorted_rows.sort(key=lambda row, value_of=value_of: not value_of(row)[0])  # type: ignore[misc]
    return kept(sorted_rows, rows)


def first_of_each_key(rows: Sequence[Row], at: int, limit: int) -> Sequence[Row]:
    """Return the first `limit` rows of each value in place `at`."""
    taken: Counter[Any] = Counter()
    first = []
    for row in rows:
        taken[row[at]] += 1
        if taken[row[at]] <= limit:
            first.append(row)
    return kept(first, rows)


def _value_of(at: int, order: ColumnOrder | None) -> Callable[[Row], tuple[bool, Any]]:
    """Return what a row is sorted by: whether it has a value, and the value."""
    as_compared: Callable[[Any], Any] | None = None
    if order is ColumnOrder.NUMBER:
        as_compared = _number
    elif order is ColumnOrder.CODE_POINT:
        as_compared = str

    def value(row: Row) -> tuple[bool, Any]:
        held = row[at]
        if isinstance(held, Fault):  # registers sort texts by what is stored; other faults come last
            held = held.stored if order is ColumnOrder.CODE_POINT else None
        if held is None:
            return (False, "")
        return (True, held if as_compared is None else as_compared(held))

    return value


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) else value
