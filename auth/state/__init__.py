"""Our own SQL state: grants, consents and the audit record. SQLite for one replica, PostgreSQL for more.
A change of a table needs a migration beside it; imports of auth only errors and crypto."""
