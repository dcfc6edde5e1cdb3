"""The registers as SQLite files: made once, made anew when asked otherwise, typed, indexed."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sandbox.load_sqlite import register_file
from sandbox.registers import REGISTERS
from sandbox.seed import ensure_seeded, main


def table(folder: Path, register: str, name: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(register_file(folder, register))) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]  # noqa: S608


def test_files_are_made_once(tmp_path: Path) -> None:
    assert ensure_seeded(tmp_path, 50)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(files) == {"education.sqlite", "credentials.sqlite", "population.sqlite", "seed.json"}
    assert not ensure_seeded(tmp_path, 50)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files


@pytest.mark.parametrize(("learners", "seed"), [(52, 1), (50, 2)])
def test_another_size_or_seed_makes_them_anew(learners: int, seed: int, tmp_path: Path) -> None:
    ensure_seeded(tmp_path, 50, seed=1)
    before = table(tmp_path, "education", "learners")
    assert ensure_seeded(tmp_path, learners, seed=seed)
    after = table(tmp_path, "education", "learners")
    assert len(after) - len(before) == learners - 50
    assert after != before


def test_a_missing_file_makes_them_anew(tmp_path: Path) -> None:
    ensure_seeded(tmp_path, 50)
    register_file(tmp_path, "credentials").unlink()
    assert ensure_seeded(tmp_path, 50)
    assert table(tmp_path, "credentials", "credentials")


def test_an_interrupted_run_leaves_the_earlier_files_alone(tmp_path: Path) -> None:
    ensure_seeded(tmp_path, 50)

    def interrupted(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_seeded(tmp_path, 60, report=interrupted)
    assert len([row for row in table(tmp_path, "education", "learners") if row["sector_code"] < "9"]) == 50 + 13
    assert ensure_seeded(tmp_path, 60)


def test_values_have_the_types_of_their_columns(tmp_path: Path) -> None:
    ensure_seeded(tmp_path, 0)
    (graduate,) = [row for row in table(tmp_path, "education", "learners") if row["sector_code"] == "0199000001"]
    assert graduate["poor_household"] == 0
    assert graduate["disability"] is None
    assert graduate["birth_date"] == "2003-05-12"
    assert graduate["as_of"] == "2026-11-20 18:00:00+00:00"
    first = next(row for row in table(tmp_path, "education", "enrolments") if row["learner_code"] == "0199000001")
    assert (first["grade"], first["average_mark"]) == (12, 7.5)


def test_every_index_is_there(tmp_path: Path) -> None:
    ensure_seeded(tmp_path, 0)
    for register, metadata in REGISTERS.items():
        wanted = {str(index.name) for each in metadata.sorted_tables for index in each.indexes}
        with closing(sqlite3.connect(register_file(tmp_path, register))) as connection:
            found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        assert wanted <= found


def test_progress_is_reported_to_the_end(tmp_path: Path) -> None:
    reports: list[tuple[str, int, int]] = []
    ensure_seeded(tmp_path, 6000, report=lambda *report: reports.append(report))
    assert reports == [("learners", 0, 6000), ("learners", 5000, 6000), ("learners", 6000, 6000)]


def test_the_command_refuses_what_is_no_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["seed", "--learners", "-5"])
    with pytest.raises(SystemExit):
        main()
    assert "expected a number from 0 to 28800000, not `-5`" in capsys.readouterr().err


def test_the_command_makes_the_files_it_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.argv", ["seed", "--learners", "10", "--data", str(tmp_path / "new")])
    main()
    assert "the registers are complete" in capsys.readouterr().out
    assert len(table(tmp_path / "new", "education", "learners")) == 10 + 13
