"""The tables of our own state. A change here needs a migration beside it; a test compares the two."""

from typing import Any

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
    Column("subjects_per_day", Integer, nullable=False),
    UniqueConstraint("client_id", "role", "purpose", "valid_from"),
)


def _limits() -> tuple[Column[Any], ...]:
    """Return columns for how often a consent lets its recipient read, and how long the data may be kept."""
    return Column("reads", Integer), Column("period", Text), Column("data_life_days", Integer)


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
    Column("version", Integer, nullable=False),
    *_limits(),
    # a child's seventh and eighteenth birthdays: whose word counts is computed at reading
    Column("own_voice_on", Date),
    Column("lapses_on", Date),
    # the subject as the recipient knows it: sealed, and for that client only
    Column("recipient_subject", Text),
    CheckConstraint("needs_subject or needs_guardian", "somebody_agrees"),
    Index(None, "subject", "client_id", "purpose"),
    Index(None, "client_id", "purpose", "id"),
)

# What happened to a consent, and the text that was shown: the evidence. The database lets nobody change a row.
CONSENT_EVENTS = Table(
    "consent_events",
    METADATA,
    Column("id", _ID, Identity(), primary_key=True),
    Column("consent", _ID, ForeignKey(CONSENTS.c.id), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("by", _PSEUDONYM, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("valid_to", Date, nullable=False),
    *_limits(),
    Column("language", Text),
    Column("notice", Text),
    Index(None, "consent"),
)

# Readings under consents that limit them, each until it no longer counts.
CONSENT_USES = Table(
    "consent_uses",
    METADATA,
    Column("consent", _ID, ForeignKey(CONSENTS.c.id), primary_key=True, autoincrement=False),
    Column("at", Instant, primary_key=True),
    Column("until", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# What clients have asked citizens to agree to. The subject may be nobody: nothing is looked up when it is asked.
CONSENT_REQUESTS = Table(
    "consent_requests",
    METADATA,
    Column("id", _ID, Identity(), primary_key=True),
    Column("subject", _PSEUDONYM, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("valid_to", Date, nullable=False),
    *_limits(),
    Column("asked_at", Instant, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("decided_at", Instant),
    Column("decision", Text),
    Column("decided_by", _PSEUDONYM),
    Index(None, "subject", "client_id"),
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
    # said in the body too, and here for officers to search by
    Column("at", Instant, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Index(None, "client_id", "at"),
    Index(None, "at"),
)

# The log of signed roots. `statement` is what was signed; `peaks` are what the writer's tree can be grown on from.
AUDIT_ROOTS = Table(
    "audit_roots",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("writer", _ID, ForeignKey(AUDIT_WRITERS.c.id), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("statement", Text, nullable=False),
    UniqueConstraint("writer", "size"),
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

# Clients stopped by the harvest guard, one row for each client, purpose and day of Vietnam.
HARVEST_STOPS = Table(
    "harvest_stops",
    METADATA,
    Column("client_id", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("subjects", Integer, nullable=False),
    Column("misses", Integer, nullable=False),
    Column("limit", Integer, nullable=False),
)

# Requests of data subjects. `state`, `due` and `complete_by` are those of the latest step; `due` is null once closed.
# `words`: whose and which record it is about and what was written, sealed. `province_code`: of the record, if any.
RIGHTS_REQUESTS = Table(
    "rights_requests",
    METADATA,
    Column("id", _ID, Identity(), primary_key=True),
    Column("subject", _PSEUDONYM, nullable=False),
    Column("submitted_by", _PSEUDONYM, nullable=False),
    Column("kind", Text, nullable=False),
    Column("register", Text, nullable=False),
    Column("province_code", Text),
    Column("coordinate", Text),
    Column("words", LargeBinary, nullable=False),
    Column("submitted_at", Instant, nullable=False),
    Column("acknowledge_by", Date, nullable=False),
    Column("complete_by", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("due", Date),
    Index(None, "subject"),
    Index(None, "register", "due", "id"),
)

# What became of them: only ever added to. `client_id`: through whom it was done.
RIGHTS_STEPS = Table(
    "rights_steps",
    METADATA,
    Column("id", _ID, Identity(), primary_key=True),
    Column("request", _ID, ForeignKey(RIGHTS_REQUESTS.c.id), nullable=False),
    Column("state", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("ground", Text),
    Column("complete_by", Date, nullable=False),
    Index(None, "request", "id"),
)
