"""The application as tests run it: the one place in the tests that imports the composition root."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx2
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from server import Settings as Settings  # noqa: TID251
from server import create_app  # noqa: TID251
from server import deployed as deployed  # noqa: TID251


def app(settings: Settings, routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Return the application; `running` starts it."""
    return create_app(settings, routes)


@asynccontextmanager
async def running(application: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """Run the application's lifespan and yield a client that speaks to it in this process."""
    async with (
        application.router.lifespan_context(application),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(application), base_url="http://lienthong.test") as client,
    ):
        yield client
