"""Data-sharing agreements: grants stand in them, a grant of before in one of its own."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from auth.state.instants import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NUMBER = "client_id || '/' || role || '/' || purpose || '/' || cast(valid_from as text)"
_OF_AGREEMENT: dict[str, sa.types.TypeEngine[Any]] = {
    "client_id": sa.Text(),
    "valid_from": sa.Date(),
    "valid_to": sa.Date(),
}


def upgrade() -> None:
    op.create_table(
        "agreements",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text()),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("suspended_at", Instant()),
        sa.Column("suspended_why", sa.Text()),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_agreements")),
    )
    op.create_index(op.f("ix_agreements_client_id"), "agreements", ["client_id"])
    op.execute(
        "insert into agreements (number, client_id, legal_basis, citation, valid_from, valid_to) "  # noqa: S608
        f"select {_NUMBER}, client_id, '', '', valid_from, valid_to from grants"
    )
    _put_grants_into_agreements()


def downgrade() -> None:
    with op.batch_alter_table("grants") as grants:
        for name, kind in _OF_AGREEMENT.items():
            grants.add_column(sa.Column(name, kind))
    for name in _OF_AGREEMENT:
        op.execute(f"update grants set {name} = (select {name} from agreements where number = agreement)")  # noqa: S608
    with op.batch_alter_table("grants") as grants:
        grants.drop_constraint(op.f("uq_grants"), type_="unique")
        grants.drop_constraint(op.f("fk_grants_agreements"), type_="foreignkey")
        for name in ("hidden", "emergency", "arguments", "categories", "agreement"):
            grants.drop_column(name)
        for name in ("client_id", "valid_from"):
            grants.alter_column(name, existing_type=_OF_AGREEMENT[name], nullable=False)
        grants.create_unique_constraint(op.f("uq_grants"), ["client_id", "role", "purpose", "valid_from"])
    op.drop_table("agreements")


def _put_grants_into_agreements() -> None:
    with op.batch_alter_table("grants") as grants:
        grants.add_column(sa.Column("agreement", sa.Text()))
        grants.add_column(sa.Column("categories", sa.JSON()))
        grants.add_column(sa.Column("arguments", sa.JSON()))
        grants.add_column(sa.Column("emergency", sa.Boolean()))
        grants.add_column(sa.Column("hidden", sa.JSON()))
    op.execute(f"update grants set agreement = {_NUMBER}, arguments = '{{}}', emergency = false")  # noqa: S608
    with op.batch_alter_table("grants") as grants:
        grants.drop_constraint(op.f("uq_grants"), type_="unique")
        for name in _OF_AGREEMENT:
            grants.drop_column(name)
        grants.alter_column("agreement", existing_type=sa.Text(), nullable=False)
        grants.alter_column("arguments", existing_type=sa.JSON(), nullable=False)
        grants.alter_column("emergency", existing_type=sa.Boolean(), nullable=False)
        grants.create_foreign_key(op.f("fk_grants_agreements"), "agreements", ["agreement"], ["number"])
        grants.create_unique_constraint(op.f("uq_grants"), ["agreement", "purpose"])
