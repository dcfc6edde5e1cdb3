"""Our server on the peers' database, with policy, facts and audit on: `python -m bench.peers.product SETTINGS`.

The registers are the peers' tables by configuration alone; the state is a database of its own in the same cluster.
"""

import asyncio
import hashlib
import json
import shutil
import sys
import tomllib
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncpg
import uvicorn
import uvloop
from starlette.applications import Starlette

from auth.agreements.grants import Grants
from auth.authentication.issuers import issuer_of
from auth.crypto.keys import Keys
from auth.deployment.settings import Settings
from auth.principal import Grant, Jurisdiction
from auth.state.engine import migrated_engine
from bench.peers.cluster import DATABASE, STATE, Cluster
from sandbox.issuer import SandboxIssuer
from sandbox.personas import Persona
from schema.http.protocol import BoundedHeaders
from server import configure_logging, create_app

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PURPOSE = "bench"
REGISTRAR = Persona("registrar", "client", "Đo hiệu năng", "Measurements", "bench", ("bench-registrar",), (PURPOSE,), 0)
MASTER_SECRET = hashlib.sha256(b"synthetic data only").digest()
CONSENTING = 10
"""One learner in so many has given a consent, so that the facts differ by row and the look-up finds rows."""


def prepared(cluster: Cluster, folder: Path, learners: int, *, consents: bool = True, **settings: Any) -> Path:
    """Make the state anew, write the policies, and return the file with the settings for `served`.

    Without `consents` no rule asks for one, and none is read.
    """
    cluster.fresh(STATE)
    state_url = cluster.url(STATE, "postgresql+asyncpg")
    asyncio.run(_seeded(state_url, cluster.url(STATE), learners))
    cluster.psql(STATE, "-c", "vacuum analyze")
    written = folder / "product.json"
    own = {"state_url": state_url, "database": cluster.url(DATABASE, "postgresql+asyncpg")}
    policies = {"policies": str(written_policies(folder / "policies", consents=consents))}
    written.write_text(json.dumps({"folder": str(folder), "settings": settings, **own, **policies}))
    return written


def written_policies(folder: Path, *, consents: bool = True) -> Path:
    """Write the committed policies with the bench's one role, its purpose and its rules beside them."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "policies", folder)
    for rule in ("registrar.cedar", "consented.cedar") if consents else ("registrar.cedar",):
        shutil.copy(HERE / "policies" / rule, folder)
    for name in ("roles.toml", "purposes.toml"):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("\n" + (HERE / "policies" / name).read_text("utf-8"))
    return folder


def headers(folder: Path) -> Path:
    """Write the headers of a request of ours: a fresh token, good for an hour, and the purpose."""
    path = folder / "headers-ours.txt"
    token = SandboxIssuer(folder).issue(REGISTRAR, PURPOSE)
    path.write_text(f"Authorization: Bearer {token}\nPurpose: {PURPOSE}\n")
    return path


def registrar_grant() -> Grant:
    everywhere = Jurisdiction(country=True)
    role, purpose, since = REGISTRAR.roles[0], PURPOSE, date(2026, 1, 1)
    unlimited: dict[str, Any] = {
        name.name: 2**31 - 1 for name in fields(Grant) if name.name.endswith(("_per_minute", "_per_day"))
    }
    return Grant(REGISTRAR.client_id, role, purpose, everywhere, since, None, MappingProxyType({}), **unlimited)


async def _seeded(state_url: str, dsn: str, learners: int) -> None:
    engine = await migrated_engine(state_url)
    try:
        await Grants(engine).save(registrar_grant())
    finally:
        await engine.dispose()
    keys, now = Keys(MASTER_SECRET), datetime.now(UTC)
    consenting = (keys.pseudonym(str(learner)) for learner in range(CONSENTING, learners + 1, CONSENTING))
    categories = json.dumps(["identity.name"])
    terms = (REGISTRAR.client_id, PURPOSE, categories, now, date(2099, 1, 1), True, False, now, 1)
    columns = (
        "subject client_id purpose categories given_at valid_to needs_subject needs_guardian subject_agreed_at version"
    )
    connection = await asyncpg.connect(dsn)
    try:
        rows = [(subject, *terms) for subject in consenting]
        await connection.copy_records_to_table("consents", records=rows, columns=columns.split())
    finally:
        await connection.close()


def database_of(settings_file: Path) -> str:
    """Return the URL of the peers' database as the driver wants it."""
    database: str = json.loads(settings_file.read_text())["database"]
    return database.replace("postgresql+asyncpg", "postgresql", 1)


def application(settings_file: Path) -> Starlette:
    """Return the application as `server.py` composes it; settings it does not have are left out."""
    given = json.loads(settings_file.read_text())
    known = {field.name for field in fields(Settings)}
    settings = Settings(
        registers=tomllib.loads((HERE / "registers.toml").read_text("utf-8")),
        variables={"database": given["database"]},
        state_url=given["state_url"],
        master_secret=MASTER_SECRET,
        issuers=[issuer_of(SandboxIssuer(Path(given["folder"])).settings())],
        policies=Path(given["policies"]),
        **{name: value for name, value in given["settings"].items() if name in known},
    )
    configure_logging()
    return create_app(settings, alone=True)


def main() -> None:
    serve(application(Path(sys.argv[1])), int(sys.argv[2]))


def serve(app: Any, port: int) -> None:
    """Serve an ASGI application until the process is told to stop."""
    config = uvicorn.Config(app, port=port, http=BoundedHeaders, log_level="warning", access_log=False)
    uvloop.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
