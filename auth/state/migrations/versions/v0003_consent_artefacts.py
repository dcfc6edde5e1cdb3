"""Consents as artefacts with versions and limits, their history, their uses, and clients' requests for them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from auth.state.instants import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PSEUDONYM = sa.LargeBinary(17)
_LAPSED = {"sqlite": "date(given_at)", "postgresql": "given_at::date"}


def upgrade() -> None:
    _make_artefacts()
    _create_events()
    _create_uses()
    _create_requests()


def downgrade() -> None:
    for table in ("consent_requests", "consent_uses", "consent_events"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function consent_events_stay()")
    op.drop_index(op.f("ix_consents_client_id_purpose_id"), "consents")
    with op.batch_alter_table("consents") as consents:
        for column in ("recipient_subject", "lapses_on", "own_voice_on", "data_life_days", "period", "reads"):
            consents.drop_column(column)
        consents.drop_column("version")


def _terms() -> Sequence[sa.Column[Any]]:
    return (
        sa.Column("reads", sa.Integer()),
        sa.Column("period", sa.Text()),
        sa.Column("data_life_days", sa.Integer()),
    )


def _make_artefacts() -> None:
    """Consents of minors given before birthdays were kept end: nobody can tell whose word counts for them now."""
    with op.batch_alter_table("consents") as consents:
        consents.add_column(sa.Column("version", sa.Integer()))
        for column in _terms():
            consents.add_column(column)
        consents.add_column(sa.Column("own_voice_on", sa.Date()))
        consents.add_column(sa.Column("lapses_on", sa.Date()))
        consents.add_column(sa.Column("recipient_subject", sa.Text()))
    op.execute("update consents set version = 1")
    op.execute(f"update consents set lapses_on = {_LAPSED[op.get_bind().dialect.name]} where needs_guardian")  # noqa: S608
    with op.batch_alter_table("consents") as consents:
        consents.alter_column("version", existing_type=sa.Integer(), nullable=False)
    op.create_index(op.f("ix_consents_client_id_purpose_id"), "consents", ["client_id", "purpose", "id"])


def _create_events() -> None:
    op.create_table(
        "consent_events",
        sa.Column("id", _ID, sa.Identity(), nullable=False),
        sa.Column("consent", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("by", _PSEUDONYM, nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        *_terms(),
        sa.Column("language", sa.Text()),
        sa.Column("notice", sa.Text()),
        sa.ForeignKeyConstraint(["consent"], ["consents.id"], name=op.f("fk_consent_events_consents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_events")),
    )
    op.create_index(op.f("ix_consent_events_consent"), "consent_events", ["consent"])
    _forbid_changes()


def _forbid_changes() -> None:
    """Let the database itself refuse what would change the evidence."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function consent_events_stay() returns trigger language plpgsql as "
            "$$ begin raise exception 'consent_events is append-only'; end $$"
        )
        for event in ("update", "delete", "truncate"):
            op.execute(
                f"create trigger consent_events_stay_{event} before {event} on consent_events "
                "for each statement execute function consent_events_stay()"
            )
        return
    for event in ("update", "delete"):
        op.execute(
            f"create trigger consent_events_stay_{event} before {event} on consent_events "
            "begin select raise(abort, 'consent_events is append-only'); end"
        )


def _create_uses() -> None:
    op.create_table(
        "consent_uses",
        sa.Column("consent", _ID, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["consent"], ["consents.id"], name=op.f("fk_consent_uses_consents")),
        sa.PrimaryKeyConstraint("consent", "at", name=op.f("pk_consent_uses")),
        sqlite_with_rowid=False,
    )


def _create_requests() -> None:
    op.create_table(
        "consent_requests",
        sa.Column("id", _ID, sa.Identity(), nullable=False),
        sa.Column("subject", _PSEUDONYM, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        *_terms(),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("decided_at", Instant()),
        sa.Column("decision", sa.Text()),
        sa.Column("decided_by", _PSEUDONYM),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_requests")),
    )
    op.create_index(op.f("ix_consent_requests_subject_client_id"), "consent_requests", ["subject", "client_id"])
