"""How long our own state is waited for: by us, and by PostgreSQL itself for us."""

ANSWER_S = 5.0
"""For a request's use of it, the turn in the queue and a new connection included. After it a connection is given up."""
PATIENT_S = 12.0
"""For what looks through a long record: officers' searches, proofs, signing."""
OPEN_S = 3.0
_STATEMENT_S = 4.0
"""PostgreSQL gives up first: then its connection is as good as before."""

SERVER_SETTINGS = {
    "application_name": "lienthong state",
    "synchronous_commit": "on",  # durable means on disk, whatever the cluster's default is
    "statement_timeout": f"{_STATEMENT_S:.0f}s",
    # a replica that vanished in a transaction holds locks until PostgreSQL notices
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "15s",
}
"""Of each connection that serves requests."""
