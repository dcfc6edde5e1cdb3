"""Grants, consents and the audit record."""

import sqlalchemy as sa
from alembic import op

from auth.state.instants import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PSEUDONYM = sa.LargeBinary(17)


def upgrade() -> None:
    _create_grants()
    _create_consents()
    _create_audit()


def downgrade() -> None:
    for table in ("audit_subjects", "audit_entries", "audit_writers", "consents", "grants"):
        op.drop_table(table)


def _create_grants() -> None:
    op.create_table(
        "grants",
        sa.Column("id", _ID, sa.Identity(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("category_expiry", sa.JSON(), nullable=False),
        sa.Column("requests_per_minute", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("client_id", "role", "purpose", "valid_from", name=op.f("uq_grants")),
    )


def _create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", _ID, sa.Identity(), nullable=False),
        sa.Column("subject", _PSEUDONYM, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("needs_subject", sa.Boolean(), nullable=False),
        sa.Column("needs_guardian", sa.Boolean(), nullable=False),
        sa.Column("subject_agreed_at", Instant()),
        sa.Column("guardian_agreed_at", Instant()),
        sa.Column("guardian", _PSEUDONYM),
        sa.Column("withdrawn_at", Instant()),
        sa.Column("withdrawn_by", _PSEUDONYM),
        sa.CheckConstraint("needs_subject or needs_guardian", name=op.f("ck_consents_somebody_agrees")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_subject_client_id_purpose"), "consents", ["subject", "client_id", "purpose"])


def _create_audit() -> None:
    op.create_table(
        "audit_writers",
        sa.Column("id", _ID, sa.Identity(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_writers")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("writer", _ID, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["writer"], ["audit_writers.id"], name=op.f("fk_audit_entries_audit_writers")),
        sa.PrimaryKeyConstraint("writer", "sequence", name=op.f("pk_audit_entries")),
    )
    op.create_table(
        "audit_subjects",
        sa.Column("subject", _PSEUDONYM, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("writer", _ID, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject", "at", "writer", "sequence", name=op.f("pk_audit_subjects")),
        sqlite_with_rowid=False,
    )
