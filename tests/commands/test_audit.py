"""`./lienthong audit`: out of one machine's record, checked on another that has only the public key."""

import asyncio
from pathlib import Path

import orjson
import pytest
from sqlalchemy import delete, update

from auth.audit.proof.export import Export
from auth.audit.proof.usage_proof import HashBudget
from auth.audit.record import Audit
from auth.state.engine import migrated_engine, writing
from auth.state.tables import AUDIT_ENTRIES, AUDIT_SUBJECTS
from commands.audit import main
from tests.auth.record import KEY, KEYS, NUMBER, RECORD, TODAY, recorded


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a state with a record of six entries under two roots, its keys in the environment."""
    monkeypatch.setenv("LIENTHONG_MASTER_SECRET", bytes(range(32)).hex())
    monkeypatch.setenv("LIENTHONG_SIGNING_KEY", bytes(range(32)).hex())
    url = f"sqlite+aiosqlite:///{tmp_path}/state.sqlite"
    asyncio.run(_made(url))
    return url


async def _made(url: str) -> None:
    engine = await migrated_engine(url)
    await recorded(engine, 3, roots=2)
    await engine.dispose()


@pytest.fixture
def public(tmp_path: Path) -> str:
    path = tmp_path / "keys.json"
    path.write_bytes(orjson.dumps({"keys": [KEY.published()]}))
    return str(path)


def test_what_is_exported_is_verified_and_serves_as_a_witness(
    state: str, public: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "export.jsonl")

    assert main(["export", "--state", state, "--out", out]) == 0
    assert main(["verify", out, "--key", public, "--witness", out]) == 0
    assert capsys.readouterr().out == "as signed: 6 entries (0 under no root yet), 1 proofs, roots: 1 to 2\n"


def test_the_first_bad_entry_is_named(
    state: str, public: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "export.jsonl"
    main(["export", "--state", state, "--out", str(out)])
    begun = b'"sequence":4,"body":"{\\"agreement\\":null,\\"at\\":\\"202'
    assert begun + b"6" in out.read_bytes()
    out.write_bytes(out.read_bytes().replace(begun + b"6", begun + b"5"))

    assert main(["verify", str(out), "--key", public]) == 1
    assert capsys.readouterr().out.splitlines()[0] == "bad: writer 1, entry 4: changed: its hash is another"


def test_a_part_without_entries_is_exported_since_a_day(
    state: str, public: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "export.jsonl")

    assert main(["export", "--state", state, "--out", out, "--since", "2020-01-01", "--without-entries"]) == 0
    assert main(["verify", out, "--key", public]) == 0
    assert capsys.readouterr().out == "as signed: 0 entries (0 under no root yet), 1 proofs, roots: 1 to 2\n"


def test_one_entry_is_proved(state: str, public: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["proof", "1", "5", "--state", state]) == 0
    proof = tmp_path / "proof.json"
    proof.write_text(capsys.readouterr().out)

    assert main(["verify", str(proof), "--key", public]) == 0
    assert main(["proof", "1", "7", "--state", state]) == 2
    assert capsys.readouterr().err == "audit: no root covers such an entry yet\n"


def test_an_entry_that_is_searched_by_something_else_than_it_states_is_named(
    state: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_hidden(state))

    assert main(["export", "--state", state, "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().out.startswith("bad: writer 1, entry 2: is searched by another time, client or purpose")


def test_an_entry_that_is_taken_out_of_a_persons_log_is_named(
    state: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_taken_out(state))

    assert main(["export", "--state", state, "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().out == ("bad: writer 1, entry 5: is missing from the log of somebody whom it concerns\n")


async def _taken_out(url: str) -> None:
    engine = await migrated_engine(url)
    async with writing(engine) as connection:
        await connection.execute(delete(AUDIT_SUBJECTS).where(AUDIT_SUBJECTS.c.sequence == 5))
    await engine.dispose()


async def _hidden(url: str) -> None:
    engine = await migrated_engine(url)
    async with writing(engine) as connection:
        await connection.execute(update(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.sequence == 2).values(client_id="nobody"))
    assert [line async for line in Export(engine, RECORD).lines()]
    await engine.dispose()


def test_the_report_is_a_table(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--state", state, "--client", "school"]) == 0

    rows = [line.split() for line in capsys.readouterr().out.splitlines() if "Learner." in line]
    words = [[word for word in row if word != "│"] for row in rows]
    assert words == [
        ["school", "school-management", "Learner.fullName", "6", "6", "0"],
        ["school", "school-management", "Learner.phone", "6", "0", "6", "asked,", "never", "released"],
    ]


def test_the_public_key_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LIENTHONG_SIGNING_KEY", bytes(range(32)).hex())

    assert main(["key"]) == 0
    assert orjson.loads(capsys.readouterr().out) == {"keys": [KEY.published()]}


def test_the_key_derived_from_the_master_secret_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LIENTHONG_SIGNING_KEY", raising=False)
    monkeypatch.setenv("LIENTHONG_MASTER_SECRET", bytes(32).hex())

    assert main(["key"]) == 0
    printed = capsys.readouterr().out
    assert bytes(32).hex() not in printed
    monkeypatch.delenv("LIENTHONG_MASTER_SECRET")
    assert main(["key"]) == 2
    assert capsys.readouterr().err == (
        "audit: LIENTHONG_MASTER_SECRET is not set: it must be 64 hexadecimal digits (32 random bytes)\n"
    )


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///nowhere/state.sqlite", "sqlite+aiosqlite://", "nonsense"])
def test_no_state_is_made_where_there_is_none(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--state", url, "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith("audit: ")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there_is_named(public: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "nowhere.jsonl", "--key", public]) == 2
    assert "nowhere.jsonl" in capsys.readouterr().err


async def _persons_proof(url: str) -> str:
    engine = await migrated_engine(url)
    audit = Audit(engine, KEYS, KEY)
    page = await audit.usage(NUMBER, (), TODAY, 1)
    [proof] = (await audit.proofs(page.entries, HashBudget())).values()
    await engine.dispose()
    return proof.document()


def test_a_persons_proof_is_checked_without_the_record(
    state: str, public: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "proof.json"
    document.write_text(asyncio.run(_persons_proof(state)))
    (tmp_path / "state.sqlite").unlink()

    assert main(["verify", str(document), "--key", public]) == 0
    assert capsys.readouterr().out == "as signed: 0 entries (0 under no root yet), 1 proofs, roots: none\n"

    document.write_text(document.read_text().replace("Learner.fullName", "Learner.religion"))
    assert main(["verify", str(document), "--key", public]) == 1
    assert capsys.readouterr().out.splitlines()[0] == "bad: writer 1, entry 6: not in the record that was signed"
