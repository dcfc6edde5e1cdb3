"""Conditions and orders of the rows that the Gate asks registers for."""

from functools import lru_cache

from connectors.source import Condition, Order
from engine.declarations import Sort, Test
from engine.gate import RowQuery
from resolvers.gate.prepared import AuthorizedQuery
from resolvers.gate.subjects import verified


@lru_cache(maxsize=256)
def orders_of(order: tuple[Sort, ...]) -> tuple[Order, ...]:
    return tuple(Order(*sort) for sort in order)


def conditions_of(prepared: AuthorizedQuery, where: tuple[Test, ...]) -> tuple[Condition, ...]:
    tests = tuple(Condition(*test) for test in where) if where else ()
    holds = prepared.record.holds
    return (*tests, verified(holds)) if holds is not None and prepared.ask.by in holds.reverse else tests


def sorting_of(ask: RowQuery, sort: tuple[Sort, ...]) -> list[tuple[Test, str]]:
    """Return the sort as tests: an order tells as much of a column as a filter does."""
    category_by_column = {slot.column: slot.category for slot in ask.slots if slot.coordinate == ask.coordinate}
    return [((column, "=", None), category_by_column[column]) for column, _ in sort]
