"""What differs between PostgreSQL and SQLite in the text of a statement and in what is handed to it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Protocol

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.dialects.sqlite.aiosqlite import dialect as aiosqlite_dialect
from sqlalchemy.types import TypeEngine

from connectors.record import Kind
from connectors.sql.mapping import MappedColumn, Stored
from connectors.values import conversion
from connectors.values.conversion import Conversion
from connectors.values.partial_dates import day_text, period_text

Expression = sa.ColumnElement[Any]

SQL_TYPE: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: sa.Text(),
    Kind.INTEGER: sa.BigInteger(),
    Kind.NUMBER: sa.Double(),
    Kind.BOOLEAN: sa.Boolean(),
    Kind.DATE: sa.Date(),
    Kind.INSTANT: sa.TIMESTAMP(timezone=True),
    Kind.KEY: sa.Text(),
}

WIRE_TYPE: dict[Kind, str] = {
    Kind.TEXT: "text",
    Kind.INTEGER: "int8",
    Kind.NUMBER: "float8",
    Kind.BOOLEAN: "bool",
    Kind.DATE: "date",
    Kind.INSTANT: "timestamptz",
    Kind.KEY: "text",
}
"""PostgreSQL's names of these."""

GUESSED = 10
"""How many elements PostgreSQL's planner takes an array parameter to have (`estimate_array_length`)."""


class PaddedText(sa.types.UserDefinedType[str]):
    """PostgreSQL's `character(n)` of any n: keys bound as this are found by the column's own index."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        return "bpchar"


class CaseInsensitiveText(sa.types.UserDefinedType[str]):
    """PostgreSQL's `citext`, wherever the extension was put that is found by the search path."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        return "citext"


class Dialect(Protocol):
    """One kind of database. `scalar` and `array` turn canonical values into what its driver binds.

    `canonical` is of the type of the column's kind by what the text of the statement says, whatever the table holds.
    """

    compiler: sa.Dialect
    code_points: str
    """The collation that orders texts by code point."""

    def canonical(self, column: MappedColumn, stored: Expression) -> Expression: ...

    def wire_type(self, column: MappedColumn) -> str:
        """Return what the database calls the type of the canonical column."""
        ...

    def composed(self, expression: Expression) -> Expression:
        """The text in NFC."""
        ...

    def among(self, expression: Expression, parameter: str, type_: TypeEngine[Any]) -> sa.ColumnElement[bool]: ...

    def starts_with(self, expression: Expression, parameter: str) -> sa.ColumnElement[bool]: ...

    def scalar(self, column: MappedColumn, value: Any) -> Any: ...

    def array(self, column: MappedColumn, values: Sequence[Any]) -> Any: ...

    def conversion(self, column: MappedColumn) -> Conversion | None: ...


class PostgreSQL:
    """Typed by the wire, native dates and instants; any number of keys as one text, which is cast to an array.

    For the driver a text is a fifth of the work of an array, of which it looks at each element's type (500 keys: 35 to
    40 µs for the whole statement instead of 180 to 200).
    """

    compiler: sa.Dialect = asyncpg_dialect()  # type: ignore[no-untyped-call]
    code_points = "C"

    def canonical(self, column: MappedColumn, stored: Expression) -> Expression:
        if column.canonical_by_value is not None:
            return sa.cast(stored, sa.BigInteger if column.stored is Stored.INTEGER else sa.Text)
        if column.kind is Kind.INSTANT and column.stored is Stored.TIMESTAMP:
            return sa.func.timezone("UTC", stored)
        if column.stored is Stored.PARTIAL:
            return period_text(stored) if column.is_period else day_text(stored)
        if column.is_period:
            return sa.func.to_char(sa.cast(stored, sa.Date), sa.literal_column("'YYYY-MM-DD'"), type_=sa.Text)
        return sa.cast(stored, SQL_TYPE[column.kind])

    def wire_type(self, column: MappedColumn) -> str:
        if column.canonical_by_value is not None:
            return "int8" if column.stored is Stored.INTEGER else "text"
        return WIRE_TYPE[column.compared_as]

    def composed(self, expression: Expression) -> Expression:
        return sa.func.normalize(expression, type_=sa.Text)

    def among(self, expression: Expression, parameter: str, type_: TypeEngine[Any]) -> sa.ColumnElement[bool]:
        return expression == sa.any_(sa.cast(sa.bindparam(parameter, type_=sa.Text), ARRAY(type_)))

    def starts_with(self, expression: Expression, parameter: str) -> sa.ColumnElement[bool]:
        return sa.func.starts_with(expression, sa.bindparam(parameter, type_=sa.Text), type_=sa.Boolean)

    def scalar(self, column: MappedColumn, value: Any) -> Any:
        return value.isoformat() if column.stored is Stored.PARTIAL and isinstance(value, date) else value

    def array(self, column: MappedColumn, values: Sequence[Any]) -> Any:
        """Return the array as PostgreSQL writes it, the last of few values repeated.

        A shorter list than PostgreSQL guesses is planned anew for every call, and an index scan looks for each value
        once, however often it comes. docs/decisions/0018-subtree-in-one-statement.md
        """
        missing = GUESSED - len(values)
        return array_literal([*values, *[values[-1]] * missing] if 0 < missing < GUESSED else values)

    def conversion(self, column: MappedColumn) -> Conversion | None:
        return conversion.dates if column.stored is Stored.PARTIAL else None


_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\""})


def array_literal(values: Sequence[Any]) -> str:
    """Return the text that PostgreSQL reads as an array of these texts, finite numbers, dates or instants."""
    written = orjson.dumps(values).decode()
    if "\\" in written:  # JSON writes control characters otherwise than PostgreSQL
        return "{" + ",".join(f'"{str(value).translate(_ESCAPED)}"' for value in values) + "}"
    return "{" + written[1:-1] + "}"


class SQLite:
    """Untyped: lists of keys as one JSON text of any length, dates and instants as ISO 8601 text."""

    compiler: sa.Dialect = aiosqlite_dialect()
    code_points = "BINARY"

    def canonical(self, column: MappedColumn, stored: Expression) -> Expression:
        if column.stored is Stored.INTEGER and column.kind is Kind.KEY:
            return sa.cast(stored, sa.Text)
        if column.stored is Stored.PARTIAL:
            return period_text(stored) if column.is_period else day_text(stored)
        if column.stored is Stored.TIMESTAMP and (column.kind is Kind.DATE or column.is_period):
            return sa.func.substr(stored, 1, len("2015-03-02"))
        return stored

    def wire_type(self, column: MappedColumn) -> str:
        return ""  # its columns have no types

    def composed(self, expression: Expression) -> Expression:
        return sa.func.nfc(expression, type_=sa.Text)

    def among(self, expression: Expression, parameter: str, type_: TypeEngine[Any]) -> sa.ColumnElement[bool]:
        values = sa.func.json_each(sa.bindparam(parameter, type_=sa.Text)).table_valued("value")
        return expression.in_(sa.select(values.c.value))

    def starts_with(self, expression: Expression, parameter: str) -> sa.ColumnElement[bool]:
        # LIKE would ignore case
        prefix = sa.bindparam(parameter, type_=sa.Text)
        return sa.func.substr(expression, 1, sa.func.length(prefix)) == prefix

    def scalar(self, column: MappedColumn, value: Any) -> Any:
        if isinstance(value, datetime):
            instant = value.astimezone(UTC)
            return (instant.replace(tzinfo=None) if column.stored is Stored.TIMESTAMP else instant).isoformat(" ")
        return value.isoformat() if isinstance(value, date) else value

    def array(self, column: MappedColumn, values: Sequence[Any]) -> Any:
        return orjson.dumps([self.scalar(column, value) for value in values]).decode()

    def conversion(self, column: MappedColumn) -> Conversion | None:
        if column.kind is Kind.INSTANT and column.stored is Stored.TIMESTAMP:
            return conversion.zoneless_instants
        by_kind: dict[Kind, Conversion] = {
            Kind.NUMBER: conversion.numbers,
            Kind.BOOLEAN: conversion.booleans,
            Kind.DATE: conversion.dates,
            Kind.INSTANT: conversion.instants,
        }
        return by_kind.get(column.kind)
