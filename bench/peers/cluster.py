"""The PostgreSQL cluster of the comparison: made, filled and started once, kept in the bench's folder."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.processes import free_port

TABLES = Path(__file__).parent / "tables.sql"
USER, DATABASE, STATE = "bench", "bench", "lienthong_state"
INSTITUTIONS = 50_000
LEARNERS = 1_000_000
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "2GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "512MB",
    "effective_cache_size": "6GB",
    "max_wal_size": "8GB",
    "jit": "off",
    "random_page_cost": "1.1",
    "autovacuum": "off",  # nothing of its own accord while others are measured
    "max_parallel_workers_per_gather": "0",
    "max_connections": "60",
}


class ClusterMissing(Exception):
    """PostgreSQL is not installed."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster; `pid` is its first process."""

    port: int
    pid: int

    def url(self, database: str, driver: str = "postgresql") -> str:
        return f"{driver}://{USER}@127.0.0.1:{self.port}/{database}"

    def psql(self, database: str, *arguments: str) -> str:
        """Run psql, which stops at the first error, and return what it prints."""
        command = [_program("psql"), "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()  # noqa: S603

    def fresh(self, database: str) -> None:
        """Make an empty database, in place of any earlier one."""
        self.psql("postgres", "-c", f"drop database if exists {database} with (force)")
        self.psql("postgres", "-c", f"create database {database}")

    def transactions(self, database: str) -> int:
        """Return how many statements outside transactions, and transactions, the database has finished."""
        question = "select datname, xact_commit from pg_stat_database where datname is not null"
        rows = (line.split("|") for line in self.psql("postgres", "-c", question).splitlines())
        return {name: int(finished) for name, finished in rows}[database]


@contextmanager
def cluster(folder: Path, learners: int = LEARNERS) -> Iterator[Cluster]:
    """Start the cluster kept in the folder, filling it first if need be (minutes), and stop it in the end."""
    owner = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    data = folder / f"postgresql-{learners}"
    if not (data / "PG_VERSION").exists():
        _made(data, owner)
    port = free_port()
    settings = [f"--{name}={value}" for name, value in {**SETTINGS, "port": str(port)}.items()]
    with (folder / "postgresql.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [_program("postgres"), "-D", str(data), *settings], stdout=log, stderr=log, cwd=data, **_as(owner)
        )
    try:
        running = Cluster(port, process.pid)
        _await(running, process)
        if f"{DATABASE}_full" not in running.psql("postgres", "-c", "select datname from pg_database").splitlines():
            _filled(running, learners)
        yield running
    finally:
        process.send_signal(2)  # SIGINT: disconnects whoever is left
        process.wait(60)


def _made(data: Path, owner: str | None) -> None:
    data.mkdir(parents=True, exist_ok=True)
    if owner:
        shutil.chown(data, owner, owner)
        for parent in (data.parent, *data.parent.parents[:-2]):
            parent.chmod(parent.stat().st_mode | 0o011)
    layout = ["--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8"]
    command = [_program("initdb"), "-D", str(data), *layout]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=data, **_as(owner))  # noqa: S603


def _filled(running: Cluster, learners: int) -> None:
    """Load the rows; the database bears its own name only when it is complete."""
    print(f"filling the comparison's database with {learners:,} learners; this takes minutes, once", flush=True)
    running.fresh(DATABASE)
    institutions = min(INSTITUTIONS, max(1, learners // 20))
    running.psql(DATABASE, "-v", f"learners={learners}", "-v", f"institutions={institutions}", "-f", str(TABLES))
    running.psql("postgres", "-c", f"create database {DATABASE}_full")


def _await(running: Cluster, process: "subprocess.Popen[bytes]") -> None:
    command = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(running.port), "-t", "1"]
    for _ in range(600):
        if process.poll() is not None:
            raise ClusterMissing("PostgreSQL ended while starting: see postgresql.log in the bench's folder")
        if subprocess.call(command) == 0:  # noqa: S603
            return
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise ClusterMissing("PostgreSQL does not start: see postgresql.log in the bench's folder")


def _program(name: str) -> str:
    """Return the newest installed; raises ClusterMissing."""
    versions: Sequence[Path] = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: int(bin_.parent.name))
    found = shutil.which(name, path=str(versions[-1])) if versions else shutil.which(name)
    if found is None:
        raise ClusterMissing(f"`{name}` is not installed (on Debian: apt-get install postgresql)")
    return found


def _as(owner: str | None) -> dict[str, Any]:
    return {"user": owner, "group": owner, "extra_groups": []} if owner else {}
