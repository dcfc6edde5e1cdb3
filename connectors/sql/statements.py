"""SQL statements, built and compiled once for every shape of a question."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from connectors.record import Kind
from connectors.source import Count, Lookup, Order, Page
from connectors.sql.dialects import Dialect
from connectors.sql.mapping import MappedColumn, MappedRecord
from connectors.sql.operands import position_operands, stored_keys, where_operands, within_operands
from connectors.sql.predicates import Compared, Table, compared
from connectors.values import conversion
from connectors.values.conversion import Conversion, RowsMapping, rows_mapping
from connectors.values.partial_dates import periods

SHAPES = 1024
"""Statements kept: clients choose the columns, so the number of shapes is bounded by us and not by them."""
COUNTED = ("rows_in_group", "int8")


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A compiled statement: its parameters' names in order, and how its columns become canonical values.

    `constants` are the parameters that come from the mapping. `mapping` does all conversions in one pass, where it can.
    `shape` is what a typed database must describe: its columns' names and types. `is_list`: it is no look-up by keys.
    """

    text: str
    record: str
    columns: tuple[MappedColumn, ...]
    parameters: tuple[str, ...]
    constants: Mapping[str, Any]
    conversions: Mapping[int, Conversion]
    mapping: RowsMapping | None = None
    shape: tuple[tuple[str, str], ...] = ()
    is_list: bool = False

    def arguments(self, operands: dict[str, Any]) -> list[Any]:
        values = {**self.constants, **operands} if self.constants else operands
        return [values[name] for name in self.parameters]


ALIVE = Statement("SELECT 1 AS alive", "any", (), (), {}, {}, shape=(("alive", "int4"),))


class Statements:
    """The statements of one register, with the arguments of a question in the order of their parameters."""

    def __init__(self, records: Mapping[str, MappedRecord], dialect: Dialect, normalised: bool) -> None:
        self._records, self._dialect, self._normalised = records, dialect, normalised
        self._tables = {name: Table(record, dialect, normalised) for name, record in records.items()}
        self._lookup = lru_cache(SHAPES)(self._built_lookup)
        self._page = lru_cache(SHAPES)(self._built_page)
        self._count = lru_cache(SHAPES)(self._built_count)

    def lookup(self, question: Lookup) -> tuple[Statement, list[Any]]:
        record, where = self._records[question.record], question.where
        shape = compared(where, self._normalised) if where else ()
        statement = self._lookup(question.record, question.by, question.columns, shape, question.order)
        keys = self._keys(record, question.by, question.keys)
        if statement.parameters == ("keys",):
            return statement, [keys]
        return statement, statement.arguments({"keys": keys} | where_operands(self._dialect, record, where))

    def page(self, question: Page) -> tuple[Statement, list[Any]]:
        record = self._records[question.record]
        is_null = None if question.after is None else tuple(value is None for value in question.after)
        statement = self._page(
            question.record,
            question.columns,
            *self._admitted(question),
            question.order,
            is_null,
            question.by,
        )
        operands = {"limit": question.limit} | self._admission(record, question)
        if question.after is not None:
            operands |= position_operands(self._dialect, record.columns, question.order, question.after)
        if question.by is not None:
            operands["keys"] = self._keys(record, question.by, question.keys)
        return statement, statement.arguments(operands)

    def count(self, question: Count) -> tuple[Statement, list[Any]]:
        statement = self._count(question.record, *self._admitted(question), question.group_by)
        return statement, statement.arguments(self._admission(self._records[question.record], question))

    def _admitted(self, question: Page | Count) -> tuple[tuple[Compared, ...], Compared]:
        within = tuple(compared(conditions, self._normalised) for conditions in question.within)
        return within, compared(question.where, self._normalised)

    def _keys(self, record: MappedRecord, by: str, keys: tuple[Any, ...]) -> Any:
        column = record.columns[by]
        return self._dialect.array(column, stored_keys(column, keys))

    def _admission(self, record: MappedRecord, question: Page | Count) -> dict[str, Any]:
        return within_operands(self._dialect, record, question.within) | where_operands(
            self._dialect, record, question.where
        )

    def _built_lookup(
        self, name: str, by: str, columns: tuple[str, ...], where: Compared, order: tuple[Order, ...]
    ) -> Statement:
        table = self._tables[name]
        select = _selected(table, columns).where(table.key_among(by, "keys"), table.met(where, "where"))
        return self._compiled(table, columns, select.order_by(*table.ordered(order)))

    def _built_page(
        self,
        name: str,
        columns: tuple[str, ...],
        within: tuple[Compared, ...],
        where: Compared,
        order: tuple[Order, ...],
        is_null: tuple[bool, ...] | None,
        by: str | None,
    ) -> Statement:
        table = self._tables[name]
        select = _selected(table, columns).where(table.admitted(within), table.met(where, "where"))
        if is_null is not None:
            select = select.where(table.after(order, is_null))
        limit = sa.bindparam("limit", type_=sa.BigInteger)
        if by is None:
            return self._compiled(table, columns, select.order_by(*table.ordered(order)).limit(limit), is_list=True)
        place = sa.func.row_number().over(partition_by=table.stored(by), order_by=table.ordered(order))
        ranked = select.where(table.key_among(by, "keys")).add_columns(place.label("place_in_key")).subquery("ranked")
        first = sa.select(*(ranked.c[column] for column in columns)).where(ranked.c.place_in_key <= limit)
        return self._compiled(table, columns, first.order_by(ranked.c.place_in_key), is_list=True)

    def _built_count(
        self, name: str, within: tuple[Compared, ...], where: Compared, group_by: tuple[str, ...]
    ) -> Statement:
        table = self._tables[name]
        groups = [table.canonical(column).label(column) for column in group_by]
        rows = sa.func.count().label(COUNTED[0])
        select = sa.select(*groups, rows).select_from(table.table)
        select = select.where(table.admitted(within), table.met(where, "where"))
        return self._compiled(table, group_by, select.group_by(*groups) if groups else select, COUNTED, is_list=True)

    def _compiled(
        self,
        table: Table,
        columns: tuple[str, ...],
        select: sa.Select[Any],
        *more: tuple[str, str],
        is_list: bool = False,
    ) -> Statement:
        mapped = tuple(map(table.mapped, columns))
        compiled = select.compile(dialect=self._dialect.compiler)
        by_place = ((place, self._conversion(column)) for place, column in enumerate(mapped) if not column.is_null)
        conversions = {place: conversion for place, conversion in by_place if conversion}
        return Statement(
            str(compiled),
            table.record.name,
            mapped,
            tuple(compiled.positiontup or ()),
            {name: value for name, value in compiled.params.items() if value is not None},
            conversions,
            rows_mapping(len(mapped) + len(more), conversions),
            (*((column.name, self._dialect.wire_type(column)) for column in mapped), *more),
            is_list,
        )

    def _conversion(self, column: MappedColumn) -> Conversion | None:
        if column.canonical_by_value is not None:
            return conversion.ValueMap(column.canonical_by_value)
        if column.is_period:
            return periods
        if column.kind is Kind.TEXT:
            return None if self._normalised else conversion.nfc
        return self._dialect.conversion(column)


def _selected(table: Table, columns: tuple[str, ...]) -> sa.Select[Any]:
    return sa.select(*(table.canonical(column).label(column) for column in columns)).select_from(table.table)
