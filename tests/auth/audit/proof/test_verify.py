"""Whatever is done to the record or to an export, the public key alone shows it, and where it begins."""

import asyncio
import dataclasses
import itertools
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.log.chain import hash_of
from auth.audit.proof.entry_proof import proof_of
from auth.audit.proof.verify import Verification
from auth.audit.record import Audit
from auth.crypto.keys import Keys
from auth.crypto.signing import PublicKeys, SigningKey
from auth.state.engine import migrated_engine, writing
from auth.state.tables import AUDIT_ENTRIES, AUDIT_ROOTS
from tests.auth.record import ENTRY, KEY, NUMBER, PUBLIC, RECORD, lines_of, recorded, verified

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The export of two writers: one of 12 entries under three roots, one of 5 under one."""
    return asyncio.run(_two_writers(f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('record')}/state.sqlite"))


async def _two_writers(url: str) -> list[bytes]:
    engine = await migrated_engine(url)
    await recorded(engine, 4, roots=3)
    await recorded(engine, 5)
    exported = await lines_of(engine)
    await engine.dispose()
    return exported


def _kinds(lines: list[bytes]) -> list[str]:
    return [orjson.loads(line)["kind"] for line in lines]


def _at(lines: list[bytes], writer: int, sequence: int) -> int:
    """Return the place of the line of an entry."""
    wanted = ("entry", writer, sequence)
    held = ([orjson.loads(line).get(name) for name in ("kind", "writer", "sequence")] for line in lines)
    return [tuple(one) for one in held].index(wanted)


def test_a_record_as_it_was_written_is_found_whole(lines: list[bytes]) -> None:
    assert verified(lines) == []
    assert verified(lines, witness=lines) == []
    kinds = ["export", *["root"] * 4, *["entry"] * 8, "consistency", *["entry"] * 4, "consistency", *["entry"] * 5]
    assert _kinds(lines) == kinds
    assert NUMBER.encode() not in b"".join(lines)


@pytest.mark.slow
def test_every_single_bit_of_an_entry_or_a_root_counts(tmp_path: Path) -> None:
    small = asyncio.run(_small(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite"))
    missed = [
        (place, byte, bit)
        for place in (1, 3)
        for byte, bit in itertools.product(range(len(small[place])), range(8))
        if not verified([*small[:place], _flipped(small[place], byte, bit), *small[place + 1 :]])
    ]
    assert (_kinds(small), missed) == (["export", "root", "entry", "entry", "entry"], [])


async def _small(url: str) -> list[bytes]:
    engine = await migrated_engine(url)
    await recorded(engine, 3)
    exported = await lines_of(engine)
    await engine.dispose()
    return exported


def _flipped(line: bytes, byte: int, bit: int) -> bytes:
    changed = bytearray(line)
    changed[byte] ^= 1 << bit
    return bytes(changed)


def test_an_entry_that_says_something_else_is_named(lines: list[bytes]) -> None:
    place = _at(lines, 1, 6)
    edited = [*lines]
    edited[place] = lines[place].replace(b"school-management", b"school-managemenT")

    assert verified(edited) == ["writer 1, entry 6: changed: its hash is another"]


EDITS: dict[str, tuple[Callable[[list[bytes], int], list[bytes]], list[str]]] = {
    "left out": (
        lambda lines, at: [*lines[:at], *lines[at + 1 :]],
        ["writer 1, entry 6: missing or moved: entry 7 stands there"],
    ),
    "put in twice": (
        lambda lines, at: [*lines[: at + 1], lines[at], *lines[at + 1 :]],
        ["writer 1, entry 7: missing or moved: entry 6 stands there"],
    ),
    "moved": (
        lambda lines, at: [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]],
        ["writer 1, entry 6: missing or moved: entry 7 stands there"],
    ),
    "given to another writer": (
        lambda lines, at: [*lines[:at], lines[at].replace(b'"writer":1', b'"writer":2'), *lines[at + 1 :]],
        [
            "writer 2, entry 1: missing or moved: entry 6 stands there",
            "writer 1, entry 6: missing or moved: entry 7 stands there",
        ],
    ),
}


@pytest.mark.parametrize(("edit", "findings"), EDITS.values(), ids=EDITS.keys())
def test_an_entry_out_of_its_place_is_named(
    lines: list[bytes], edit: Callable[[list[bytes], int], list[bytes]], findings: list[str]
) -> None:
    assert verified(edit(lines, _at(lines, 1, 6))) == findings


def test_a_tail_cut_off_is_missed_by_the_root_over_it(lines: list[bytes]) -> None:
    assert verified(lines[: _at(lines, 2, 4)]) == [
        "writer 2, entry 4: missing, as all others up to entry 5, which root 4 covers"
    ]


def test_a_root_left_out_or_moved_breaks_the_log_of_roots(lines: list[bytes]) -> None:
    left_out, moved = [*lines[:2], *lines[3:]], [*lines[:2], lines[3], lines[2], *lines[4:]]

    assert verified(left_out)[0] == "writer 1: root 2 is not the one that was signed next"
    assert verified(moved)[0] == "writer 1: root 2 is not the one that was signed next"


def test_a_root_signed_by_another_key_counts_for_nothing(lines: list[bytes]) -> None:
    others = PublicKeys([SigningKey(b"x" * 32).published()])

    assert verified(lines, keys=others)[0] == "line 2: signed by a key that was not given"


@pytest.mark.parametrize(
    ("lines", "findings"),
    [
        ([], ["not an export"]),
        ([b"{}"], ["line 1: not a line of an export", "not an export"]),
        ([b"[]"], ["line 1: not a line of an export", "not an export"]),
        ([b"\xff"], ["line 1: not a line of an export", "not an export"]),
        ([b'{"kind":"export","version":3,"entries":true}'], ["an export of version 3, not 2"]),
    ],
)
def test_what_is_no_export_is_not_found_whole(lines: list[bytes], findings: list[str]) -> None:
    assert verified(lines) == findings


@pytest.fixture
async def record(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """The state behind: writer 1 with 10 entries under two roots."""
    engine = await migrated_engine(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite")
    await recorded(engine, 5, roots=2)
    yield engine
    await engine.dispose()


def _hashed_anew(lines: list[bytes]) -> list[dict[str, Any]]:
    """Return the lines of entries 7 to 10 of writer 1 as an intruder leaves them who changes a word of each."""
    previous = bytes.fromhex(orjson.loads(lines[_at(lines, 1, 6)])["hash"])
    changed = []
    for sequence in range(7, 11):
        line = orjson.loads(lines[_at(lines, 1, sequence)])
        body = line["body"].replace("Class", "Klass")
        previous = hash_of(previous, 1, sequence, body.encode())
        changed.append({**line, "body": body, "hash": previous.hex()})
    return changed


async def test_an_intruder_who_hashes_all_anew_is_found_by_the_root(record: AsyncEngine) -> None:
    lines = await lines_of(record)
    for line in _hashed_anew(lines):
        lines[_at(lines, 1, line["sequence"])] = orjson.dumps(line)

    assert verified(lines) == [
        "writer 1, entry 6: not as signed: some entry from here to 10 was changed, and hashed anew"
    ]


async def test_what_an_intruder_has_changed_is_not_exported(record: AsyncEngine) -> None:
    async with writing(record) as connection:
        for line in _hashed_anew(await lines_of(record)):
            changed = {"body": line["body"], "hash": bytes.fromhex(line["hash"])}
            at = AUDIT_ENTRIES.c.sequence == line["sequence"]
            await connection.execute(AUDIT_ENTRIES.update().where(at).values(changed))

    exported = await lines_of(record)
    assert b"Klass" not in b"".join(exported)
    assert verified(exported) == [
        "writer 1, entry 7: not as a process that holds the keys wrote it: left out",
        "writer 1: root 2 does not extend root 1",
    ]


async def test_an_export_of_the_version_before_is_verified_and_marked(record: AsyncEngine) -> None:
    lines = await lines_of(record)
    lines[0] = lines[0].replace(b'"version":2', b'"version":1')
    verification = Verification(PUBLIC)
    verification.read(lines)
    assert verification.summary() == (
        "as signed: 10 entries (0 under no root yet, 10 from before entries were authenticated), 1 proofs, "
        "roots: 1 to 2"
    )


async def test_entries_whose_roots_were_taken_away_are_found_by_their_age(record: AsyncEngine) -> None:
    async with writing(record) as connection:
        await connection.execute(delete(AUDIT_ROOTS).where(AUDIT_ROOTS.c.number > 1))

    assert verified(await lines_of(record)) == [
        "writer 1, entry 6: under no root 300 seconds after it was recorded, as all that follow"
    ]


async def test_new_entries_may_wait_for_their_root(record: AsyncEngine, keys: Keys) -> None:
    audit = Audit(record, keys, KEY)
    await audit.start()
    await audit.record(dataclasses.replace(ENTRY, at=datetime.now(UTC)))
    verification = Verification(PUBLIC)
    verification.read(await lines_of(record))
    await audit.stop()

    assert (verification.findings, verification.unsigned) == ([], 1)


async def test_a_part_is_checked_from_the_root_it_begins_with(record: AsyncEngine) -> None:
    between = datetime.now(UTC)
    witness = await lines_of(record)
    await recorded(record, 3)
    lines = await lines_of(record, since=between)

    assert _kinds(lines) == ["export", "root", "entry", "entry", "entry"]
    assert verified(lines) == []
    assert verified(lines, witness)[0].startswith("the export begins after root 1 of ")


async def test_a_part_of_a_chain_begins_with_its_peaks(record: AsyncEngine) -> None:
    async with record.connect() as connection:
        [second] = (await connection.execute(AUDIT_ROOTS.select().where(AUDIT_ROOTS.c.number == 2))).all()
    lines = await lines_of(record, since=second.signed_at)

    assert _kinds(lines) == ["export", "root", "peaks", *["entry"] * 5, "consistency"]
    assert verified(lines) == []
    assert verified([*lines[:2], *lines[3:]])[0] == "writer 1, entry 1: missing or moved: entry 6 stands there"
    forged = lines[2].replace(orjson.loads(lines[2])["peaks"][0].encode(), b"00" * 32)
    assert verified([*lines[:2], forged, *lines[3:]])[0] == "writer 1: the peaks are not those of the root signed"


async def test_roots_alone_prove_that_nothing_was_taken_back(record: AsyncEngine) -> None:
    lines = await lines_of(record, entries=False)

    assert _kinds(lines) == ["export", "root", "root", "consistency"]
    assert verified(lines) == []
    assert verified(lines[:-1]) == ["writer 1: root 2 is not proved to extend the one before"]
    forged = lines[-1].replace(orjson.loads(lines[-1])["path"][0].encode(), b"00" * 32)
    assert verified([*lines[:-1], forged])[0] == "writer 1: root 2 does not extend root 1"


async def test_one_entry_is_proved_by_itself(record: AsyncEngine) -> None:
    for sequence in range(1, 11):
        proof = await proof_of(record, RECORD, 1, sequence)
        assert proof is not None
        line = orjson.dumps(proof.line())
        assert verified([line]) == []
        other = line.replace(b"school-management", b"statistics")
        assert verified([other]) == [f"writer 1, entry {sequence}: not in the record that was signed"]
        moved = line.replace(f'"sequence":{sequence}'.encode(), b'"sequence":11')
        assert verified([moved]) == ["writer 1, entry 11: not in the record that was signed"]
    assert await proof_of(record, RECORD, 1, 11) is None
    assert await proof_of(record, RECORD, 1, 0) is None


async def test_keys_may_change(record: AsyncEngine) -> None:
    later = SigningKey(b"later" + bytes(27))
    await recorded(record, 2, key=later)
    lines = await lines_of(record)

    assert verified(lines, keys=PublicKeys([KEY.published(), later.published()])) == []
    assert verified(lines)[0] == "line 4: signed by a key that was not given"
