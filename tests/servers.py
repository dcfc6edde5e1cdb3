"""Real servers on private loopback ports, each in a temporary directory of its own and stopped by its process."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.installation import installed

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0
LOOPBACK = "127.0.0.1"
SUPERUSER = "lienthong"
POSTGRESQL_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class NotStarted(Exception):
    """A server ended or stayed silent; the message holds the end of its log."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def temporary_folder(owner: str | None = None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lienthong-", ignore_cleanup_errors=True) as folder:
        if owner:
            shutil.chown(folder, owner)
        yield Path(folder)


@contextlib.contextmanager
def running(
    command: Sequence[str],
    is_ready: Callable[[], bool],
    folder: Path,
    owner: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    workplace: Path | None = None,
) -> Iterator[None]:
    """Keep the server running inside the block, from its first answer on; raises NotStarted.

    Its log goes into `folder`, where it also works unless it has a `workplace` of its own.
    """
    log_path = folder / "server.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=workplace or folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            user=owner,
            group=owner,
            extra_groups=[] if owner else None,
        )
    try:
        _await(process, is_ready, log_path)
        yield
    finally:
        _stop(process, stop_signal)


def _await(process: "subprocess.Popen[bytes]", is_ready: Callable[[], bool], log_path: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            log = log_path.read_text(errors="replace")[-2000:]
            raise NotStarted(f"`{process.args!r}` did not start\n{log}")
        time.sleep(0.05)


def _stop(process: "subprocess.Popen[bytes]", stop_signal: signal.Signals) -> None:
    process.send_signal(stop_signal)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass(frozen=True)
class PostgreSQL:
    """One private cluster; trusts everyone on loopback, promises no durability."""

    port: int

    def database_url(self, name: str) -> str:
        return f"postgresql+asyncpg://{SUPERUSER}@{LOOPBACK}:{self.port}/{name}"

    def fresh_database(self, name: str) -> str:
        """Return the URL of an empty database of that name, in place of any earlier one."""
        self._run("dropdb", "--if-exists", "--force", name)
        self._run("createdb", name)
        return self.database_url(name)

    def is_ready(self) -> bool:
        return subprocess.call(self._command("pg_isready"), stdout=subprocess.DEVNULL) == 0

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([*self._command(program), *arguments], check=True, stderr=subprocess.PIPE)

    def _command(self, program: str) -> list[str]:
        return [installed(program), "-h", LOOPBACK, "-p", str(self.port), "-U", SUPERUSER]


@contextlib.contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    owner = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    with temporary_folder(owner) as folder:
        cluster = str(folder / "cluster")
        layout = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", f"--username={SUPERUSER}", "--no-sync"]
        subprocess.run(
            [installed("initdb"), "-D", cluster, *layout],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            user=owner,
            group=owner,
            extra_groups=[] if owner else None,
        )
        server = PostgreSQL(free_port())
        options = [f"--{name}={value}" for name, value in POSTGRESQL_SETTINGS.items()]
        start = [installed("postgres"), "-D", cluster, "-p", str(server.port), *options]
        # SIGINT is PostgreSQL's fast shutdown; SIGTERM waits for every client to leave
        with running(start, server.is_ready, folder, owner, signal.SIGINT):
            yield server


@contextlib.contextmanager
def pgbouncer(cluster: PostgreSQL, **settings: str) -> Iterator[int]:
    """Yield the port of a PgBouncer that gives each transaction a server; Debian's settings but for those given."""
    owner = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    with temporary_folder(owner) as folder:
        port = free_port()
        own = {
            "listen_addr": LOOPBACK,
            "listen_port": str(port),
            "unix_socket_dir": "",
            "auth_type": "trust",
            "auth_file": str(folder / "users.txt"),
            "pool_mode": "transaction",
        }
        lines = [f"{name} = {value}" for name, value in (own | settings).items()]
        (folder / "users.txt").write_text(f'"{SUPERUSER}" ""\n')
        (folder / "pgbouncer.ini").write_text(
            "\n".join(["[databases]", f"* = host={LOOPBACK} port={cluster.port}", "[pgbouncer]", *lines, ""])
        )
        start = [installed("pgbouncer"), str(folder / "pgbouncer.ini")]
        with running(start, lambda: _accepts(port), folder, owner, signal.SIGINT):
            yield port


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Yield the URL of an empty Redis that keeps nothing on disk."""
    port = free_port()
    options = ["--port", str(port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no"]
    with temporary_folder() as folder, running([installed("redis-server"), *options], lambda: _pongs(port), folder):
        yield f"redis://{LOOPBACK}:{port}/0"


def _pongs(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False
