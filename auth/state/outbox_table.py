"""The table of what changes say of themselves until the record has it."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from auth.state.instants import Instant
from auth.state.metadata import METADATA

# Entries of the audit record that go with a change of our own state, in its transaction (auth/audit/writing/outbox.py).
# `due`: when whoever finds the row moves it into a chain, unless the operation's own entry is there by then.
AUDIT_OUTBOX = Table(
    "audit_outbox",
    METADATA,
    Column("id", LargeBinary, primary_key=True),
    Column("due", Instant, nullable=False),
    Column("body", Text, nullable=False),
    Column("subjects", LargeBinary, nullable=False),
    Column("tag", LargeBinary, nullable=False),
    Index(None, "due"),
)
