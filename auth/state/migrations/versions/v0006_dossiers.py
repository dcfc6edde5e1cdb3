"""Dossiers of administrative procedures, and readings in emergencies."""

import sqlalchemy as sa
from alembic import op

from auth.state.instants import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PSEUDONYM = sa.LargeBinary(17)


def upgrade() -> None:
    _create_dossiers()
    _create_emergency_readings()


def downgrade() -> None:
    op.drop_table("emergency_subjects")
    op.drop_table("emergency_readings")
    op.drop_table("dossiers")


def _create_dossiers() -> None:
    op.create_table(
        "dossiers",
        sa.Column("id", _ID, sa.Identity(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("subject", _PSEUDONYM, nullable=False),
        sa.Column("recipient_subject", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("open_until", sa.Date(), nullable=False),
        sa.Column("closed_at", Instant()),
        sa.Column("outcome", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossiers")),
        sa.UniqueConstraint("client_id", "number", name=op.f("uq_dossiers")),
    )
    op.create_index(op.f("ix_dossiers_subject"), "dossiers", ["subject"])


def _create_emergency_readings() -> None:
    op.create_table(
        "emergency_readings",
        sa.Column("id", _ID, sa.Identity(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("hidden_until", sa.Date()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reviewed_at", Instant()),
        sa.Column("reviewed_by", sa.Text()),
        sa.Column("words", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_readings")),
    )
    op.create_index(op.f("ix_emergency_readings_state_id"), "emergency_readings", ["state", "id"])
    op.create_table(
        "emergency_subjects",
        sa.Column("subject", _PSEUDONYM, nullable=False),
        sa.Column("reading", _ID, nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(
            ["reading"], ["emergency_readings.id"], name=op.f("fk_emergency_subjects_emergency_readings")
        ),
        sa.PrimaryKeyConstraint("subject", "reading", name=op.f("pk_emergency_subjects")),
        sqlite_with_rowid=False,
    )
