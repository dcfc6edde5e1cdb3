"""The developer page: GraphiQL with a persona picker, served from this folder and from nowhere else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"
"""The built bundle, committed so that serving needs no node. `npm ci && npm run build` in `web/` makes it anew."""

_CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "connect-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the editor writes its theme and cursor positions as inline styles
        "img-src 'self' data:",  # icons in the editor's style sheets
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
_HEADERS = [
    # On scripts too: a worker obeys the policy of its own script's response, not the page's.
    (b"content-security-policy", _CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]


class _Locked:
    """Adds the headers that keep the page on its own origin."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_locked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        await self.app(scope, receive, send_locked)


class _Bundle(StaticFiles):
    """The built files. Those in `assets/` carry a hash of their content in the name, so they never change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        hashed = path.startswith("assets/")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return response


def explorer_routes(personas: Sequence[Mapping[str, Any]]) -> list[BaseRoute]:
    """Return the routes of the page: `/`, `/explorer/static/...` and `/sandbox/personas.json`.

    Each persona is {name, kind: "citizen" | "client", title: {vi, en}, purposes: [str], queries: [{title, query,
    variables, purpose}]}; the first purpose is chosen at first, then that of the query whose tab is in view, if it has
    one. A query's tab shows its operation name. The page asks `POST /sandbox/token` and `POST /graphql` of the same
    origin, which are not made here.
    """

    async def page(_: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    async def personas_json(_: Request) -> Response:
        return JSONResponse(list(personas))

    locked = [Middleware(_Locked)]
    return [
        Route("/", page, middleware=locked),
        Mount("/explorer/static", _Bundle(directory=STATIC), middleware=locked),
        Route("/sandbox/personas.json", personas_json),
    ]
