"""The tables of our own state. A change here needs a migration beside it; a test compares the two."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from auth.keys import PSEUDONYM_BYTES
from auth.state.instants import Instant

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite counts rows up by itself in a column of exactly the type INTEGER
_ID = BigInteger().with_variant(Integer, "sqlite")
_PSEUDONYM = LargeBinary(PSEUDONYM_BYTES)

GRANTS = Table(
    "grants",
    METADATA,
    Column("id", _ID, Identity(), primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("jurisdiction", JSON, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("category_expiry", JSON, nullable=False),
    Column("requests_per_minute", Integer, nullable=False),
    UniqueConstraint("client_id", "role", "purpose", "valid_from"),
)

CONSENTS = Table(
    "consents",
    METADATA,
    Column("id", _ID, Identity(), primary_key=True),
    Column("subject", _PSEUDONYM, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("needs_subject", Boolean, nullable=False),
    Column("needs_guardian", Boolean, nullable=False),
    Column("subject_agreed_at", Instant),
    Column("guardian_agreed_at", Instant),
    Column("guardian", _PSEUDONYM),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", _PSEUDONYM),
    CheckConstraint("needs_subject or needs_guardian", "somebody_agrees"),
    Index(None, "subject", "client_id", "purpose"),
)

AUDIT_WRITERS = Table(
    "audit_writers",
    METADATA,
    Column("id", _ID, Identity(), primary_key=True),
    Column("started_at", Instant, nullable=False),
)

AUDIT_ENTRIES = Table(
    "audit_entries",
    METADATA,
    Column("writer", _ID, ForeignKey(AUDIT_WRITERS.c.id), primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)

# Whom an entry concerns: what a citizen's own log is read by, newest first. No foreign key: the two rows are written
# in one transaction, nothing deletes, and checking 500 of them would cost more than writing the entry.
AUDIT_SUBJECTS = Table(
    "audit_subjects",
    METADATA,
    Column("subject", _PSEUDONYM, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("writer", _ID, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
