"""`bench hostile`: what one hostile request costs us, makes others wait and leaves behind, over HTTP on one server."""

import http.client
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import orjson

from bench.hostile_shapes import SHAPES
from bench.processes import PROC, Server, memory_mib
from bench.results import Results
from sandbox.issuer import SandboxIssuer
from sandbox.personas import PERSONAS

CORES = "0,1"
LEARNERS = 2_000
CLIENT, PURPOSE = "dept-hanoi", "school-management"
PULSE_S = 0.01
DOCUMENTS, DOCUMENT_CHARACTERS = 550, 7_500
CHOICES = 90
MINUTE_S = 61.0
COLUMNS = ("caller", "request", "answer", "CPU ms", "stall ms", "stays MiB")
WANTED = {"CPU ms": 50.0, "stall ms": 100.0, "stays MiB": 20.0}


class Call(NamedTuple):
    name: str
    body: bytes
    headers: Mapping[str, str] = {}


def run(folder: Path) -> Results:
    """Send each shape as nobody and as a client. The ratios are the worst figures to those wanted."""
    data = folder / "hostile"
    command = [sys.executable, "-P", "-m", "sandbox.serve", "--port", "{port}", "--data", str(data)]
    environment = {"PYTHONPATH": str(Path(__file__).parent.parent)}
    results = Results("hostile", "worst figure beside the one wanted; less is better", COLUMNS, unit="CPU ms")
    with ExitStack() as stack:
        log = folder / "logs" / "hostile.log"
        server = stack.enter_context(
            Server("hostile", [*command, "--learners", str(LEARNERS)], environment, CORES, log)
        )
        token = SandboxIssuer(data).issue(PERSONAS[CLIENT], PURPOSE)
        callers = {"nobody": {}, "client": {"Authorization": f"Bearer {token}", "Purpose": PURPOSE}}
        for _ in range(20):
            _sent(server.port, Call("", b'{"query":"{__typename}"}'))
        for caller, headers in callers.items():
            for call in calls(headers):
                results.rows.append((caller, call.name, *_measured(server, call)))
        time.sleep(MINUTE_S)  # a new minute of the quota
        for name, bodies in floods():
            results.rows.append(("nobody", name, *_flooded(server, bodies)))
            time.sleep(MINUTE_S)
    worst = {column: max(float(row[COLUMNS.index(column)]) for row in _single(results)) for column in WANTED}
    results.ratio = {
        f"{column}: {worst[column]:.1f} of {wanted:.0f}": worst[column] / wanted for column, wanted in WANTED.items()
    }
    results.bars = [
        (f"{row[1]} ({row[0]})", "", row[3]) for row in sorted(_single(results), key=lambda row: -row[3])[:20]
    ]
    return results


def _single(results: Results) -> list[tuple[str, str, str, float, float, float]]:
    return [row for row in results.rows if row[3]]  # type: ignore[misc]


def calls(headers: Mapping[str, str]) -> Iterator[Call]:
    """Yield the shapes as requests, and those that are hostile before a document is read."""
    for shape in SHAPES:
        body = {"query": shape.query, "variables": shape.variables, "operationName": shape.operation_name}
        yield Call(shape.name, orjson.dumps(body), headers)
    plain = b'{"query":"{__typename}"}'
    yield Call(
        "JSON nested 100,000 deep",
        b'{"query":"{__typename}","variables":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        headers,
    )
    yield Call("a body of 20 MB", b'{"query":"{__typename}#' + b"x" * 20_000_000 + b'"}', headers)
    for name in ("Accept", "Accept-Language", "Case", "Break-Glass", "X-Long"):
        yield Call(f"{name} of 30,000 bytes", plain, {**headers, name: "%cc%81," * 4_200})
    yield Call("a header of 20 MB", plain, {**headers, "X-Long": "x" * 20_000_000})
    yield Call("2,000 headers", plain, {**headers, **{f"X-{at}": "y" for at in range(2_000)}})


def floods() -> Iterator[tuple[str, list[bytes]]]:
    """Yield what fills caches: different documents, and one document under many choices."""
    fields = " ".join(f"a{at}: name" for at in range(190))
    padding = "# " + "x" * (DOCUMENT_CHARACTERS - len(fields) - 60)
    texts = [
        f"{{ institutions(first: 1) {{ nodes {{ z{at}: name {fields} }} }} }} {padding}" for at in range(DOCUMENTS)
    ]
    yield f"{DOCUMENTS} documents of 7.5 kB", [orjson.dumps({"query": text}) for text in texts]
    names = [f"c{at}" for at in range(CHOICES)]
    declared = " ".join(f"${name}: Boolean!" for name in names)
    chosen = " ".join(f"{name}: name @include(if: ${name})" for name in names)
    query = f"query({declared}) {{ institutions(first: 1) {{ nodes {{ {chosen} }} }} }}"
    bodies = [
        orjson.dumps({"query": query, "variables": {name: bool(at >> bit & 1) for bit, name in enumerate(names)}})
        for at in range(DOCUMENTS)
    ]
    yield f"{DOCUMENTS} choices of 90 variables", bodies


def _measured(server: Server, call: Call) -> tuple[str, float, float, float]:
    """Return the answer's status and size, CPU of the first sending, the stall of the second, memory after both."""
    before_mib = memory_mib(server.pid)
    before_s = _cpu_s(server.pid)
    answer = _sent(server.port, call)
    time.sleep(0.02)
    spent_ms = (_cpu_s(server.pid) - before_s) * 1_000
    stall_ms = _stall_ms(server.port, lambda: _sent(server.port, call))
    return answer, spent_ms, stall_ms, memory_mib(server.pid) - before_mib


def _flooded(server: Server, bodies: list[bytes]) -> tuple[str, float, float, float]:
    before_mib = memory_mib(server.pid)
    answers = {_sent(server.port, Call("", body)).split(",")[0] for body in bodies}
    return " ".join(sorted(answers)), 0.0, 0.0, memory_mib(server.pid) - before_mib


def _sent(port: int, call: Call) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/graphql", call.body, {"Content-Type": "application/json", **call.headers})
        response = connection.getresponse()
        return f"{response.status}, {len(response.read())} B"
    except OSError as error:
        return type(error).__name__
    finally:
        connection.close()


def _stall_ms(port: int, send: Callable[[], object]) -> float:
    """Return the longest that somebody else waited for `/healthz` meanwhile."""
    stop, longest = threading.Event(), [0.0]

    def pulse() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not stop.is_set():
            started = time.perf_counter()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            longest[0] = max(longest[0], time.perf_counter() - started)
            time.sleep(PULSE_S)
        connection.close()

    thread = threading.Thread(target=pulse)
    thread.start()
    time.sleep(2 * PULSE_S)
    longest[0] = 0.0
    send()
    stop.set()
    thread.join()
    return longest[0] * 1_000


def _cpu_s(pid: int) -> float:
    """Return the CPU time of a process to the nanosecond, its threads together."""
    threads = (PROC / str(pid) / "task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
