"""Permits that open nothing in a deployment are shown, because none of its registers holds the fields."""

from pathlib import Path

import pytest

from commands.policy import main
from tests.auth.policies import COMMITTED, folder_with

DAY = "2026-11-21"
ROOT = Path(__file__).parents[2]
EMPLOYERS = (COMMITTED / "universities-and-employers.cedar").read_text(encoding="utf-8")


def deployment(folder: Path, *left_out: str) -> Path:
    """Write the default configuration without these registers, and return its file."""
    sections = (ROOT / "registers.toml").read_text(encoding="utf-8").split("\n[")
    kept = [text for text in sections if not text.startswith(tuple(f"registers.{name}" for name in left_out))]
    file = folder / "registers.toml"
    file.write_text("\n[".join(kept), encoding="utf-8")
    return file


def test_a_check_names_rules_whose_permits_do_not_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["check", "--on", DAY, "--registers", str(deployment(tmp_path, "credentials"))])
    shown = capsys.readouterr().out
    text = "employer-diploma-verification: no configured register holds any field of `credential`"
    assert (code, text in shown, "`identity.name`" in shown) == (0, True, False)


def test_a_difference_names_fields_that_are_not_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    without = EMPLOYERS.replace(
        '@id("employer-diploma-verification")', '@id("employer-diploma-verification") @valid_to("2020-01-01")'
    )
    old = folder_with(tmp_path, "universities-and-employers.cedar", without)
    held, missing = [], deployment(tmp_path, "credentials")
    for words in ([], ["--registers", str(missing)]):
        assert main(["diff", str(old), "--on", DAY, *words]) == 1
        shown = capsys.readouterr().out
        held.append(("Credential.title (not held)" in shown, "Learner.fullName (not held)" in shown))
    assert held == [(False, False), (True, False)]


@pytest.mark.parametrize("text", ["[registers", '[records.tax]\nregisters = ["tax"]'])
def test_a_configuration_that_cannot_be_used_is_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file = tmp_path / "registers.toml"
    file.write_text(text, encoding="utf-8")
    assert main(["check", "--on", DAY, "--registers", str(file)]) == 2
    assert capsys.readouterr().err.startswith("lienthong policy: ")
    assert main(["check", "--on", DAY, "--registers", str(tmp_path / "none.toml")]) == 2
