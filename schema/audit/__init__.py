"""The types of a person's log and of officers' view of the record, and `GET /v3/findUsage`.
Logic is in resolvers/audit."""
