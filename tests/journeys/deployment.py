"""A deployment: replicas over PostgreSQL registers and state, Redis, and a real OpenID provider."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey

from auth.agreements.grants import Grants
from auth.principal import Grant, Jurisdiction
from auth.state.engine import migrated_engine
from sandbox import registers
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
required = {"true" if register == "education" else "false"}
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
        """Return the answer to a query for the examination office's purpose."""
        return httpx2.post(
            f"{self.url}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}", "Purpose": "admission-priority"},
            timeout=timeout_s,
        )


class CitizensIssuer:
    """Stands for the citizens' identity provider: signs tokens of the app through which citizens come."""

    ISSUER, CLIENT = "urn:test:citizens", "vneid-app"

    def __init__(self) -> None:
        self._key = ECKey.generate_key("P-256", parameters={"kid": "citizens"})

    def section(self) -> str:
        """Return what the issuers' configuration says of it."""
        public = {**self._key.as_dict(private=False), "alg": "ES256", "use": "sig"}
        key = ", ".join(f'{name} = "{value}"' for name, value in public.items() if isinstance(value, str))
        return (
            f'[[issuers]]\nissuer = "{self.ISSUER}"\naudience = "{AUDIENCE}"\njwks = {{ keys = [{{ {key} }}] }}\n'
            '[issuers.claims]\nperson = "citizen_id"\nlevels = { "vneid:2" = 2 }\n'
        )

    def token(self, citizen_id: str) -> str:
        now = int(time.time())
        claims = {"iss": self.ISSUER, "aud": AUDIENCE, "sub": "a citizen", "client_id": self.CLIENT, "acr": "vneid:2"}
        header = {"alg": "ES256", "typ": "at+jwt", "kid": "citizens"}
        own = {"citizen_id": citizen_id, "iat": now, "exp": now + 3600, "jti": secrets.token_hex(8)}
        return jwt.encode(header, {**claims, **own}, self._key)


@dataclass
class Deployment:
    """Replicas that share everything, and the folder of their policies."""

    replicas: list[Replica]
    policies: Path
    provider: OpenIdProvider
    postgresql: PostgreSQL
    state_url: str
    master: bytes
    citizens: CitizensIssuer
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, client_id: str) -> str:
        if client_id not in self.tokens:
            self.tokens[client_id] = self.provider.token(client_id, AUDIENCE)
        return self.tokens[client_id]


@contextmanager
def deployment(
    folder: Path, cluster: PostgreSQL, redis_url: str, provider: OpenIdProvider, replicas: int = 2
) -> Iterator[Deployment]:
    """Replicas, started as docs/operating.md says and stopped by SIGTERM."""
    for register in registers.REGISTERS:  # other tests have left theirs in this cluster
        cluster.fresh_database(register)
    load(cluster.database_url("postgres").replace("+asyncpg", ""), LEARNERS, 1, lambda *_: None, workers=1)
    state_url = cluster.fresh_database("state")
    asyncio.run(_grant(state_url))
    citizens, master = CitizensIssuer(), secrets.token_bytes(32)
    (folder / "registers.toml").write_text(REGISTERS)
    (folder / "issuers.toml").write_text(
        f'[[issuers]]\nissuer = "{provider.issuer}"\naudience = "{AUDIENCE}"\njwks_url = "{provider.jwks_url}"\n'
        + citizens.section()
    )
    policies = folder / "policies"
    shutil.copytree(ROOT / "policies", policies)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LIENTHONG_")},
        "LIENTHONG_REGISTERS": str(folder / "registers.toml"),
        "LIENTHONG_REGISTER_DATABASE_USER": cluster.database_url("x").split("//")[1].split("@")[0],
        "LIENTHONG_REGISTER_DATABASE_HOST": f"{LOOPBACK}:{cluster.port}",
        "LIENTHONG_STATE_URL": state_url,
        "LIENTHONG_MASTER_SECRET": master.hex(),
        "LIENTHONG_ISSUERS": str(folder / "issuers.toml"),
        "LIENTHONG_REDIS_URL": redis_url,
        "LIENTHONG_POLICIES": str(policies),
    }
    with ExitStack() as stack:
        logs = [folder / f"replica-{number}.log" for number in range(replicas)]
        started = [stack.enter_context(_replica(log, environment)) for log in logs]
        yield Deployment(started, policies, provider, cluster, state_url, master, citizens)


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
    options = "--loop uvloop --http schema.http.protocol:BoundedHeaders --no-access-log --timeout-graceful-shutdown 20"
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
