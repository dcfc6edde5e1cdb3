"""Inserting a row that may be there already, in each database's own way."""

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(table: Table, dialect: Dialect) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that can say what to do on a conflict."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
