"""A deployment: replicas over PostgreSQL registers and state, Redis, and a real OpenID provider."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx2

from auth.grants import Grants
from auth.principal import Grant, Jurisdiction
from auth.state.engine import migrated_engine
from sandbox.load_postgres import load
from tests.oidc.provider import OpenIdProvider
from tests.servers import LOOPBACK, PostgreSQL, free_port

ROOT = Path(__file__).parent.parent.parent
AUDIENCE = "lienthong"
LEARNERS = 300
PER_MINUTE = 50

REGISTERS = "".join(
    f"""
[registers.{register}]
kind = "sql"
url = "postgresql+asyncpg://{{database_user}}@{{database_host}}/{register}"
normalised = true
pool = 4
deadline_s = 4.0
"""
    + "".join(f'[registers.{register}.records.{record}]\ntable = "{record}s"\n' for record in records)
    for register, records in {
        "education": ("institution", "learner", "enrolment"),
        "credentials": ("credential",),
        "population": ("citizen", "guardianship", "residence_period"),
    }.items()
)


@dataclass
class Replica:
    """One process of the server, and what it says of itself."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def ready(self) -> dict[str, Any]:
        answer: dict[str, Any] = httpx2.get(f"{self.url}/readyz", timeout=5).json()
        return answer

    def ask(self, token: str, query: str, timeout_s: float = 15, **variables: Any) -> "httpx2.Response":
        return httpx2.post(
            f"{self.url}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}", "Purpose": "admission-priority"},
            timeout=timeout_s,
        )


@dataclass
class Deployment:
    """Two replicas that share everything, and the folder of their policies."""

    replicas: list[Replica]
    policies: Path
    provider: OpenIdProvider
    postgresql: PostgreSQL
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, client_id: str) -> str:
        if client_id not in self.tokens:
            self.tokens[client_id] = self.provider.token(client_id, AUDIENCE)
        return self.tokens[client_id]


@contextmanager
def deployment(folder: Path, cluster: PostgreSQL, redis_url: str, provider: OpenIdProvider) -> Iterator[Deployment]:
    """Two replicas, started as docs/operating.md says and stopped by SIGTERM."""
    load(cluster.database_url("postgres").replace("+asyncpg", ""), LEARNERS, 1, lambda *_: None, workers=1)
    state_url = cluster.fresh_database("state")
    asyncio.run(_grant(state_url))
    (folder / "registers.toml").write_text(REGISTERS)
    (folder / "issuers.toml").write_text(
        f'[[issuers]]\nissuer = "{provider.issuer}"\naudience = "{AUDIENCE}"\njwks_url = "{provider.jwks_url}"\n'
    )
    policies = folder / "policies"
    shutil.copytree(ROOT / "policies", policies)
    environment = {
        **os.environ,
        "LIENTHONG_REGISTERS": str(folder / "registers.toml"),
        "LIENTHONG_REGISTER_DATABASE_USER": cluster.database_url("x").split("//")[1].split("@")[0],
        "LIENTHONG_REGISTER_DATABASE_HOST": f"{LOOPBACK}:{cluster.port}",
        "LIENTHONG_STATE_URL": state_url,
        "LIENTHONG_MASTER_SECRET": secrets.token_hex(32),
        "LIENTHONG_ISSUERS": str(folder / "issuers.toml"),
        "LIENTHONG_REDIS_URL": redis_url,
        "LIENTHONG_POLICIES": str(policies),
    }
    with ExitStack() as stack:
        replicas = [stack.enter_context(_replica(folder / f"replica-{name}.log", environment)) for name in "ab"]
        yield Deployment(replicas, policies, provider, cluster)


async def _grant(state_url: str) -> None:
    engine = await migrated_engine(state_url)
    country = Jurisdiction(country=True)
    since = date(2026, 1, 1)
    grant = Grant("exam-office", "examination-office", "admission-priority", country, since, None)
    await Grants(engine).save(grant)
    await Grants(engine).save(
        Grant(
            "school", "examination-office", "admission-priority", country, since, None, requests_per_minute=PER_MINUTE
        )
    )
    await engine.dispose()


@contextmanager
def _replica(log_path: Path, environment: dict[str, str]) -> Iterator[Replica]:
    port = free_port()
    options = "--loop uvloop --http httptools --no-access-log --timeout-graceful-shutdown 20"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--factory", "server:deployed", "--port", str(port), *options.split()],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            replica = Replica(f"http://{LOOPBACK}:{port}", process, log_path)
            _wait(replica)
            yield replica
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(25)


def _wait(replica: Replica) -> None:
    for _ in range(300):
        if replica.process.poll() is not None:
            break
        try:
            if replica.ready()["ready"]:
                return
        except httpx2.TransportError:
            pass
        try:
            replica.process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError(f"the replica did not start: {replica.log.read_text()[-2000:]}")
