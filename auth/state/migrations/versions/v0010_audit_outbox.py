"""What changes of our own state say of themselves, until the audit record has it."""

import sqlalchemy as sa
from alembic import op

from auth.state.instants import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_outbox",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("subjects", sa.LargeBinary(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_outbox")),
    )
    op.create_index(op.f("ix_audit_outbox_due"), "audit_outbox", ["due"])


def downgrade() -> None:
    op.drop_table("audit_outbox")
