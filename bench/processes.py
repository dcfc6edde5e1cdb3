"""What a running process costs, read from Linux's /proc: CPU time and memory of it and of all below it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_STOP_S = 10.0


class ProcessNotStarted(Exception):
    """A server ended, or does not listen in time; the message says where its output is."""


def tree(root: int) -> list[int]:
    """Return the process and all below it."""
    children: dict[int, list[int]] = {}
    for pid in (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()):
        if (stat := _stat(pid)) is not None:
            children.setdefault(int(stat[1]), []).append(pid)
    found, open_ = [], [root]
    while open_:
        found.append(pid := open_.pop())
        open_.extend(children.get(pid, ()))
    return found


def cpu_s(root: int) -> float:
    """Return the CPU time, user and system, of the tree and of those of its children that have ended."""
    ticks = 0
    for pid in tree(root):
        if (stat := _stat(pid)) is not None:
            ticks += int(stat[11]) + int(stat[12]) + (int(stat[13]) + int(stat[14]) if pid == root else 0)
    return ticks / _TICKS_PER_S


def memory_mib(root: int) -> float:
    """Return the proportional set size of the tree: shared pages count by share."""
    kib = 0
    for pid in tree(root):
        with suppress(OSError):
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
            kib += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kib / 1024


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat after the command's name, None for a process that has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def pinned(pid: int, cores: str) -> None:
    """Keep every thread of the tree on these cores."""
    for process_id in tree(pid):
        subprocess.run(  # noqa: S603
            ["taskset", "-acp", cores, str(process_id)],  # noqa: S607
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


class Server:
    """A server of its own process group, listening on a loopback port; stopped by its ids when the block ends."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], cores: str, log: Path):
        self.name = name
        self.port = free_port()
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        filled = [word.replace("{port}", str(self.port)) for word in command]
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603
                ["taskset", "-c", cores, *filled],  # noqa: S607
                env={**os.environ, **environment, "PORT": str(self.port)},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> "Server":
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            time.sleep(0.05)
        self.__exit__()
        raise ProcessNotStarted(f"`{self.name}` does not listen: see {self._log}")

    def __exit__(self, *_: object) -> None:
        pids = tree(self.pid) if self._process.poll() is None else []
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_S)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def settled(self, longest_s: float = 60.0) -> None:
        """Return when the server has worked off what the load generator left behind."""
        deadline, quiet, before = time.monotonic() + longest_s, 0, cpu_s(self.pid)
        while quiet < 3 and time.monotonic() < deadline:
            time.sleep(0.1)
            now = cpu_s(self.pid)
            quiet = quiet + 1 if now - before < 0.02 else 0
            before = now


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
