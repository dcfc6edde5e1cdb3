"""The audit record: an entry is durable before its answer leaves (record.py).
Entries go in by record.py, and with a change of our own state by writing/outbox.py; everything else here reads."""
