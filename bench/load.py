"""Load from `wrk`: how many requests were answered, how fast, and what each cost the server."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Server, cpu_s, memory_mib

SCRIPT = Path(__file__).parent / "requests.lua"


class WrkMissing(Exception):
    """The load generator is not installed."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What wrk saw. `bad`: answers with an error status, and connections that failed."""

    answered: int
    seconds: float
    bytes: int
    p50_ms: float
    p99_ms: float
    bad: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What a server did under load, per request. `database_ms`: CPU of PostgreSQL."""

    requests: int
    cpu_ms: float
    database_ms: float
    per_second: float
    p50_ms: float
    p99_ms: float
    memory_mib: float
    bytes: float
    bad: int


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked: a file of bodies, a file of headers, so many requests at a time."""

    bodies: Path
    headers: Path
    concurrent: int
    cores: str = "1"

    def burst(self, port: int, seconds: float) -> Burst:
        """Raises WrkMissing."""
        if shutil.which("wrk") is None:
            raise WrkMissing("`wrk` makes the load: install it (on Debian: apt-get install wrk)")
        command = ["taskset", "-c", self.cores, "wrk", "-t1", f"-c{self.concurrent}", f"-d{max(1, round(seconds))}s"]
        command += ["--timeout", "30s", "-s", str(SCRIPT), f"http://127.0.0.1:{port}/graphql"]
        environment = {**os.environ, "BODIES": str(self.bodies), "HEADERS": str(self.headers)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
        return parsed(done.stdout)

    def warm(self, server: Server, requests: int, most_s: float) -> None:
        """Ask at least so many times, or so long: compilers of queries warm up by number and not by time."""
        answered, spent = 0, 0.0
        while answered < requests and spent < most_s:
            burst = self.burst(server.port, 2)
            answered, spent = answered + burst.answered, spent + burst.seconds
        server.settled()

    def sample(self, server: Server, database: int | None, seconds: float) -> Sample:
        """Return the cost of a request: CPU is read when what wrk left in flight has been worked off, and counted."""
        server.settled()
        own, others = cpu_s(server.pid), cpu_s(database) if database else 0.0
        burst = self.burst(server.port, seconds)
        server.settled()
        requests = burst.answered + self.concurrent
        return Sample(
            requests,
            1000 * (cpu_s(server.pid) - own) / requests,
            1000 * (cpu_s(database) - others) / requests if database else 0.0,
            burst.answered / burst.seconds,
            burst.p50_ms,
            burst.p99_ms,
            memory_mib(server.pid),
            burst.bytes / max(burst.answered, 1),
            burst.bad,
        )


def parsed(output: str) -> Burst:
    """Return what the script's last line says; raises ValueError where it says nothing."""
    lines = [line.split()[1:] for line in output.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise ValueError(f"wrk gave no result: {output[-500:]}")
    answered, microseconds, size, p50, p99, bad = map(int, lines[-1])
    return Burst(answered, microseconds / 1e6, size, p50 / 1000, p99 / 1000, bad)
