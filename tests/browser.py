"""A headless Chromium for tests, driven by chromedriver over the WebDriver protocol (W3C), and all that it asks for."""

import base64
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--window-size=1400,900",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing leaves the machine: a name outside does not resolve, for Chromium's own errands neither.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver section 12.2: the key of an element's reference


@dataclass(frozen=True)
class Asked:
    """One request that the browser made: its URL, HTTP status (None: no answer) and why it failed, if it did."""

    url: str
    status: int | None
    failure: str | None


class Browser:
    """One window."""

    def __init__(self, http: httpx2.Client, session: str, net_log: Path) -> None:
        self._http = http
        self._session = session
        self._net_log = net_log
        self._events: list[dict[str, Any]] = []

    def _command(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._http.request(method, f"/session/{self._session}{path}", json=body)
        value = answer.json()["value"]
        if answer.is_error:
            raise AssertionError(f"{path}: {value['error']}: {value['message'].splitlines()[0]}")
        return value

    def open(self, url: str) -> None:
        self._command("POST", "/url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript as a function's body in the page; what it returns comes back as JSON."""
        return self._command("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def click(self, selector: str) -> None:
        """Click what the CSS selector finds, as a person's mouse would; clicking an option chooses it."""
        found = self._command("POST", "/element", {"using": "css selector", "value": selector})
        self._command("POST", f"/element/{found[_ELEMENT]}/click", {})

    def wait_for(self, expression: str, timeout_s: float = 20) -> Any:
        """Return the JavaScript expression's value once it is truthy."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if value := self.run(f"return {expression}"):
                return value
            time.sleep(0.05)
        raise AssertionError(f"`{expression}` stayed false for {timeout_s} s")

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._command("GET", "/screenshot")))

    def console_errors(self) -> list[str]:
        """Return what the console has said at level SEVERE since the last call."""
        entries = self._command("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def asked(self) -> list[Asked]:
        """Return the page's requests over HTTP so far, in order, those that its own policy blocked included."""
        entries = self._command("POST", "/se/log", {"type": "performance"})
        self._events += [json.loads(entry["message"])["message"] for entry in entries]
        urls, statuses, failures = {}, {}, {}
        for event in self._events:
            params = event["params"]
            match event["method"]:
                case "Network.requestWillBeSent":
                    urls[params["requestId"]] = params["request"]["url"]
                case "Network.responseReceived":
                    statuses[params["requestId"]] = params["response"]["status"]
                case "Network.loadingFailed":
                    failures[params["requestId"]] = params.get("blockedReason") or params["errorText"]
        http = {key: url for key, url in urls.items() if url.startswith(("http:", "https:"))}
        return [Asked(url, statuses.get(key), failures.get(key)) for key, url in http.items()]

    def asked_on_behalf_of(self, origin: str) -> set[str]:
        """Return every URL asked for by pages and workers of an origin, once the browser has ended.

        Chromium's network log also has what `asked` cannot see, the requests that workers make.
        """
        events = json.loads(self._net_log.read_text())["events"]
        return {event["params"]["url"] for event in events if event.get("params", {}).get("initiator") == origin}


@contextmanager
def browser(directory: Path) -> Iterator[Browser]:
    """Start a Chromium with a fresh profile in this directory; ended when the block ends."""
    executable = shutil.which("chromedriver")
    assert executable, "chromedriver is not installed (Debian: chromium, chromium-driver)"
    net_log = directory / "net-log.json"
    arguments = [*_ARGUMENTS, f"--user-data-dir={directory / 'profile'}", f"--log-net-log={net_log}"]
    wanted = {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": arguments},
        "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
    }
    with subprocess.Popen([executable, "--port=0"], stdout=subprocess.PIPE, text=True) as driver:
        try:
            with httpx2.Client(base_url=_address(driver), timeout=60, trust_env=False) as http:
                answer = http.post("/session", json={"capabilities": {"alwaysMatch": wanted}})
                assert answer.is_success, answer.text
                session = answer.json()["value"]["sessionId"]
                try:
                    yield Browser(http, session, net_log)
                finally:
                    http.delete(f"/session/{session}")  # ends Chromium, which would outlive its driver
        finally:
            driver.terminate()


def _address(driver: "subprocess.Popen[str]") -> str:
    assert driver.stdout
    for line in driver.stdout:
        if started := re.search(r"started successfully on port (\d+)", line):
            return f"http://127.0.0.1:{started[1]}"
    raise AssertionError("chromedriver did not start")
