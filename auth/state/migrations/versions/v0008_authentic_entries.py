"""What shows that a process of ours wrote an entry, and about whom; until when its subjects do not see it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_AT_ONCE = 1000
_SUBJECTS = """
    update audit_entries set subjects = s.joined from (
        select writer, sequence, string_agg(subject, ''::bytea order by subject) as joined
        from audit_subjects group by writer, sequence
    ) as s where s.writer = audit_entries.writer and s.sequence = audit_entries.sequence"""
_HIDDEN = {
    "postgresql": """
        update audit_subjects set hidden_until = (e.body::json -> 'hidden' ->> 'until')::date
        from audit_entries as e where e.body like '%"hidden":{%'
        and e.writer = audit_subjects.writer and e.sequence = audit_subjects.sequence""",
    "sqlite": """
        update audit_subjects set hidden_until = (
            select json_extract(e.body, '$.hidden.until') from audit_entries as e
            where e.writer = audit_subjects.writer and e.sequence = audit_subjects.sequence
        ) where (writer, sequence) in (select writer, sequence from audit_entries where body like '%"hidden":{%')""",
}


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("tag", sa.LargeBinary(17)))
    op.add_column("audit_entries", sa.Column("subjects", sa.LargeBinary()))
    op.add_column("audit_subjects", sa.Column("hidden_until", sa.Date()))
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute(_SUBJECTS)
        op.execute("update audit_entries set subjects = ''::bytea where subjects is null")
    else:
        _fill_subjects(op.get_bind())
        op.execute("update audit_entries set subjects = x'' where subjects is null")
    op.execute(_HIDDEN[dialect])
    untagged, hidden = sa.text("tag is null"), sa.text("hidden_until is not null")
    op.create_index(
        op.f("ix_audit_entries_writer_sequence"),
        "audit_entries",
        ["writer", "sequence"],
        sqlite_where=untagged,
        postgresql_where=untagged,
    )
    op.create_index(
        op.f("ix_audit_subjects_subject_at"),
        "audit_subjects",
        ["subject", "at"],
        sqlite_where=hidden,
        postgresql_where=hidden,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_subjects_subject_at"), "audit_subjects")
    op.drop_index(op.f("ix_audit_entries_writer_sequence"), "audit_entries")
    op.drop_column("audit_subjects", "hidden_until")
    op.drop_column("audit_entries", "subjects")
    op.drop_column("audit_entries", "tag")


def _fill_subjects(connection: sa.Connection) -> None:
    """Join the pseudonyms of each entry; SQLite cannot join bytes itself."""
    rows = connection.execute(
        sa.text("select writer, sequence, subject from audit_subjects order by writer, sequence, subject")
    )
    joined: dict[tuple[int, int], bytes] = {}
    for writer, sequence, subject in rows:
        place = writer, sequence
        if place not in joined and len(joined) == _AT_ONCE:
            _save(connection, joined)
            joined = {}
        joined[place] = joined.get(place, b"") + subject
    if joined:
        _save(connection, joined)


def _save(connection: sa.Connection, joined: dict[tuple[int, int], bytes]) -> None:
    connection.execute(
        sa.text("update audit_entries set subjects = :subjects where writer = :writer and sequence = :sequence"),
        [
            {"writer": writer, "sequence": sequence, "subjects": subjects}
            for (writer, sequence), subjects in joined.items()
        ],
    )
