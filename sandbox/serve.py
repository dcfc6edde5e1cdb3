"""The embedded product on synthetic registers: `python -m sandbox.serve [--port P] [--data DIR] [--learners N]`."""

import argparse
import asyncio
import os
import secrets
import socket
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import uvicorn
import uvloop
from rich.console import Console
from rich.markup import escape
from starlette.applications import Starlette

from auth.agreements.file import read_agreements
from auth.agreements.store import Agreement, Agreements
from auth.authentication.issuers import issuer_of
from auth.crypto.keys import MASTER_BYTES
from auth.deployment.settings import Settings
from auth.deployment.starting import NO_STATE, starting
from auth.errors import NotStarted
from auth.limits.address_quotas import FOR_ALL, AddressLimits
from auth.policy.policy_set import PolicySet
from auth.state.engine import migrated_engine
from sandbox.examples import examples_of
from sandbox.explorer import explorer_routes
from sandbox.issuer import SandboxIssuer
from sandbox.personas import PERSONAS, Persona
from sandbox.population import population_app
from sandbox.seed import DATA, LEARNERS, ensure_seeded, learners_number, progress_bars
from schema.http.protocol import BoundedHeaders
from server import configure_logging, create_app

HERE = Path(__file__).parent.parent
AGREEMENTS = HERE / "sandbox" / "agreements.toml"


@dataclass(frozen=True, slots=True)
class PopulationService:
    """Where the sandbox's population service listens, and the token it takes."""

    url: str
    token: str


def sandbox_settings(data: Path, population: PopulationService, issuer: SandboxIssuer, **others: Any) -> Settings:
    """Return the settings of the embedded default: SQLite files, the sandbox's issuer, and no shared state."""
    registers = tomllib.loads((HERE / "registers.toml").read_text(encoding="utf-8"))
    settings: dict[str, Any] = {
        "registers": registers,
        "variables": {"data": str(data), "population_url": population.url, "population_token": population.token},
        "state_url": f"sqlite+aiosqlite:///{data}/state.sqlite",
        "master_secret": _master_secret(data),
        "issuers": [issuer_of(issuer.settings())],
        # everybody here comes from one address
        "address_limits": AddressLimits(FOR_ALL, FOR_ALL, FOR_ALL),
        **others,
    }
    return Settings(**settings)


async def save_agreements(state_url: str) -> None:
    """Give the agencies among the personas the agreements of `agreements.toml`, and no others."""
    engine = await migrated_engine(state_url)
    try:
        await Agreements(engine).replace(agreements())
    finally:
        await engine.dispose()


def agreements() -> tuple[Agreement, ...]:
    """Return the agreements of the sandbox's clients."""
    return read_agreements(AGREEMENTS, PolicySet.load(HERE / "policies"))


def described(persona: Persona) -> dict[str, Any]:
    """Return a persona as the page shows it."""
    return {
        "name": persona.name,
        "kind": persona.kind,
        "title": {"vi": persona.title_vi, "en": persona.title_en},
        "purposes": list(persona.purposes),
        "queries": examples_of(persona.name),
    }


def sandbox_app(settings: Settings, issuer: SandboxIssuer) -> Starlette:
    """Return the application with the page and the sandbox's issuer on top."""
    routes = [*explorer_routes([described(persona) for persona in PERSONAS.values()]), *issuer.routes()]
    return create_app(settings, routes, alone=True)


def listening(port: int = 0) -> socket.socket:
    """Return a socket bound to the loopback address; port 0 takes a free one."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        bound.close()
        why = error.strerror if isinstance(error, OSError) else "ports go from 0 to 65535"
        raise NotStarted(f"--port must be a free port of 127.0.0.1: {port}: {why}") from None
    return bound


@asynccontextmanager
async def population_service(data: Path) -> AsyncIterator[PopulationService]:
    """The population register, served on a free loopback port for as long as the context lasts."""
    token = secrets.token_urlsafe(32)
    app = population_app(f"sqlite+aiosqlite:///{data}/population.sqlite", token)
    bound = listening()
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    task = asyncio.create_task(server.serve([bound]), name="population register")
    try:
        yield PopulationService(f"http://127.0.0.1:{bound.getsockname()[1]}", token)
    finally:
        server.should_exit = True
        await task


async def serve(bound: socket.socket, data: Path) -> None:
    """Serve at the socket until interrupted. Raises NotStarted."""
    issuer = SandboxIssuer(data)
    async with population_service(data) as population:
        settings = sandbox_settings(data, population, issuer)
        with starting("--data must be a folder whose state.sqlite is ours", *NO_STATE):
            await save_agreements(settings.state_url)
        Console().print(greeting(bound.getsockname()[1], data), highlight=False, soft_wrap=True)
        app = sandbox_app(settings, issuer)
        config = uvicorn.Config(app, http=BoundedHeaders, log_level="warning", access_log=False)
        await uvicorn.Server(config).serve([bound])


def _master_secret(data: Path) -> bytes:
    """Return the sandbox's master secret, made on first use and kept beside the registers."""
    path = data / "sandbox-master.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(os.urandom(MASTER_BYTES))
    secret = path.read_bytes()
    if len(secret) != MASTER_BYTES:
        raise NotStarted(f"{path} must hold a master secret of {MASTER_BYTES} bytes")
    return secret


def greeting(port: int, data: Path) -> str:
    """Return what is said at the start, with a first query: its token is of the issuer whose key lies in `data`."""
    folder = "" if data == DATA else f" --data {quote(str(data.resolve()))}"
    citizens, clients = (
        ", ".join(persona.name for persona in PERSONAS.values() if persona.kind == kind)
        for kind in ("citizen", "client")
    )
    first = (
        f"  curl -s http://127.0.0.1:{port}/graphql \\\n"
        f'    -H "Authorization: Bearer $(./lienthong token graduate{folder})" -H "Content-Type: application/json" \\\n'
        '    -d \'{"query":"{ me { identity { fullName } learners { credentials { title status } } } }"}\'\n'
    )
    return (
        f"\n[bold]Liên thông[/] is at [link]http://127.0.0.1:{port}/[/link]  (GraphiQL; stop with Ctrl-C)\n\n"
        f"citizens: {citizens}\nclients:  {clients}\n\n"
        f"A first query, in another terminal:\n\n{escape(first)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="lienthong serve", description="serve the synthetic registers")
    parser.add_argument("--port", type=int, default=8000, help="loopback port; 8000 by default")
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help=f"data folder; {DATA} by default")
    parser.add_argument(
        "--learners", type=learners_number, default=LEARNERS, metavar="N", help=f"{LEARNERS} by default"
    )
    options = parser.parse_args()
    try:
        bound = listening(options.port)
        with progress_bars(Console()) as report:
            ensure_seeded(options.data, options.learners, report=report)
        configure_logging()
        uvloop.run(serve(bound, options.data))
    except NotStarted as error:
        sys.exit(f"lienthong: {error}")
    except OSError as error:
        sys.exit(f"lienthong: --data must be a folder that can be written to: {error.strerror}: {error.filename}")


if __name__ == "__main__":
    main()
