"""Filters and sorts: a row that is found by a value tells the value, so what may not be read may not be tested."""

from collections.abc import Sequence, Set

from auth.policy.decisions import DecisionTable, Denial
from auth.principal import Fact
from engine.declarations import Test
from engine.gate import RowQuery


class FilterDenied(Exception):
    """A filter or a sort on a column that may not be read. It names the coordinate of the argument."""

    def __init__(self, coordinate: str, denial: Denial) -> None:
        super().__init__(f"`{coordinate}` may not be used: {denial.code}")
        self.coordinate = coordinate
        self.denial = denial


def narrowing_categories(table: DecisionTable, ask: RowQuery, where: tuple[Test, ...]) -> tuple[str, ...]:
    """Return the categories of the columns that the caller narrows the rows by, without the ask's own.

    Raises FilterDenied for one that no row may show.
    """
    if not where:
        return ()
    category_by_column = dict(ask.tested)
    categories = {column: category_by_column.get(column, ask.category) for column, _, _ in where}
    for column, category in categories.items():
        outcome = table.not_held(ask.record, column) or table.outcome(category, Fact(0))
        is_closed = table.never(category) or table.not_held(ask.record, column) is not None
        if is_closed and isinstance(outcome, Denial):
            raise FilterDenied(f"{ask.coordinate}({column}:)", outcome)
    return tuple(category for category in categories.values() if category != ask.category)


def check_tests(table: DecisionTable, ask: RowQuery, tests: Sequence[tuple[Test, str]], admitted: Set[Fact]) -> None:
    """Raise FilterDenied for a test on what may not be read of some of the admitted rows."""
    for facts in admitted:
        for (column, _, _), category in tests:
            outcome = table.not_held(ask.record, column) or table.outcome(category, facts)
            if isinstance(outcome, Denial):
                raise FilterDenied(f"{ask.coordinate}({column}:)", outcome)
