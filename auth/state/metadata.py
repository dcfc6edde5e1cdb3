"""What the tables of our own state have in common: where they are gathered, and the kinds of their keys."""

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData

from auth.crypto.keys import PSEUDONYM_BYTES

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite counts rows up by itself in a column of exactly the type INTEGER
ID = BigInteger().with_variant(Integer, "sqlite")
PSEUDONYM = LargeBinary(PSEUDONYM_BYTES)
