"""A person's own proof: checked with the public key alone, it binds what was shown and holds nothing of others."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import QueuePool, delete, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.log.chain import Band, band_of
from auth.audit.oversight.search import Search, found
from auth.audit.proof.usage_proof import HashBudget, UsageProofs
from auth.audit.record import Audit
from auth.audit.writing.adoption import adopt
from auth.crypto.audit_keys import Origin
from auth.crypto.keys import Keys
from auth.crypto.signing import SigningKey
from auth.errors import Refused
from auth.state.engine import writing
from auth.state.tables import AUDIT_ENTRIES
from tests.auth.record import BODY_OF_BEFORE, ENTRY, KEY, KEYS, NUMBER, PUBLIC, RECORD, TODAY, left_by_before, verified

pytestmark = pytest.mark.anyio

OTHERS = tuple(f"0010990{number:05d}" for number in range(300))
MANY = dataclasses.replace(
    ENTRY, subjects=[KEYS.pseudonym(one) for one in (NUMBER, *OTHERS)], rows=301, operation_name="LopA1"
)


@pytest.fixture
async def audit(engine: AsyncEngine, keys: Keys) -> AsyncIterator[Audit]:
    audit = Audit(engine, keys, KEY, root_interval_s=3600)
    await audit.start()
    yield audit
    await audit.stop()


async def documents(audit: Audit, entries: int = 10) -> list[bytes]:
    """Return the documents of the person's entries that can be proved, the newest first."""
    page = await audit.usage(NUMBER, (), TODAY, entries)
    proofs = await audit.proofs(page.entries, HashBudget())
    return [proofs[one.position[1:]].document().encode() for one in page.entries if one.position[1:] in proofs]


async def signed(audit: Audit, windows: int = 3) -> None:
    """Record five entries under each of so many roots, every second one about many persons."""
    for window in range(windows):
        for number in range(5):
            at = ENTRY.at + timedelta(seconds=10 * window + number)
            await audit.record(dataclasses.replace(MANY if number % 2 else ENTRY, at=at))
        await audit.sign()


async def test_every_entry_under_a_root_is_proved(audit: Audit) -> None:
    await signed(audit)
    found = await documents(audit, 100)
    assert len(found) == 15
    assert verified(found) == []


async def test_an_entry_under_no_root_yet_has_no_proof(audit: Audit) -> None:
    await audit.record(ENTRY)
    assert await documents(audit) == []
    await audit.sign()
    assert len(await documents(audit)) == 1


async def test_a_proof_shows_what_the_person_is_shown_and_nothing_of_others(audit: Audit, keys: Keys) -> None:
    await audit.record(MANY)
    await audit.sign()
    [document] = await documents(audit)
    line = orjson.loads(document)
    shown = orjson.loads(line["shown"])
    assert (shown["client_id"], shown["released"], shown["band"]) == ("school", ["Learner.fullName"], "101+")
    assert shown.keys().isdisjoint(
        {"case", "rows", "operation_hash", "operation_name", "subjects", "salt", "latency_us"}
    )
    for other in (NUMBER, *OTHERS):
        assert keys.pseudonym(other).hex() not in document.decode()
        assert other not in document.decode()
    assert "LopA1" not in document.decode()
    assert "H01-7" not in document.decode()  # the dossier may be of one of the others


async def test_whose_dossier_it_may_be_is_shown_to_nobody_else(audit: Audit, engine: AsyncEngine) -> None:
    await audit.record(ENTRY)
    await audit.record(MANY)
    assert [one.case for one in (await audit.usage(NUMBER, (), TODAY, 2)).entries] == [None, "H01-7"]
    assert [one.case for one in (await found(engine, RECORD, Search(), 2)).entries] == ["H01-7", "H01-7"]


def flipped(text: str) -> str:
    """Return hexadecimal text with its last digit changed."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "when": lambda line: line["shown"].replace("T08:00", "T09:00"),
    "who": lambda line: line["shown"].replace('"school"', '"police"'),
    "what was released": lambda line: line["shown"].replace("fullName", "religion"),
    "what was denied": lambda line: line["shown"].replace("ROLE_NOT", "CASE_NOT"),
    "how many": lambda line: line["shown"].replace('"band":"1"', '"band":null'),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_each_word_that_was_shown_counts(audit: Audit, change: Callable[[dict[str, Any]], str]) -> None:
    await signed(audit)
    line = orjson.loads((await documents(audit, 100))[7 * 2])
    changed = change(line)
    assert changed != line["shown"]
    assert verified([orjson.dumps({**line, "shown": changed})]) == [
        "writer 1, entry 1: not in the record that was signed"
    ]


async def test_each_part_of_a_proof_counts(audit: Audit) -> None:
    await signed(audit)
    line = orjson.loads((await documents(audit))[3])
    broken = [
        {**line, "writer": 2},
        {**line, "sequence": line["sequence"] - 1},
        {**line, "previous": flipped(line["previous"])},
        {**line, "withheld": flipped(line["withheld"])},
        {**line, "path": line["path"][1:]},
        {**line, "path": [*line["path"], "00" * 32]},
        *(
            {**line, "path": [*line["path"][:at], flipped(node), *line["path"][at + 1 :]]}
            for at, node in enumerate(line["path"])
        ),
    ]
    for one in broken:
        assert [finding.partition(": ")[2] for finding in verified([orjson.dumps(one)])] == [
            "not in the record that was signed"
        ]
    head, payload, signature = line["statement"].split(".")
    for statement in (f"{head}.{payload[:-2]}AA.{signature}", f"{head}.{payload}.AAAA{signature[4:]}"):
        assert verified([orjson.dumps({**line, "statement": statement})]) != []


async def test_a_root_signed_by_another_proves_nothing(engine: AsyncEngine, keys: Keys) -> None:
    stranger = Audit(engine, keys, SigningKey(bytes(32)))
    await stranger.start()
    await stranger.record(ENTRY)
    await stranger.stop()
    assert verified(await documents(stranger)) == ["writer 1, entry 1: signed by a key that was not given"]


async def test_an_entry_changed_in_the_database_is_not_shown_and_those_around_it_cannot_be_proved(
    audit: Audit, engine: AsyncEngine
) -> None:
    await signed(audit)
    async with writing(engine) as connection:
        of_one = (AUDIT_ENTRIES.c.sequence == 1,)
        changed = (await audit.usage(NUMBER, (), TODAY, 100)).entries[-1].body.replace("school", "police")
        await connection.execute(update(AUDIT_ENTRIES).where(*of_one).values(body=changed))
    page = await audit.usage(NUMBER, (), TODAY, 100)
    assert (len(page.entries), page.whole) == (14, False)
    assert verified(await documents(audit, 100)) == []


async def test_where_entries_were_deleted_nothing_is_claimed(audit: Audit, engine: AsyncEngine) -> None:
    await signed(audit, windows=2)
    async with writing(engine) as connection:
        await connection.execute(delete(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.sequence == 2))
    assert len(await documents(audit, 100)) == 5  # those of the other window


async def test_entries_of_before_have_no_proof(audit: Audit, engine: AsyncEngine, keys: Keys) -> None:
    await left_by_before(engine, BODY_OF_BEFORE, keys.pseudonym(NUMBER))
    await adopt(engine, RECORD)
    [entry] = (await audit.usage(NUMBER, (), TODAY, 10)).entries
    assert (entry.band, entry.origin) == (None, Origin.EARLIER)
    assert await documents(audit) == []


async def test_what_one_operation_may_cost_is_bounded(audit: Audit) -> None:
    await signed(audit)
    entries = (await audit.usage(NUMBER, (), TODAY, 15)).entries
    assert len(await audit.proofs(entries, HashBudget(15))) == 15
    with pytest.raises(Refused, match="ask for fewer at a time"):
        await audit.proofs(entries, HashBudget(14))
    of_two = HashBudget(19)
    await audit.proofs(entries, of_two)
    with pytest.raises(Refused, match="ask for fewer at a time"):
        await audit.proofs(entries[:1], of_two)


async def test_hashing_takes_one_thread_and_no_connection(
    audit: Audit, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await signed(audit)
    body_by_place = {one.position[1:]: one.body for one in (await audit.usage(NUMBER, (), TODAY, 15)).entries}
    held: list[tuple[int, int]] = []
    at_once = 0

    async def observed(work: Callable[..., Any], *given: Any) -> Any:
        nonlocal at_once
        at_once += 1
        assert isinstance(engine.pool, QueuePool)
        held.append((at_once, engine.pool.checkedout()))
        await asyncio.sleep(0.01)  # would let the others in
        at_once -= 1
        return work(*given)

    monkeypatch.setattr(asyncio, "to_thread", observed)
    proofs = UsageProofs(engine, PUBLIC)
    made = await asyncio.gather(*(proofs.of(body_by_place, HashBudget()) for _ in range(4)))
    assert [len(one) for one in made] == [15] * 4
    assert held == [(1, 0)] * 12


@pytest.mark.parametrize(
    ("subjects", "band"),
    [
        (0, None),
        (1, Band.ONE),
        (2, Band.UP_TO_10),
        (10, Band.UP_TO_10),
        (11, Band.UP_TO_100),
        (100, Band.UP_TO_100),
        (101, Band.MORE),
    ],
)
def test_others_are_told_of_in_bands(subjects: int, band: Band | None) -> None:
    assert band_of(subjects) == band
