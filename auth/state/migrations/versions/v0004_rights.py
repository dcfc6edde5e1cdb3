"""Requests of data subjects and what became of them."""

import sqlalchemy as sa
from alembic import op

from auth.state.instants import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PSEUDONYM = sa.LargeBinary(17)
_REFUSAL = "rights_steps is append-only"


def upgrade() -> None:
    _create_requests()
    _create_steps()
    _keep_steps()


def downgrade() -> None:
    op.drop_table("rights_steps")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function rights_steps_stay()")
    op.drop_table("rights_requests")


def _create_requests() -> None:
    op.create_table(
        "rights_requests",
        sa.Column("id", _ID, sa.Identity(), nullable=False),
        sa.Column("subject", _PSEUDONYM, nullable=False),
        sa.Column("submitted_by", _PSEUDONYM, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("province_code", sa.Text()),
        sa.Column("coordinate", sa.Text()),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=False),
        sa.Column("acknowledge_by", sa.Date(), nullable=False),
        sa.Column("complete_by", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", sa.Date()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_requests")),
    )
    op.create_index(op.f("ix_rights_requests_subject"), "rights_requests", ["subject"])
    op.create_index(op.f("ix_rights_requests_register_due_id"), "rights_requests", ["register", "due", "id"])


def _create_steps() -> None:
    op.create_table(
        "rights_steps",
        sa.Column("id", _ID, sa.Identity(), nullable=False),
        sa.Column("request", _ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text()),
        sa.Column("complete_by", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["request"], ["rights_requests.id"], name=op.f("fk_rights_steps_rights_requests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_steps")),
    )
    op.create_index(op.f("ix_rights_steps_request_id"), "rights_steps", ["request", "id"])


def _keep_steps() -> None:
    """Let the database itself refuse what would change the history."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function rights_steps_stay() returns trigger language plpgsql as "
            f"$$ begin raise exception '{_REFUSAL}'; end $$"
        )
        for event in ("update", "delete", "truncate"):
            op.execute(
                f"create trigger rights_steps_stay_{event} before {event} on rights_steps "
                "for each statement execute function rights_steps_stay()"
            )
        return
    for event in ("update", "delete"):
        op.execute(
            f"create trigger rights_steps_stay_{event} before {event} on rights_steps "
            f"begin select raise(abort, '{_REFUSAL}'); end"
        )
