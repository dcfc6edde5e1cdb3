"""What grants allow of misses and of persons in a minute, and why clients were stopped."""

import sqlalchemy as sa
from alembic import op

from auth.state.instants import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MISSES_PER_DAY, _MISSES_PERCENT, _LEAST_PER_MINUTE = 100, 25, 1000


def upgrade() -> None:
    numbers = ("subjects_per_minute", "misses_per_day", "misses_percent")
    with op.batch_alter_table("grants") as grants:
        for name in numbers:
            grants.add_column(sa.Column(name, sa.Integer()))
    statement = sa.text(
        "update grants set misses_per_day = :misses, misses_percent = :percent, subjects_per_minute ="
        " case when subjects_per_day / 60 > :least then subjects_per_day / 60 else :least end"
    )
    op.execute(statement.bindparams(misses=_MISSES_PER_DAY, percent=_MISSES_PERCENT, least=_LEAST_PER_MINUTE))
    with op.batch_alter_table("grants") as grants:
        for name in numbers:
            grants.alter_column(name, existing_type=sa.Integer(), nullable=False)
    _rebuild_stops("reason", "'subjects'")


def downgrade() -> None:
    op.execute("delete from harvest_stops where reason <> 'subjects'")
    _rebuild_stops(None, "")
    with op.batch_alter_table("grants") as grants:
        for name in ("subjects_per_minute", "misses_per_day", "misses_percent"):
            grants.drop_column(name)


def _rebuild_stops(more: str | None, value: str) -> None:
    """Make the table anew, because its key changes, with a further column of the key or without."""
    kept = 'client_id, purpose, day, at, subjects, misses, "limit"'
    op.rename_table("harvest_stops", "harvest_stops_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table harvest_stops_before rename constraint pk_harvest_stops to pk_harvest_stops_before")
    key = ["client_id", "purpose", "day", *([more] if more else [])]
    op.create_table(
        "harvest_stops",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *([sa.Column(more, sa.Text(), nullable=False)] if more else []),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_harvest_stops")),
    )
    into, selected = (f"{kept}, {more}", f"{kept}, {value}") if more else (kept, kept)
    op.execute(f"insert into harvest_stops ({into}) select {selected} from harvest_stops_before")  # noqa: S608 - our own names
    op.drop_table("harvest_stops_before")
