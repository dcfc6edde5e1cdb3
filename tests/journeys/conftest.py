"""The product as a newcomer starts it, once for all journeys."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.journeys.callers import Callers

LEARNERS = 400
ROOT = Path(__file__).parent.parent.parent
START_S = 60


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Callers"]:
    """`serve` on fresh registers; its log is in the data folder, and it must stop cleanly when told to."""
    data = tmp_path_factory.mktemp("served")
    port = _free_port()
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.serve", "--port", str(port), "--data", data, "--learners", str(LEARNERS)],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONWARNINGS": "default"},
        )
        try:
            callers = Callers(f"http://127.0.0.1:{port}", data)
            _wait(callers.url, process, data / "log")
            yield callers
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(15)
    assert status in (0, -signal.SIGTERM)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if httpx2.get(f"{url}/readyz", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
