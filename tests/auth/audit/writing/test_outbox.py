"""A change of our own state and what the record says of it stand together or not at all."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import structlog
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.record import Audit
from auth.audit.usage.entries import UsageEntry
from auth.audit.writing.outbox import LEFT_FOR, note
from auth.crypto.keys import Keys
from auth.dossiers.store import Dossiers
from auth.dossiers.terms import Opener, Opening
from auth.state.engine import writing
from auth.state.tables import AUDIT_OUTBOX, DOSSIERS
from tests.auth.record import ENTRY, KEY, NUMBER, lines_of, verified

pytestmark = pytest.mark.anyio

OPENED = replace(ENTRY, released=("Mutation.openDossier",), denied=(), subjects=(), operation_hash="")
OPENING = Opening("department", "diploma-reissue", "H-1", Opener.AGENCY, date(2026, 12, 1), date(2027, 1, 1), "sealed")
OTHER = "001099054321"
TODAY = date(2026, 11, 21)


async def audit_of(engine: AsyncEngine, keys: Keys) -> Audit:
    audit = Audit(engine, keys, KEY)
    await audit.start()
    return audit


async def opened(engine: AsyncEngine, audit: Audit, keys: Keys, number: str = "H-1", entry: str = "r-1") -> None:
    """Open a dossier of NUMBER, as a request does."""
    with audit.noting(replace(OPENED, request_id=entry)):
        await Dossiers(engine, keys).open(replace(OPENING, number=number), NUMBER, OPENED.at, TODAY)


async def log(audit: Audit, person: str = NUMBER) -> list[UsageEntry]:
    return list((await audit.usage(person, (), TODAY, 10)).entries)


async def number_of(engine: AsyncEngine, table: object = AUDIT_OUTBOX) -> int:
    async with engine.connect() as connection:
        statement = select(func.count()).select_from(table)  # type: ignore[arg-type]
        return (await connection.execute(statement)).scalar_one()


def later() -> datetime:
    return datetime.now(UTC) + LEFT_FOR + timedelta(seconds=1)


async def test_a_change_whose_entry_was_never_written_is_in_the_record_and_the_persons_log(
    engine: AsyncEngine, keys: Keys
) -> None:
    audit = await audit_of(engine, keys)
    await opened(engine, audit, keys)
    await audit.deliver()
    assert (await log(audit), await number_of(engine)) == ([], 1)  # its operation may still be under way

    await audit.deliver(later())
    await audit.deliver(later())

    [entry] = await log(audit)
    assert (entry.request_id, entry.released, entry.client_id) == ("r-1", ("Mutation.openDossier",), "school")
    assert await number_of(engine) == 0
    await audit.stop()
    assert verified(await lines_of(engine)) == []


async def test_the_operations_own_entry_takes_the_place_of_the_note(engine: AsyncEngine, keys: Keys) -> None:
    audit = await audit_of(engine, keys)
    await opened(engine, audit, keys)
    await audit.record(replace(ENTRY, released=("Mutation.openDossier", "Learner.fullName")))

    await audit.deliver(later())

    assert [entry.released for entry in await log(audit)] == [("Mutation.openDossier", "Learner.fullName")]
    assert await number_of(engine) == 0
    await audit.stop()


@pytest.mark.parametrize(
    "less",
    [
        replace(ENTRY, released=(), denied=(("Mutation.openDossier", "STATE_UNAVAILABLE", ""),)),
        replace(ENTRY, released=("Mutation.openDossier",), subjects=()),
        replace(ENTRY, released=("Mutation.openDossier",), request_id="r-2"),
    ],
    ids=["as refused", "about nobody", "of another operation"],
)
async def test_an_entry_that_says_less_does_not(engine: AsyncEngine, keys: Keys, less: object) -> None:
    audit = await audit_of(engine, keys)
    await opened(engine, audit, keys)
    await audit.record(less)  # type: ignore[arg-type]

    await audit.deliver(later())

    assert "Mutation.openDossier" in {name for one in await log(audit) for name in one.released}
    assert await number_of(engine) == 0
    await audit.stop()


async def test_a_change_that_is_taken_back_leaves_no_note_and_a_note_that_fails_no_change(
    engine: AsyncEngine, keys: Keys
) -> None:
    audit = await audit_of(engine, keys)
    with pytest.raises(RuntimeError), audit.noting(OPENED):
        async with writing(engine) as connection:
            await note(connection, [keys.pseudonym(NUMBER)])
            raise RuntimeError("the change failed")
    assert await number_of(engine) == 0
    async with writing(engine) as connection:
        await connection.execute(text("alter table audit_outbox rename to elsewhere"))

    with pytest.raises(Exception, match=r"audit_outbox|written now"):
        await opened(engine, audit, keys)

    assert await number_of(engine, DOSSIERS) == 0
    async with writing(engine) as connection:
        await connection.execute(text("alter table elsewhere rename to audit_outbox"))
    await audit.stop()


async def test_what_is_put_into_the_outbox_by_others_becomes_nothing_and_is_told(
    engine: AsyncEngine, keys: Keys
) -> None:
    audit = await audit_of(engine, keys)
    await opened(engine, audit, keys)
    async with engine.connect() as connection:
        genuine = dict((await connection.execute(select(AUDIT_OUTBOX))).one()._mapping)
    forged = genuine["body"].replace("Mutation.openDossier", "Learner.fullName")
    about_another = {"subjects": keys.pseudonym(OTHER)}
    async with writing(engine) as connection:
        await connection.execute(update(AUDIT_OUTBOX).values(about_another))
        for number, change in enumerate(({"body": forged}, {"tag": bytes(17)}, {"tag": b""}, {})):
            # the last is genuine but for its place: a note counts once
            await connection.execute(insert(AUDIT_OUTBOX).values({**genuine, "id": bytes([number] * 16), **change}))
    with structlog.testing.capture_logs() as logged:
        await audit.deliver(later())

    assert (await log(audit), await log(audit, OTHER)) == ([], [])
    assert [one["notes"] for one in logged if one.get("alarm")] == [5]
    await audit.stop()


async def test_a_note_put_back_after_it_was_delivered_becomes_no_second_entry(engine: AsyncEngine, keys: Keys) -> None:
    audit = await audit_of(engine, keys)
    await opened(engine, audit, keys)
    async with engine.connect() as connection:
        row = dict((await connection.execute(select(AUDIT_OUTBOX))).one()._mapping)
    await audit.deliver(later())
    async with writing(engine) as connection:
        await connection.execute(insert(AUDIT_OUTBOX).values(row))

    await audit.deliver(later())

    assert len(await log(audit)) == 1
    await audit.stop()


async def test_two_processes_deliver_a_note_once(engine: AsyncEngine, keys: Keys) -> None:
    one, other = await audit_of(engine, keys), await audit_of(engine, keys)
    for number in range(3):
        await opened(engine, one, keys, f"H-{number}", f"r-{number}")

    await one.deliver(later())
    await other.deliver(later())

    assert sorted(entry.request_id for entry in await log(one)) == ["r-0", "r-1", "r-2"]
    await one.stop()
    await other.stop()


async def test_what_no_request_makes_leaves_no_note(engine: AsyncEngine, keys: Keys) -> None:
    await Dossiers(engine, keys).open(OPENING, NUMBER, OPENED.at, TODAY)

    assert (await number_of(engine, DOSSIERS), await number_of(engine)) == (1, 0)


async def test_a_delivery_that_fails_in_any_way_is_an_alarm_and_tried_again(engine: AsyncEngine, keys: Keys) -> None:
    before = await audit_of(engine, keys)
    await opened(engine, before, keys)
    await before.stop()
    await made_due(engine)
    await refusing(engine, "taken")
    audit = Audit(engine, keys, KEY, notes_every_s=0.02)
    with structlog.testing.capture_logs() as logs:
        await audit.start()
        for _ in range(100):
            await asyncio.sleep(0.05)
            if any(line["event"] == "audit notes not delivered" for line in logs):
                break
        await audit.record(replace(ENTRY, request_id="r-2"))
        assert [one.request_id for one in await log(audit)] == ["r-2"]
        await taking(engine, "taken")
        for _ in range(100):
            await asyncio.sleep(0.05)
            if await number_of(engine) == 0:
                break
    await audit.stop()

    assert {line["alarm"] for line in logs if line["event"] == "audit notes not delivered"} == {True}
    assert {one.request_id for one in await log(audit)} == {"r-1", "r-2"}


async def test_what_waits_is_written_and_signed_whatever_becomes_of_notes(engine: AsyncEngine, keys: Keys) -> None:
    before = await audit_of(engine, keys)
    await opened(engine, before, keys)
    await before.stop()
    await made_due(engine)
    await refusing(engine, "taken")
    audit = await audit_of(engine, keys)
    recording = asyncio.ensure_future(audit.record(ENTRY))
    await asyncio.sleep(0.3)
    await audit.stop()
    await recording
    assert verified(await lines_of(engine)) == []


async def made_due(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await connection.execute(update(AUDIT_OUTBOX).values(due=datetime.now(UTC) - timedelta(seconds=1)))


async def refusing(engine: AsyncEngine, name: str) -> None:
    """Let the database refuse that a note is taken, in a way that is no absence of it."""
    if engine.dialect.name == "postgresql":
        statement = f"alter table audit_outbox add constraint {name} check (due < '2026-01-01') not valid"
    else:
        body = "begin select raise(abort, 'refused'); end"
        statement = f"create trigger {name} before update on audit_outbox {body}"
    async with writing(engine) as connection:
        await connection.execute(text(statement))


async def taking(engine: AsyncEngine, name: str) -> None:
    dropped = f"alter table audit_outbox drop constraint {name}"
    async with writing(engine) as connection:
        is_postgresql = engine.dialect.name == "postgresql"
        await connection.execute(text(dropped if is_postgresql else f"drop trigger {name}"))
