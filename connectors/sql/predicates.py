"""Conditions, alternatives and positions as SQL expressions: parameters by name, never a value in the text."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from connectors.record import Kind
from connectors.source import ColumnOrder, Conditions, Operator, Order
from connectors.sql.dialects import SQL_TYPE, CaseInsensitiveText, Dialect, Expression, PaddedText
from connectors.sql.mapping import MappedColumn, MappedRecord, Stored

Compared = tuple[tuple[str, Operator, bool], ...]
"""The shape of conditions: columns and operators without the values, and whether stored texts may need composing."""


def compared(conditions: Conditions, normalised: bool) -> Compared:
    """Return the shape. What is equal to ASCII was never written otherwise, so there an index serves."""
    if normalised:
        return tuple((condition.column, condition.operator, False) for condition in conditions)
    return tuple(
        (condition.column, condition.operator, not _is_ascii(condition.operator, condition.value))
        for condition in conditions
    )


def _is_ascii(operator: Operator, value: Any) -> bool:
    if operator == "in":
        return all(type(text) is not str or text.isascii() for text in value)
    return type(value) is not str or (operator == "=" and value.isascii())


class Table:
    """One mapped record as SQL expressions, by canonical column name. `normalised`: its texts are NFC as stored."""

    def __init__(self, record: MappedRecord, dialect: Dialect, normalised: bool) -> None:
        self._mapped, self._dialect, self._normalised = record, dialect, normalised
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
        canonical = self._dialect.canonical(column, self.stored(name))
        if column.key_prefix:  # checked by the mapping: it ends no text
            return sa.cast(sa.literal_column(f"'{column.key_prefix}'", sa.Text), sa.Text).concat(canonical)
        return canonical

    def ordering(self, name: str) -> Expression:
        """The column as rows are ordered by it: by canonical value where there is a value map, keys as stored."""
        column = self.mapped(name)
        if column.is_ordered_as_stored:
            return self.stored(name)
        if column.canonical_by_value is not None:
            expression: Expression = sa.case(dict(column.canonical_by_value), value=self.canonical(name))
        else:
            expression = self._text(name, column.kind is Kind.TEXT and not self._normalised)
        if column.is_shared and column.order is ColumnOrder.CODE_POINT:
            return sa.collate(expression, self._dialect.code_points)
        return expression

    def key_among(self, by: str, parameter: str) -> sa.ColumnElement[bool]:
        column = self.mapped(by)
        if column.is_null:
            return sa.false()
        found = self._dialect.among(self.stored(by), parameter, _stored_type(column))
        if column.stored is Stored.CITEXT:  # an index finds a key in any case; one spelling of it was asked for
            return sa.and_(found, self._dialect.among(self.canonical(by), parameter, sa.Text()))
        return found

    def met(self, conditions: Compared, prefix: str) -> sa.ColumnElement[bool]:
        met = (self._met(*condition, f"{prefix}_{number}") for number, condition in enumerate(conditions))
        return sa.and_(sa.true(), *met)

    def admitted(self, alternatives: tuple[Compared, ...]) -> sa.ColumnElement[bool]:
        """At least one of the alternatives; there is at least one."""
        if () in alternatives:
            return sa.true()
        return sa.or_(*(self.met(conditions, f"within_{i}") for i, conditions in enumerate(alternatives)))

    def _met(self, name: str, operator: Operator, composed: bool, parameter: str) -> sa.ColumnElement[bool]:
        column = self.mapped(name)
        if column.is_null:
            return sa.false()
        if column.canonical_by_value is not None:
            is_integer = column.stored is Stored.INTEGER
            expression = self.stored(name) if is_integer else self.canonical(name)
            return self._dialect.among(expression, parameter, _stored_type(column))
        composed = composed and column.kind is Kind.TEXT
        if operator == "starts-with":
            return self._dialect.starts_with(self._text(name, composed), parameter)
        as_stored = _is_compared_as_stored(column) or (column.stored is Stored.CHAR and not composed)
        expression = self.stored(name) if as_stored else self._text(name, composed)
        type_ = _stored_type(column) if as_stored else SQL_TYPE[column.compared_as]
        if operator == "in":
            return self.key_among(name, parameter) if as_stored else self._dialect.among(expression, parameter, type_)
        return _compared(expression, operator, sa.bindparam(parameter, type_=type_))

    def _text(self, name: str, composed: bool) -> Expression:
        return self._dialect.composed(self.canonical(name)) if composed else self.canonical(name)

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
            column = self.mapped(term.column)
            if column.physical is None and not column.is_shared:  # elsewhere other values may come before it
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
        return _stored_type(column) if column.is_ordered_as_stored else SQL_TYPE[column.compared_as]


def _is_compared_as_stored(column: MappedColumn) -> bool:
    """Whether the register's own type compares it as we do, so that its index serves."""
    return column.kind is Kind.KEY and column.stored is not Stored.CITEXT


def _stored_type(column: MappedColumn) -> TypeEngine[Any]:
    match column.stored:
        case Stored.INTEGER:
            return sa.BigInteger()
        case Stored.UUID:
            return sa.Uuid(as_uuid=False)
        case Stored.CHAR:
            return PaddedText()
        case Stored.CITEXT:
            return CaseInsensitiveText()
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
