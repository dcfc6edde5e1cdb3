"""The tables of the keys that our state was made with: nothing in them is a secret (auth/deployment/key_checks.py)."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text

from auth.crypto.audit_keys import TAG_BYTES
from auth.crypto.keys import CHECK_BYTES
from auth.state.instants import Instant
from auth.state.metadata import METADATA

# A check value of each master secret, by its version.
MASTER_SECRETS = Table(
    "master_secrets",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("check_value", LargeBinary(CHECK_BYTES), nullable=False),
    Column("first_used", Instant, nullable=False),
)

# The public keys that have signed: `public_key` is the `x` of RFC 8037, `tag` shows that we put it there.
SIGNING_KEYS = Table(
    "signing_keys",
    METADATA,
    Column("key_id", Text, primary_key=True),
    Column("public_key", Text, nullable=False),
    Column("tag", LargeBinary(TAG_BYTES), nullable=False),
    Column("first_used", Instant, nullable=False),
)
