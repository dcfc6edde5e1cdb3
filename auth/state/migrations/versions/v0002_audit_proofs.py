"""Signed roots of the audit record, columns to search it by, and the harvest guard's limit and stops."""

import sqlalchemy as sa
from alembic import op

from auth.state.instants import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SUBJECTS_PER_DAY = 10_000
_FROM_BODY = {
    "sqlite": """update audit_entries set
        at = replace(substr(json_extract(body, '$.at'), 1, 26), 'T', ' '),
        client_id = json_extract(body, '$.client_id'), purpose = json_extract(body, '$.purpose')""",
    "postgresql": """update audit_entries set
        at = (body::json ->> 'at')::timestamptz,
        client_id = body::json ->> 'client_id', purpose = body::json ->> 'purpose'""",
}


def upgrade() -> None:
    _make_entries_searchable()
    _create_roots()
    _limit_subjects()


def downgrade() -> None:
    op.drop_table("harvest_stops")
    with op.batch_alter_table("grants") as grants:
        grants.drop_column("subjects_per_day")
    op.drop_table("audit_roots")
    op.drop_index(op.f("ix_audit_entries_at"), "audit_entries")
    op.drop_index(op.f("ix_audit_entries_client_id_at"), "audit_entries")
    with op.batch_alter_table("audit_entries") as entries:
        for column in ("purpose", "client_id", "at"):
            entries.drop_column(column)


def _make_entries_searchable() -> None:
    with op.batch_alter_table("audit_entries") as entries:
        entries.add_column(sa.Column("at", Instant()))
        entries.add_column(sa.Column("client_id", sa.Text()))
        entries.add_column(sa.Column("purpose", sa.Text()))
    op.execute(_FROM_BODY[op.get_bind().dialect.name])
    with op.batch_alter_table("audit_entries") as entries:
        entries.alter_column("at", existing_type=Instant(), nullable=False)
        entries.alter_column("client_id", existing_type=sa.Text(), nullable=False)
        entries.alter_column("purpose", existing_type=sa.Text(), nullable=False)
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"])
    op.create_index(op.f("ix_audit_entries_client_id_at"), "audit_entries", ["client_id", "at"])


def _create_roots() -> None:
    op.create_table(
        "audit_roots",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("writer", _ID, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["writer"], ["audit_writers.id"], name=op.f("fk_audit_roots_audit_writers")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_roots")),
        sa.UniqueConstraint("writer", "size", name=op.f("uq_audit_roots")),
    )


def _limit_subjects() -> None:
    with op.batch_alter_table("grants") as grants:
        grants.add_column(sa.Column("subjects_per_day", sa.Integer()))
    op.execute(sa.text("update grants set subjects_per_day = :limit").bindparams(limit=_SUBJECTS_PER_DAY))
    with op.batch_alter_table("grants") as grants:
        grants.alter_column("subjects_per_day", existing_type=sa.Integer(), nullable=False)
    op.create_table(
        "harvest_stops",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "purpose", "day", name=op.f("pk_harvest_stops")),
    )
