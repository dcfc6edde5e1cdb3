"""Installs the programs that the tests start, where they are missing: Debian's packages and the npm OpenID provider."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPENID_SOURCE = ROOT / "tests" / "oidc"
OPENID_FOLDER = ROOT / ".lienthong" / "oidc"
POSTGRESQL_FOLDERS = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Program:
    """An executable and the Debian packages that bring it."""

    name: str
    packages: tuple[str, ...]


PROGRAMS = (
    Program("postgres", ("postgresql",)),
    Program("pgbouncer", ("pgbouncer",)),
    Program("redis-server", ("redis-server",)),
    Program("chromium", ("chromium",)),
    Program("chromedriver", ("chromium-driver",)),
    Program("node", ("nodejs",)),
    Program("npm", ("npm",)),
)


class NotInstalled(Exception):
    """A program is missing and could not be installed; the message names it."""


def path_of(name: str) -> Path | None:
    """Return where the executable is, or None; Debian keeps PostgreSQL's server off the PATH, newest version last."""
    versions = sorted(POSTGRESQL_FOLDERS.glob("*/bin"), key=lambda folder: float(folder.parent.name))
    beside_server = [
        folder / name for folder in versions if (folder / "postgres").exists() and (folder / name).exists()
    ]
    found = shutil.which(name)
    return beside_server[-1] if beside_server else Path(found) if found else None


def installed(name: str) -> str:
    """Return the executable's path; raise NotInstalled naming what to install."""
    path = path_of(name)
    if path is None:
        raise NotInstalled(f"`{name}` is not installed: run `./lienthong test`, or install it yourself")
    return str(path)


def install_programs() -> None:
    missing = [program for program in PROGRAMS if path_of(program.name) is None]
    if not missing:
        return
    names = ", ".join(program.name for program in missing)
    if shutil.which("apt-get") is None:
        raise NotInstalled(f"no apt-get on this machine: install {names} and run again; tests that need them fail")
    packages = [package for program in missing for package in program.packages]
    print(f"installing {' '.join(packages)}", flush=True)
    if _apt_get("install", *packages) and (_apt_get("update") or _apt_get("install", *packages)):
        raise NotInstalled(f"apt-get could not install {' '.join(packages)}; tests that need {names} fail")


def _apt_get(action: str, *packages: str) -> int:
    """Run apt-get as root, without questions; return its exit code. Its output is shown only when it fails."""
    command = ["apt-get", "-y", "-q", action, *(["--no-install-recommends", *packages] if packages else [])]
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            raise NotInstalled(f"not root, and no sudo: run as root: {' '.join(command)}")
        asks = [] if sys.stdin.isatty() else ["-n"]
        command = ["sudo", *asks, "DEBIAN_FRONTEND=noninteractive", *command]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    if done.returncode:
        print(done.stdout[-2000:], flush=True)
    return done.returncode


def install_openid_provider() -> None:
    """Install the pinned npm packages once for each state of their lock."""
    lock_hash = hashlib.sha256((OPENID_SOURCE / "package-lock.json").read_bytes()).hexdigest()
    stamp = OPENID_FOLDER / "installed.sha256"
    if stamp.exists() and stamp.read_text() == lock_hash:
        return
    print("installing the OpenID provider for tests", flush=True)
    OPENID_FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(OPENID_SOURCE / name, OPENID_FOLDER)
    command = [installed("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=OPENID_FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise NotInstalled("npm could not install the OpenID provider; tests that need it fail")
    stamp.write_text(lock_hash)


def main() -> int:
    """Install everything that is missing; say what could not be, and return 1 then."""
    failed = False
    for install in (install_programs, install_openid_provider):
        try:
            install()
        except NotInstalled as missing:
            failed = True
            print(f"lienthong: {missing}", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
