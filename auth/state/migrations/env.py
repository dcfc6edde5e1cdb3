"""Where Alembic starts: on the connection it is given, or on its own to the URL in LIENTHONG_STATE_URL."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from auth.state.tables import METADATA


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=METADATA, user_module_prefix="")
    with context.begin_transaction():
        context.run_migrations()


async def _run_alone() -> None:
    engine = create_async_engine(os.environ["LIENTHONG_STATE_URL"])
    async with engine.begin() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(_run_alone())
else:
    _run(given)
