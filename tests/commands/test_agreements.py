"""The officers' tool says what is agreed, and changes it."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from auth.agreements.grants import Grants
from auth.state.engine import migrated_engine
from commands.agreements import main
from tests.auth.agreements.test_file import NAMED, WHOLE

NUMBER = "12/TTCS-SGDĐT"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "agreements.toml"
    path.write_text(WHOLE, encoding="utf-8")
    return path


def granted(state: str) -> list[str]:
    async def read() -> list[str]:
        engine = await migrated_engine(state)
        found = await Grants(engine).of("police", date(2026, 11, 21))
        await engine.dispose()
        return sorted(grant.purpose for grant in found)

    return asyncio.run(read())


def test_an_agreement_is_loaded_shown_suspended_and_resumed(
    fresh_state: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["load", str(file), "--state", fresh_state]) == 0
    assert granted(fresh_state) == ["residence-registration", "vital-interests"]
    assert main(["suspend", NUMBER, "--why", "an inspection", "--state", fresh_state]) == 0
    assert granted(fresh_state) == []
    capsys.readouterr()
    assert main(["show", NUMBER, "--state", fresh_state]) == 0
    shown = capsys.readouterr().out
    for said in (
        "suspended",
        "an inspection",
        "https://id.example.vn",
        "provinces 01, 24",
        "2026-2027",
        "glass",
        "100 MB at most",
    ):
        assert said in shown
    assert main(["resume", NUMBER, "--state", fresh_state]) == 0
    assert granted(fresh_state) == ["residence-registration", "vital-interests"]
    capsys.readouterr()
    assert main(["list", "--state", fresh_state]) == 0
    listed = capsys.readouterr().out
    assert NUMBER in listed and "police" in listed


def test_a_file_with_a_mistake_changes_nothing(
    fresh_state: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(WHOLE.replace('name = "vital-interests"', 'name = "statistics"'), encoding="utf-8")
    assert main(["load", str(file), "--state", fresh_state]) == 2
    assert f"agreements: {NAMED}, purpose `statistics`: `name`" in capsys.readouterr().err
    assert granted(fresh_state) == []


def test_two_agreements_that_contradict_each_other_are_both_named(
    fresh_state: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["load", str(file), "--state", fresh_state]) == 0
    file.write_text(WHOLE.replace(NUMBER, "13/TTCS"), encoding="utf-8")
    assert main(["load", str(file), "--state", fresh_state]) == 2
    assert f"agreements `{NUMBER}` and `13/TTCS` both give `police` the purpose" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["show", "13"], ["suspend", "13", "--why", "an inspection"], ["resume", "13"]])
def test_an_agreement_that_is_not_there_is_said_to_be_missing(
    fresh_state: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--state", fresh_state]) == 2
    assert "agreements: there is no agreement `13`" in capsys.readouterr().err


def test_terms_of_an_answer_are_held_against_the_schema(
    fresh_state: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(WHOLE.replace("Learner.isAtLeast", "Learner.isAtLest"), encoding="utf-8")
    assert main(["load", str(file), "--state", fresh_state]) == 2
    assert "`Learner.isAtLest` is no answer with arguments" in capsys.readouterr().err
    assert granted(fresh_state) == []


def test_no_state_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--state", f"sqlite+aiosqlite:///{tmp_path}/none.sqlite"]) == 2
    assert "there is no such state" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
