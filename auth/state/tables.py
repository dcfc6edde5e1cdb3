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
    Table,
    Text,
    UniqueConstraint,
    text,
)

from auth.crypto.audit_keys import TAG_BYTES
from auth.state.agreement_tables import AGREEMENTS as AGREEMENTS
from auth.state.agreement_tables import GRANTS as GRANTS
from auth.state.instants import Instant
from auth.state.key_tables import MASTER_SECRETS as MASTER_SECRETS
from auth.state.key_tables import SIGNING_KEYS as SIGNING_KEYS
from auth.state.metadata import ID as _ID
from auth.state.metadata import METADATA as METADATA
from auth.state.metadata import PSEUDONYM as _PSEUDONYM
from auth.state.outbox_table import AUDIT_OUTBOX as AUDIT_OUTBOX

_HIDDEN = text("hidden_until is not null")


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
    # shows that a process of ours wrote it (auth/crypto/audit_keys.py); null for what was recorded before there were
    # tags
    Column("tag", LargeBinary(TAG_BYTES)),
    # the pseudonyms of all whom it concerns, one after the other: the body has their digest
    Column("subjects", LargeBinary),
    Index(None, "client_id", "at"),
    Index(None, "at"),
    Index(None, "writer", "sequence", sqlite_where=text("tag is null"), postgresql_where=text("tag is null")),
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
# in one transaction, nothing deletes, and checking 500 of them would cost more than writing the entry. Nothing in it
# is believed: a reader holds it against the entry. `hidden_until`: the last day on which the person does not see it.
AUDIT_SUBJECTS = Table(
    "audit_subjects",
    METADATA,
    Column("subject", _PSEUDONYM, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("writer", _ID, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("hidden_until", Date),
    Index(None, "subject", "at", sqlite_where=_HIDDEN, postgresql_where=_HIDDEN),
    sqlite_with_rowid=False,
)

# Clients stopped or slowed by the harvest guard, one row for each client, purpose, day of Vietnam and reason.
HARVEST_STOPS = Table(
    "harvest_stops",
    METADATA,
    Column("client_id", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("reason", Text, primary_key=True),
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

# Dossiers of administrative procedures. A number is one of the client's own: two clients may have the same.
# `recipient_subject`: the subject, sealed by the keys' `kept_subjects`.
DOSSIERS = Table(
    "dossiers",
    METADATA,
    Column("id", _ID, Identity(), primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("subject", _PSEUDONYM, nullable=False),
    Column("recipient_subject", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("due", Date, nullable=False),
    Column("open_until", Date, nullable=False),
    Column("closed_at", Instant),
    Column("outcome", Text),
    UniqueConstraint("client_id", "number"),
    Index(None, "subject"),
)

# Operations that used break-glass access, each kept before it is answered. `reason` and `words` are sealed.
EMERGENCY_READINGS = Table(
    "emergency_readings",
    METADATA,
    Column("id", _ID, Identity(), primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("at", Instant, nullable=False),
    # that of the audit entry
    Column("request_id", Text, nullable=False),
    Column("reason", LargeBinary, nullable=False),
    Column("hidden_until", Date),
    Column("state", Text, nullable=False),
    Column("reviewed_at", Instant),
    Column("reviewed_by", Text),
    Column("words", LargeBinary),
    Index(None, "state", "id"),
)

# Whom they concern: what a citizen's notices are read by.
EMERGENCY_SUBJECTS = Table(
    "emergency_subjects",
    METADATA,
    Column("subject", _PSEUDONYM, primary_key=True),
    Column("reading", _ID, ForeignKey(EMERGENCY_READINGS.c.id), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# What clients have asked of answers about each subject: keyed digests only (auth/limits/query_budget.py). `place`
# stands for client, purpose, answer and subject; `asked` holds the questions until they no longer count, `most` letters
# of it.
ASKED_ARGUMENTS = Table(
    "asked_arguments",
    METADATA,
    Column("place", _PSEUDONYM, primary_key=True),
    Column("asked", Text, nullable=False),
    Column("most", Integer, nullable=False),
    Column("until", Date, nullable=False),
    Index(None, "until"),
    sqlite_with_rowid=False,
)

# Figures as they were first told in a month. `place` stands for what was counted, over whom, in which month; `shown`
# holds rounded numbers alone.
PUBLISHED_COUNTS = Table(
    "published_counts",
    METADATA,
    Column("place", _PSEUDONYM, primary_key=True),
    Column("counted_on", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("shown", Text, nullable=False),
)
