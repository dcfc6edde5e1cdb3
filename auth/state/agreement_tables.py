"""The tables of data-sharing agreements."""

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Identity, Index, Integer, Table, Text, UniqueConstraint

from auth.state.instants import Instant
from auth.state.metadata import ID, METADATA

# Data-sharing agreements. Nothing about their validity is kept anywhere else: a change here counts at once.
AGREEMENTS = Table(
    "agreements",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("issuer", Text),
    Column("legal_basis", Text, nullable=False),
    Column("citation", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("suspended_at", Instant),
    Column("suspended_why", Text),
    Index(None, "client_id"),
)

GRANTS = Table(
    "grants",
    METADATA,
    Column("id", ID, Identity(), primary_key=True),
    Column("agreement", Text, ForeignKey(AGREEMENTS.c.number), nullable=False),
    Column("role", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("jurisdiction", JSON, nullable=False),
    Column("category_expiry", JSON, nullable=False),
    Column("categories", JSON(none_as_null=True)),
    Column("arguments", JSON, nullable=False),
    Column("emergency", Boolean, nullable=False),
    Column("hidden", JSON(none_as_null=True)),
    Column("requests_per_minute", Integer, nullable=False),
    Column("subjects_per_day", Integer, nullable=False),
    Column("subjects_per_minute", Integer, nullable=False),
    Column("misses_per_day", Integer, nullable=False),
    Column("misses_percent", Integer, nullable=False),
    Column("answer_megabytes", Integer, nullable=False),
    UniqueConstraint("agreement", "purpose"),
)
