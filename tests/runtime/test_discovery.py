import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.discovery import PartInvalid, discovered

PACKAGE = "a_room_of_parts"


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from runtime.discovery import discovered\nSHELF = discovered(__name__, 'BOOKS')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def test_modules_are_found_in_alphabetic_order_because_they_are_there(room: Path) -> None:
    for name, books in (("poems", "('Kieu',)"), ("atlases", "('Bien', 'Nui')"), ("novels", "()")):
        (room / f"{name}.py").write_text(f"BOOKS = {books}\n")
    shelf = __import__(PACKAGE).SHELF
    assert list(shelf.items()) == [("atlases", ("Bien", "Nui")), ("novels", ()), ("poems", ("Kieu",))]


def test_a_module_without_the_constant_is_an_error_that_names_it(room: Path) -> None:
    (room / "poems.py").write_text("BOOK = ('Kieu',)\n")
    with pytest.raises(PartInvalid, match=f"`{PACKAGE}.poems` has no `BOOKS`, which each module of"):
        __import__(PACKAGE)


def test_a_package_that_is_imported_already_may_be_read_for_another_constant(room: Path) -> None:
    (room / "poems.py").write_text("BOOKS = ('Kieu',)\nREADERS = ('Lan',)\n")
    __import__(PACKAGE)
    assert discovered(PACKAGE, "READERS") == {"poems": ("Lan",)}
