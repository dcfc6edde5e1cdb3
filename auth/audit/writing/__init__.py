"""How entries reach the database: the store, notes of changes (outbox), signing of roots, adoption of older entries.
Everything that is written passes here; a change runs tests/audit_kill."""
