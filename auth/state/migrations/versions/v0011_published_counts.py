"""Figures as they were first told in a month."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_counts",
        sa.Column("place", sa.LargeBinary(17), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_published_counts")),
    )


def downgrade() -> None:
    op.drop_table("published_counts")
