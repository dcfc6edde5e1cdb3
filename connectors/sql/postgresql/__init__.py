"""PostgreSQL by asyncpg: the database, its sessions behind poolers, its catalogue.
Guards (read only, time limit) hold in each transaction: a change runs test_poolers.py."""
