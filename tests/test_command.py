"""The command of the project: what it lists, what it refuses, and when it makes the environment anew."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
COMMAND = ROOT / "lienthong"


@pytest.fixture(scope="module")
def command() -> ModuleType:
    loader = SourceFileLoader("lienthong_command", str(COMMAND))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def _run(*arguments: str, at: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, at / "lienthong", *arguments], capture_output=True, text=True)


def _pins(lock: str) -> dict[str, list[str]]:
    """Return the versions by name that the lock pins; several where they depend on the Python."""
    pins: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^ ;]+)", (ROOT / "requirements" / lock).read_text(), re.MULTILINE):
        pins.setdefault(canonicalize_name(name), []).append(version)
    return pins


def _project() -> tuple[list[Requirement], list[Requirement]]:
    """Return what pyproject.toml asks for at run time, and for development on top."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, dev = project["project"]["dependencies"], project["dependency-groups"]["dev"]
    return [Requirement(text) for text in runtime], [Requirement(text) for text in dev]


def test_help_lists_every_command(command: ModuleType) -> None:
    done = _run("help")
    listed = re.findall(r"^  (\w+)", done.stdout, re.MULTILINE)
    assert (done.returncode, listed, done.stderr) == (0, list(command.COMMANDS), "")
    expected = "serve seed token personas schema policy bench agreements audit plan check test help"
    assert listed == expected.split()


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_is_what_it_says_unasked(arguments: tuple[str, ...]) -> None:
    assert _run(*arguments).stdout == _run("help").stdout


def test_an_unknown_command_is_named_and_exits_2() -> None:
    done = _run("sevre")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lienthong: no command `sevre`; `./lienthong help` lists them\n"


def test_the_locks_pin_what_the_project_asks_for() -> None:
    runtime, dev = _project()
    for lock, requirements in (("runtime.txt", runtime), ("dev.txt", [*runtime, *dev])):
        pins = _pins(lock)
        asked = {requirement.name: requirement for requirement in requirements}
        assert {name for name in asked if canonicalize_name(name) not in pins} == set()
        for name, requirement in asked.items():
            assert all(requirement.specifier.contains(version) for version in pins[canonicalize_name(name)]), name


def test_the_development_lock_holds_every_pin_of_the_runtime_lock() -> None:
    dev = _pins("dev.txt")
    assert {name: dev.get(name) for name in _pins("runtime.txt")} == _pins("runtime.txt")


@pytest.mark.parametrize("lock", ["runtime.txt", "dev.txt"])
def test_every_pin_has_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=[\w.-]+==)", (ROOT / "requirements" / lock).read_text(), flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def _checkout(folder: Path) -> Path:
    """Make a checkout with locks that pin nothing, whose `schema` command prints one word."""
    (folder / "requirements").mkdir()
    (folder / "schema").mkdir()
    shutil.copy(COMMAND, folder)
    shutil.copytree(COMMAND.parent / "runtime", folder / "runtime")
    for lock in ("runtime.txt", "dev.txt"):
        (folder / "requirements" / lock).write_text(f"# {lock}\n")
    (folder / "schema" / "printed.py").write_text("import sys\nprint('printed', *sys.argv[1:])\n")
    return folder


def _stamped(folder: Path, command: ModuleType, lock: str) -> None:
    """Leave what a finished installation of the lock leaves."""
    environment = command.Environment(folder)
    environment.python.parent.mkdir(parents=True, exist_ok=True)
    environment.python.touch()
    environment._stamp(lock).write_text(environment._hash_of(lock))


@pytest.mark.parametrize(("installed", "serves", "tests"), [("runtime", True, False), ("dev", True, True)])
def test_the_development_environment_serves_too(
    tmp_path: Path, command: ModuleType, installed: str, serves: bool, tests: bool
) -> None:
    _stamped(_checkout(tmp_path), command, installed)
    environment = command.Environment(tmp_path)
    assert (environment.is_current("runtime"), environment.is_current("dev")) == (serves, tests)


def test_an_environment_is_out_of_date_without_its_python_or_with_another_lock(
    tmp_path: Path, command: ModuleType
) -> None:
    environment = command.Environment(_checkout(tmp_path))
    assert not environment.is_current("runtime")
    _stamped(tmp_path, command, "runtime")
    (tmp_path / "requirements" / "runtime.txt").write_text("# changed\n")
    assert not environment.is_current("runtime")
    _stamped(tmp_path, command, "runtime")
    environment.python.unlink()
    assert not environment.is_current("runtime")


@pytest.mark.slow
def test_two_first_runs_make_one_environment_and_a_changed_lock_updates_it(tmp_path: Path) -> None:
    checkout = _checkout(tmp_path)
    start = [sys.executable, str(checkout / "lienthong"), "schema", "--help"]
    both = [subprocess.Popen(start, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate() for process in both]
    assert [out for out, _ in outputs] == ["printed --help\n"] * 2
    assert sum("making the environment" in err for _, err in outputs) == 1

    again = _run("schema", at=checkout)
    assert (again.returncode, again.stdout, again.stderr) == (0, "printed\n", "")
    (checkout / "requirements" / "runtime.txt").write_text("# changed\n")
    updated = _run("schema", at=checkout)
    assert (updated.returncode, updated.stdout) == (0, "printed\n")
    assert "environment (runtime): ready" in updated.stderr


@pytest.mark.slow
def test_a_package_whose_hash_is_not_in_the_lock_is_refused(tmp_path: Path) -> None:
    checkout = _checkout(tmp_path)
    (checkout / "requirements" / "runtime.txt").write_text("rich==15.0.0 --hash=sha256:" + "0" * 64 + "\n")
    refused = _run("schema", at=checkout)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "the environment (runtime) could not be made" in refused.stderr
    assert not list((checkout / ".venv").glob("lienthong-*"))


@pytest.mark.parametrize(
    "arguments",
    [("schema",), ("personas",), ("plan", "{ institutions { nodes { name } } }", "--as", "developer", "--json")],
    ids=lambda arguments: arguments[0],
)
def test_a_reader_that_leaves_early_sees_no_traceback(arguments: tuple[str, ...]) -> None:
    """The other end is closed before anything is written, as by `head -0`."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_a_command_prints_arrives_whole(command: ModuleType) -> None:
    assert _run("schema").stdout == (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")
    assert _run("plan", "{", "--as", "nobody").returncode == 2
