"""Conventions that the build keeps, so that nobody has to remember them."""

import ast
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("auth", "commands", "connectors", "engine", "reference", "resolvers", "runtime", "sandbox", "schema")
FOLDERS = (*PACKAGES, "bench", "docs", "policies", "server", "tests")
LONGEST_FILE = 300
LONGEST_DECISION = 120


def _files(*suffixes: str, outside: tuple[str, ...] = ()) -> list[Path]:
    """Return the checkout's files of these kinds, leaving out what is made there and the top folders named."""
    found = []
    for folder, subfolders, names in os.walk(ROOT):
        left_out = {"node_modules", "__pycache__", *(outside if Path(folder) == ROOT else ())}
        subfolders[:] = [name for name in subfolders if not name.startswith(".") and name not in left_out]
        found += [Path(folder, name) for name in names if name.endswith(suffixes)]
    return sorted(found)


def _sources(*outside: str) -> list[Path]:
    return [*_files(".py", outside=("tests", *outside)), ROOT / "lienthong"]


def _names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def _tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _line_count(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_imports_run_one_way() -> None:
    done = subprocess.run([_tool("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def _imports_of_server(name: str, source: str) -> str:
    command = [
        _tool("ruff"),
        "check",
        "--select",
        "TID251",
        "--output-format",
        "concise",
        "--stdin-filename",
        name,
        "-",
    ]
    return subprocess.run(command, cwd=ROOT, input=source, capture_output=True, text=True).stdout


@pytest.mark.parametrize("statement", ["import server", "from server import create_app"])
def test_an_import_of_the_composition_root_is_found(statement: str) -> None:
    assert "TID251" in _imports_of_server("engine/run.py", f"{statement}\n")


def test_only_the_sandbox_the_bench_and_the_tests_door_import_the_composition_root() -> None:
    importing = []
    for path in _files(".py"):
        imported = [node for node in ast.walk(ast.parse(path.read_bytes())) if _is_import_of_server(node)]
        importing += [path] if imported else []
    assert sorted(_names(importing)) == ["bench/peers/product.py", "sandbox/serve.py", "tests/app.py"]


def _is_import_of_server(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level == 0 and node.module == "server"
    return isinstance(node, ast.Import) and any(alias.name == "server" for alias in node.names)


def test_no_dependency_brings_a_folder_of_ours() -> None:
    assert {name: owners for name, owners in packages_distributions().items() if name in FOLDERS} == {}


def test_every_module_says_what_lives_in_it() -> None:
    silent = [path for path in _sources() if not ast.get_docstring(ast.parse(path.read_bytes()))]
    assert _names(silent) == []


def test_every_package_has_tests_in_the_folder_of_its_name() -> None:
    with_code = [name for name in PACKAGES if any(path.name != "__init__.py" for path in (ROOT / name).rglob("*.py"))]
    assert [name for name in with_code if not any((ROOT / "tests" / name).glob("test_*.py"))] == []


def test_no_source_file_is_long() -> None:
    assert [name for name in _names(_sources()) if _line_count(ROOT / name) > LONGEST_FILE] == []


@pytest.mark.parametrize("lock", ["runtime.txt", "dev.txt"])
def test_a_python_lock_names_no_host(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text("utf-8")
    assert re.findall(r"://|--index-url|--extra-index-url|--find-links", text) == []


@pytest.mark.parametrize("lock", _names(_files("package-lock.json")))
def test_an_npm_lock_names_no_host_and_every_hash(lock: str) -> None:
    packages = json.loads((ROOT / lock).read_text("utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_there_is_no_second_kind_of_python_lock() -> None:
    assert _names(_files("uv.lock", "pylock.toml")) == []


def test_every_decision_is_one_page_with_its_reason() -> None:
    for page in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        text = page.read_text("utf-8")
        words = {word for word in ("Decision", "Why") if re.search(rf"^[#* ]*{word}\b", text, re.MULTILINE)}
        shape = (page.name, text.startswith("# "), words, _line_count(page) <= LONGEST_DECISION)
        assert shape == (page.name, True, {"Decision", "Why"}, True)


def test_no_class_is_called_like_another() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in _sources("docs"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name] += _names([path])
    assert len(places) > 400
    assert [name for name, files in places.items() if len(files) > 1] == []


def _imported_modules(name: str, source: str, modules: set[str]) -> set[str]:
    """Return the modules of ours that a module imports, wherever in it: for types only and inside functions too."""
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            imported |= submodules & modules or {node.module}
    return (imported & modules) - {name}


def _modules_in_circles(imports: dict[str, set[str]]) -> set[str]:
    """Return the modules that import themselves by way of others."""
    reachable = {name: set(imported) for name, imported in imports.items()}
    for through in imports:
        for reached in reachable.values():
            if through in reached:
                reached |= reachable[through]
    return {name for name, reached in reachable.items() if name in reached}


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_a_circle_is_found_over_three_modules() -> None:
    imports = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}
    assert _modules_in_circles(imports) == {"a", "b", "c"}


def test_an_import_for_types_only_counts() -> None:
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from engine.run import Run\n"
    assert _imported_modules("engine.plan", source, {"engine.plan", "engine.run"}) == {"engine.run"}


def test_no_modules_import_each_other_in_a_circle() -> None:
    sources = {_module_name(path): path.read_text("utf-8") for path in _files(".py", outside=("tests", "docs"))}
    assert len(sources) > 300
    circles = _modules_in_circles({name: _imported_modules(name, text, set(sources)) for name, text in sources.items()})
    # the graph's own circle: types of records refer to each other
    assert {name for name in circles if not name.startswith("schema.records.")} == set()


def _loop_variables(path: Path) -> set[str]:
    loops = [
        node
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)
    ]
    return {name.id for loop in loops for name in ast.walk(loop.target) if isinstance(name, ast.Name)}


def test_loop_variables_are_nouns() -> None:
    sources = _sources("docs")
    unnamed = [path for path in sources if _loop_variables(path) & {"one", "found", "known", "given"}]
    assert len(sources) > 300
    assert _names(unnamed) == []


# Citizen numbers: province 001-096, sex and century 0-3, two digits of the birth year, six more.
# Source: Decree 137/2015/NĐ-CP art. 13.
CITIZEN_NUMBER = re.compile(r"(?<![\w.])0(?:0[1-9]|[1-8]\d|9[0-6])[0-3]\d{8}(?![\w.])")


def _citizen_numbers(path: Path) -> list[str]:
    """Return where the file has something that looks like one, never the number itself."""
    lines = path.read_text("utf-8").splitlines()
    return [f"{path.relative_to(ROOT)}:{at}" for at, line in enumerate(lines, 1) if CITIZEN_NUMBER.search(line)]


def test_no_source_holds_what_looks_like_a_citizen_number() -> None:
    texts = _files(".cedar", ".toml", ".graphql", ".html", outside=("sandbox", "tests"))
    assert [place for path in [*_sources("sandbox"), *texts] for place in _citizen_numbers(path)] == []


@pytest.mark.parametrize("text", ['"001205012345"', "number=096300000001"])
def test_a_citizen_number_is_recognised(text: str) -> None:
    assert CITIZEN_NUMBER.search(text)


@pytest.mark.parametrize("text", ["sha256:001205012345ab", "1001205012345", "097205012345", "0.001205012345"])
def test_other_digits_are_not_taken_for_one(text: str) -> None:
    assert not CITIZEN_NUMBER.search(text)
