"""Questions that clients have put to answers about each subject."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "asked_arguments",
        sa.Column("place", sa.LargeBinary(17), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_asked_arguments")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_asked_arguments_until"), "asked_arguments", ["until"])


def downgrade() -> None:
    op.drop_table("asked_arguments")
