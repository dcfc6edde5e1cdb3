"""Who may write to our database, and no more, gets nothing into the record, a log, a root or a proof."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.log.chain import GENESIS, hash_of
from auth.audit.log.merkle import Frontier
from auth.audit.log.signed_roots import RootLog, TreeState
from auth.audit.oversight.alarms import AlarmKindValue, alarms
from auth.audit.oversight.minimisation import minimisation
from auth.audit.oversight.search import Search, found
from auth.audit.proof.usage_proof import HashBudget
from auth.audit.record import Audit
from auth.audit.writing.adoption import adopt
from auth.audit.writing.signer import Signer
from auth.crypto.audit_keys import Origin, RecordKeys
from auth.crypto.keys import Keys
from auth.crypto.signing import SigningKey
from auth.state.engine import writing
from auth.state.tables import AUDIT_ENTRIES, AUDIT_ROOTS, AUDIT_SUBJECTS, AUDIT_WRITERS
from tests.auth.record import (
    BODY_OF_BEFORE,
    ENTRY,
    KEY,
    KEYS,
    NUMBER,
    RECORD,
    TODAY,
    left_by_before,
    lines_of,
    verified,
)

pytestmark = pytest.mark.anyio

OTHER = "001099054321"
STRANGER = RecordKeys(Keys(bytes(32)), SigningKey(b"x" * 32))
"""Keys like ours, of somebody else."""


@pytest.fixture
async def audit(engine: AsyncEngine, keys: Keys) -> AsyncIterator[Audit]:
    """A record of one genuine entry about NUMBER, signed."""
    audit = Audit(engine, keys, KEY, root_interval_s=3600)
    await audit.start()
    await audit.record(ENTRY)
    await audit.sign()
    yield audit
    await audit.stop()


async def genuine(engine: AsyncEngine) -> Mapping[str, Any]:
    async with engine.connect() as connection:
        rows = await connection.execute(
            select(AUDIT_ENTRIES).order_by(AUDIT_ENTRIES.c.writer, AUDIT_ENTRIES.c.sequence)
        )
        return dict(rows.mappings().all()[0])


async def planted(engine: AsyncEngine, previous: bytes = GENESIS, **changes: Any) -> Mapping[str, Any]:
    """Plant an entry made from the genuine one as an intruder would, its hash right and its index row there."""
    like = {**await genuine(engine), "writer": 77, "sequence": 1, **changes}
    like["hash"] = hash_of(previous, like["writer"], like["sequence"], like["body"].encode())
    if "tag" in changes and callable(changes["tag"]):
        like["tag"] = changes["tag"](like["writer"], like["sequence"], like["hash"], like["body"].encode())
    async with writing(engine) as connection:
        if like["writer"] == 77:
            await connection.execute(insert(AUDIT_WRITERS).values(id=77, started_at=ENTRY.at))
        await connection.execute(insert(AUDIT_ENTRIES).values(like))
        place = {name: like[name] for name in ("writer", "sequence", "at")}
        await connection.execute(insert(AUDIT_SUBJECTS).values(**place, subject=KEYS.pseudonym(NUMBER)))
    return like


TAGS: Mapping[str, Any] = {
    "none": None,
    "another entry's": ...,
    "by another's secret": STRANGER.tag,
    "garbled": b"\x01",
}


@pytest.mark.parametrize("tag", TAGS, ids=str)
async def test_a_chain_that_no_process_wrote_is_nowhere_and_an_alarm(
    audit: Audit, engine: AsyncEngine, capsys: pytest.CaptureFixture[str], tag: str
) -> None:
    own = await genuine(engine)
    await planted(engine, tag=own["tag"] if TAGS[tag] is ... else TAGS[tag])

    page = await audit.usage(NUMBER, (), TODAY, 10)
    assert ([entry.position[1] for entry in page.entries], page.whole) == ([own["writer"]], False)
    search = await found(engine, RECORD, Search(), 10)
    assert ([entry.position[1] for entry in search.entries], search.whole) == ([own["writer"]], False)
    [use] = await minimisation(engine, RECORD, Search())
    assert use.operations == 1
    since = ENTRY.at - timedelta(days=1)
    told = {(alarm.kind, alarm.writer) for alarm in await alarms(engine, RECORD, since, datetime.now(UTC), 100)}
    assert told == {(AlarmKindValue.NOT_OURS, 77), (AlarmKindValue.CHAIN_BROKEN, 77)}

    await Signer(engine, RECORD).sign(abandoned_s=0)
    async with engine.connect() as connection:
        assert set((await connection.execute(select(AUDIT_ROOTS.c.writer))).scalars()) == {own["writer"]}
    out = capsys.readouterr().out
    assert "audit entries not ours" in out
    assert "audit chain broken" in out

    exported = await lines_of(engine)
    assert [orjson.loads(line)["writer"] for line in exported if b'"kind":"entry"' in line] == [own["writer"]]
    assert verified(exported) == ["writer 77, entry 1: not as a process that holds the keys wrote it: left out"]


async def test_a_chain_under_a_forged_root_is_not_proved(audit: Audit, engine: AsyncEngine) -> None:
    like = await planted(engine, tag=STRANGER.tag)
    tree = Frontier()
    tree.grow(like["hash"])
    stand = TreeState(77, 1, tree.root(), like["hash"], b"".join(tree.peaks))
    await RootLog(engine, STRANGER).sign([stand], ENTRY.at)

    assert 77 not in [entry.position[1] for entry in (await audit.usage(NUMBER, (), TODAY, 10)).entries]
    body_by_place = {(77, 1): like["body"]}
    assert await audit._proofs.of(body_by_place, HashBudget()) == {}


async def test_a_forged_root_does_not_keep_a_writers_chain_from_being_signed(
    audit: Audit, engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    own = await genuine(engine)
    tree = Frontier()
    for _ in range(1000):
        tree.grow(bytes(32))
    stand = TreeState(own["writer"], 1000, tree.root(), bytes(32), b"".join(tree.peaks))
    await RootLog(engine, STRANGER).sign([stand], ENTRY.at)
    await audit.record(ENTRY)
    await audit.sign()

    async with engine.connect() as connection:
        sizes = (await connection.execute(select(AUDIT_ROOTS.c.size).order_by(AUDIT_ROOTS.c.number))).scalars().all()
    assert sizes == [1, 1000, 2]
    assert "audit root not ours" in capsys.readouterr().out


async def test_a_genuine_entry_is_not_shown_to_another_person(audit: Audit, engine: AsyncEngine) -> None:
    own = await genuine(engine)
    place = {name: own[name] for name in ("writer", "sequence", "at")}
    async with writing(engine) as connection:
        await connection.execute(insert(AUDIT_SUBJECTS).values(**place, subject=KEYS.pseudonym(OTHER)))
    page = await audit.usage(OTHER, (), TODAY, 10)
    assert (page.entries, page.whole) == ((), False)

    # nor where the entry's own list of subjects says so too
    both = b"".join(sorted((KEYS.pseudonym(NUMBER), KEYS.pseudonym(OTHER))))
    async with writing(engine) as connection:
        await connection.execute(update(AUDIT_ENTRIES).values(subjects=both))
    assert (await audit.usage(OTHER, (), TODAY, 10)).entries == ()


CHANGES: Mapping[str, Any] = {
    "the time of the index row": (AUDIT_SUBJECTS, {"at": ENTRY.at + timedelta(days=1)}),
    "the time it is searched by": (AUDIT_ENTRIES, {"at": ENTRY.at + timedelta(days=1)}),
    "the client it is searched by": (AUDIT_ENTRIES, {"client_id": "police"}),
    "its body": (AUDIT_ENTRIES, {"body": AUDIT_ENTRIES.c.body + " "}),
    "its body, to no JSON": (AUDIT_ENTRIES, {"body": "x"}),
    "its hash": (AUDIT_ENTRIES, {"hash": bytes(32)}),
    "its tag": (AUDIT_ENTRIES, {"tag": bytes(17)}),
    "its place": (AUDIT_ENTRIES, {"sequence": 2}),
}


@pytest.mark.parametrize("change", CHANGES, ids=str)
async def test_an_entry_changed_in_any_column_is_not_shown(audit: Audit, engine: AsyncEngine, change: str) -> None:
    table, values = CHANGES[change]
    async with writing(engine) as connection:
        await connection.execute(update(table).values(values))

    page = await audit.usage(NUMBER, (), TODAY, 10)
    assert (page.entries, page.whole) == ((), False)


async def test_a_page_goes_on_beyond_what_is_not_ours(audit: Audit, engine: AsyncEngine) -> None:
    await planted(engine, tag=None, at=ENTRY.at + timedelta(seconds=1))

    first = await audit.usage(NUMBER, (), TODAY, 1)
    second = await audit.usage(NUMBER, (), TODAY, 1, first.last)

    assert (first.entries, first.has_next, first.whole) == ((), True, False)
    assert (len(second.entries), second.has_next, second.whole) == (1, False, True)


async def test_entries_planted_behind_a_dead_writers_chain_are_not_signed(audit: Audit, engine: AsyncEngine) -> None:
    own = await genuine(engine)
    await planted(engine, own["hash"], writer=own["writer"], sequence=2, tag=own["tag"])

    await Signer(engine, RECORD).sign(abandoned_s=0)

    async with engine.connect() as connection:
        assert (await connection.execute(select(AUDIT_ROOTS.c.size))).scalars().all() == [1]


async def test_entries_under_an_earlier_master_secret_stay_authentic(audit: Audit, engine: AsyncEngine) -> None:
    rotated = RecordKeys(Keys(b"n" * 32, [bytes(range(32))]))
    page = await found(engine, rotated, Search(), 10)
    assert (len(page.entries), page.whole) == (1, True)
    assert (await found(engine, RecordKeys(Keys(b"n" * 32)), Search(), 10)).entries == ()


async def test_entries_of_before_are_taken_over_as_they_were_signed(audit: Audit, engine: AsyncEngine) -> None:
    subject = KEYS.pseudonym(NUMBER)
    signed = await left_by_before(engine, BODY_OF_BEFORE, subject)
    unsigned = await left_by_before(engine, BODY_OF_BEFORE.replace("r-0", "r-9"), subject, signed=False)
    changed = await left_by_before(engine, BODY_OF_BEFORE, subject)
    body = BODY_OF_BEFORE.replace("school-management", "statistics")
    forged = {"body": body, "hash": hash_of(GENESIS, changed, 1, body.encode()), "purpose": "statistics"}
    async with writing(engine) as connection:
        await connection.execute(update(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.writer == changed).values(forged))

    await adopt(engine, RECORD)
    await adopt(engine, RECORD)

    page = await audit.usage(NUMBER, (), TODAY, 10)
    shown = {entry.position[1]: entry.origin for entry in page.entries}
    assert shown == {(await genuine(engine))["writer"]: Origin.WRITER, signed: Origin.EARLIER}
    assert {unsigned, changed}.isdisjoint(shown)
    exported = [orjson.loads(line) for line in await lines_of(engine)]
    assert [line["writer"] for line in exported if line.get("earlier")] == [signed]


async def test_taking_away_tags_makes_nothing_planted_look_old(audit: Audit, engine: AsyncEngine) -> None:
    await planted(engine, tag=None)
    async with writing(engine) as connection:
        await connection.execute(update(AUDIT_ENTRIES).values(tag=None))

    await adopt(engine, RECORD)

    shown = [(entry.position[1], entry.origin) for entry in (await audit.usage(NUMBER, (), TODAY, 10)).entries]
    assert shown == [((await genuine(engine))["writer"], Origin.EARLIER)]


async def test_where_the_index_names_an_entry_that_is_not_there_the_log_is_not_whole(
    audit: Audit, engine: AsyncEngine
) -> None:
    async with writing(engine) as connection:
        await connection.execute(delete(AUDIT_ENTRIES))
    page = await audit.usage(NUMBER, (), TODAY, 10)
    assert (page.entries, page.whole) == ((), False)


async def test_every_entry_of_a_batch_has_a_tag_of_its_own(audit: Audit, engine: AsyncEngine) -> None:
    await asyncio.gather(*(audit.record(ENTRY) for _ in range(50)))
    async with engine.connect() as connection:
        tags = (await connection.execute(select(AUDIT_ENTRIES.c.tag))).scalars().all()
    assert len(set(tags)) == 51
