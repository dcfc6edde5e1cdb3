"""The servers compared: how each is started, and which spelling of the queries it understands."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.peers.bodies import OURS, PLAIN, POSTGRAPHILE
from bench.peers.cluster import DATABASE, Cluster

NODE = Path(__file__).parent / "node"
ROOT = Path(__file__).parent.parent.parent


class NodeMissing(Exception):
    """npm is not installed, or could not install the peers."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """`warm`: requests before the first measurement, by query; Node compiles what it has seen often.

    `identified`: its requests carry a token and a purpose.
    """

    name: str
    spelling: str
    command: Sequence[str]
    environment: Mapping[str, str]
    warm: Mapping[str, int]
    identified: bool = False


COLD = {"q1": 100, "q2": 30, "q3": 20}
COMPILING = {"q1": 1500, "q2": 300, "q3": 150}


def contestants(cluster: Cluster, folder: Path, settings: Path) -> dict[str, Contestant]:
    """Return them by name; `settings` is what `product.prepared` wrote."""
    node = installed_node(folder)
    database = {"DATABASE": cluster.url(DATABASE)}
    production = {**database, "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    path = {"PYTHONPATH": str(ROOT)}
    uvicorn = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    module = [sys.executable, "-P", "-m"]
    ceiling = [*module, "uvicorn", "--factory", "bench.peers.ceiling:app", "--port", "{port}", *uvicorn]
    ours, duties = ([*module, f"bench.peers.{name}", str(settings), "{port}"] for name in ("product", "duties"))
    executable = str(node / "node_modules" / "node" / "bin" / "node")
    known = (
        Contestant("lienthong", OURS, ours, path, COLD, identified=True),
        Contestant("mercurius-jit", PLAIN, [executable, str(node / "mercurius.cjs")], production, COMPILING),
        Contestant("postgraphile", POSTGRAPHILE, [executable, str(node / "postgraphile.mjs")], production, COMPILING),
        Contestant("by hand", PLAIN, ceiling, {**database, **path}, COLD),
        Contestant("with duties", PLAIN, duties, path, COLD, identified=True),
    )
    return {contestant.name: contestant for contestant in known}


def installed_node(folder: Path) -> Path:
    """Install the pinned packages, Node itself among them, once for each state of their lock; return their folder."""
    target = folder / "node"
    stamp = target / "installed.sha256"
    lock_hash = hashlib.sha256((NODE / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != lock_hash:
        npm = shutil.which("npm")
        if npm is None:
            raise NodeMissing("`npm` installs the peers: install it (on Debian: apt-get install npm)")
        print("installing the peers' packages", flush=True)
        shutil.copytree(NODE, target, dirs_exist_ok=True)
        done = subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=target, check=False)  # noqa: S603
        if done.returncode:
            raise NodeMissing("npm could not install the peers' packages")
        stamp.write_text(lock_hash)
    for source in NODE.iterdir():
        if source.suffix in (".cjs", ".mjs", ".graphql"):
            shutil.copy(source, target)
    return target
