"""One statement for many keys, in each database's own way."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Dialect, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import any_


def among(column: ColumnElement[Any], values: Sequence[Any], dialect: Dialect) -> ColumnElement[bool]:
    """Return the condition that the column is one of `values`.

    One array in PostgreSQL, so that the statement is the same for any number; one parameter each in SQLite, whose
    json_each cannot hold bytes.
    """
    if dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), ARRAY(column.type), unique=True))
    return column.in_(values)
