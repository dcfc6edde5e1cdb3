"""Check values of the master secrets that the state was made with, and the public keys that have signed in it."""

import sqlalchemy as sa
from alembic import op

from auth.state.instants import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "master_secrets",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("check_value", sa.LargeBinary(16), nullable=False),
        sa.Column("first_used", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_master_secrets")),
    )
    op.create_table(
        "signing_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("tag", sa.LargeBinary(17), nullable=False),
        sa.Column("first_used", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_signing_keys")),
    )


def downgrade() -> None:
    op.drop_table("signing_keys")
    op.drop_table("master_secrets")
