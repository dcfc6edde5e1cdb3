"""What the load generator prints is read, and a process's cost is what the kernel says."""

import os
import time

import pytest

from bench.load import Burst, parsed
from bench.processes import cpu_s, memory_mib, tree


def test_the_last_result_is_read() -> None:
    output = "Running 8s test\nRESULT 1600 8000000 4096 1500 9250 2\n"
    assert parsed(output) == Burst(answered=1600, seconds=8.0, bytes=4096, p50_ms=1.5, p99_ms=9.25, bad=2)


def test_output_without_a_result_is_refused() -> None:
    with pytest.raises(ValueError, match="no result: unable to connect"):
        parsed("unable to connect")


def test_the_cost_of_a_process_is_that_of_its_tree() -> None:
    before = cpu_s(os.getpid())
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    assert 0.15 < cpu_s(os.getpid()) - before < 5
    assert memory_mib(os.getpid()) > 5
    assert tree(os.getpid())[0] == os.getpid()
