"""Our own SQL state: grants, consents and the audit record. SQLite for one replica, PostgreSQL for more."""
