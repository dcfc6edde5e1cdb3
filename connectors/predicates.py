"""Conditions, alternatives and positions as SQL expressions: parameters by name, never a value in the text."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from connectors.dialects import SQL_TYPE, Dialect, Expression, PaddedText
from connectors.mapping import MappedColumn, MappedRecord, Stored
from connectors.records import Kind
from connectors.source import Operator, Order

Compared = tuple[tuple[str, Operator], ...]
"""The shape of conditions: columns and operators without the values."""


class Table:
    """One mapped record as SQL expressions, by canonical column name."""

    def __init__(self, record: MappedRecord, dialect: Dialect) -> None:
        self._mapped, self._dialect = record, dialect
        physical = dict.fromkeys(column.physical for column in record.columns.values() if column.physical)
        self.table = sa.table(record.table, *map(sa.column, physical), schema=record.schema)
        self.record = record.record

    def mapped(self, name: str) -> MappedColumn:
        return self._mapped.columns[name]

    def stored(self, name: str) -> Expression:
        column = self.mapped(name)
        if column.physical is None:
            return sa.null() if column.is_null else sa.literal(column.constant, SQL_TYPE[column.kind])
        return self.table.c[column.physical]

    def canonical(self, name: str) -> Expression:
        """The column as it is handed up, but for its value map, which is applied to the answer."""
        column = self.mapped(name)
        if column.is_null:
            return sa.cast(sa.null(), SQL_TYPE[column.kind])
        return self._dialect.canonical(column, self.stored(name))

    def ordering(self, name: str) -> Expression:
        """The column as rows are ordered by it: by canonical value where there is a value map, keys as stored."""
        column = self.mapped(name)
        if column.canonical_by_value is not None:
            return sa.case(dict(column.canonical_by_value), value=self.stored(name))
        return self.stored(name) if column.kind is Kind.KEY else self.canonical(name)

    def key_among(self, by: str, parameter: str) -> sa.ColumnElement[bool]:
        if self.mapped(by).is_null:
            return sa.false()
        return self._dialect.among(self.stored(by), parameter, _stored_type(self.mapped(by)))

    def met(self, conditions: Compared, prefix: str) -> sa.ColumnElement[bool]:
        return sa.and_(sa.true(), *(self._met(c, op, f"{prefix}_{i}") for i, (c, op) in enumerate(conditions)))

    def admitted(self, alternatives: tuple[Compared, ...]) -> sa.ColumnElement[bool]:
        """At least one of the alternatives; there is at least one."""
        if () in alternatives:
            return sa.true()
        return sa.or_(*(self.met(conditions, f"within_{i}") for i, conditions in enumerate(alternatives)))

    def _met(self, name: str, operator: Operator, parameter: str) -> sa.ColumnElement[bool]:
        column = self.mapped(name)
        if column.is_null:
            return sa.false()
        if column.canonical_by_value is not None:
            return self._dialect.among(self.stored(name), parameter, _stored_type(column))
        if operator == "starts-with":
            return self._dialect.starts_with(self.canonical(name), parameter)
        as_stored = column.kind is Kind.KEY or column.stored is Stored.CHAR
        expression = self.stored(name) if as_stored else self.canonical(name)
        type_ = _stored_type(column) if as_stored else SQL_TYPE[column.kind]
        if operator == "in":
            return self._dialect.among(expression, parameter, type_)
        return _compared(expression, operator, sa.bindparam(parameter, type_=type_))

    def ordered(self, order: Sequence[Order]) -> list[Expression]:
        """Nulls last either way; said only where it matters, so that a descending index can serve."""
        terms: list[Expression] = []
        for term in order:
            if self.mapped(term.column).physical is None:
                continue
            expression = self.ordering(term.column)
            ordered = expression.desc() if term.descending else expression.asc()
            terms.append(ordered if term.column == self.record.key else ordered.nulls_last())
        return terms

    def after(self, order: Sequence[Order], is_null: Sequence[bool]) -> sa.ColumnElement[bool]:
        """Rows after the position: equal to it in the first columns and behind it in the next one."""
        behind: list[sa.ColumnElement[bool]] = []
        level: list[sa.ColumnElement[bool]] = []
        for number, (term, null) in enumerate(zip(order, is_null, strict=True)):
            if self.mapped(term.column).physical is None:
                continue
            expression = self.ordering(term.column)
            if null:  # nulls come last: nothing of this column is behind one
                level.append(expression.is_(None))
                continue
            position = sa.bindparam(f"after_{number}", type_=self._ordering_type(term.column))
            further = expression < position if term.descending else expression > position
            if term.column != self.record.key:
                further = sa.or_(further, expression.is_(None))
            behind.append(sa.and_(*level, further))
            level.append(expression == position)
        return sa.or_(sa.false(), *behind)

    def _ordering_type(self, name: str) -> TypeEngine[Any]:
        column = self.mapped(name)
        return _stored_type(column) if column.kind is Kind.KEY else SQL_TYPE[column.kind]


def _stored_type(column: MappedColumn) -> TypeEngine[Any]:
    match column.stored:
        case Stored.INTEGER:
            return sa.BigInteger()
        case Stored.UUID:
            return sa.Uuid(as_uuid=False)
        case Stored.CHAR:
            return PaddedText()
    return sa.Text() if column.canonical_by_value is not None else SQL_TYPE[column.kind]


def _compared(expression: Expression, operator: Operator, operand: Expression) -> sa.ColumnElement[bool]:
    match operator:
        case "=":
            return expression == operand
        case "<":
            return expression < operand
        case "<=":
            return expression <= operand
        case ">":
            return expression > operand
        case ">=":
            return expression >= operand
    raise ValueError(f"`{operator}` compares with no single value")
