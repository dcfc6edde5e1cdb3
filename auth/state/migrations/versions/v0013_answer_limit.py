"""How large an answer a grant allows."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ANSWER_MEGABYTES = 10


def upgrade() -> None:
    with op.batch_alter_table("grants") as grants:
        grants.add_column(sa.Column("answer_megabytes", sa.Integer()))
    statement = sa.text("update grants set answer_megabytes = :megabytes")
    op.execute(statement.bindparams(megabytes=_ANSWER_MEGABYTES))
    with op.batch_alter_table("grants") as grants:
        grants.alter_column("answer_megabytes", existing_type=sa.Integer(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("grants") as grants:
        grants.drop_column("answer_megabytes")
