"""Readings in emergencies: kept or nothing at all, told to those whom they concern, and reviewed by somebody else."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.crypto.free_text import SealedWords, WordsUnreadable
from auth.crypto.keys import Keys
from auth.emergencies import Emergencies, EmergencyUse, Review, ReviewState
from auth.errors import Refused, StateUnavailable
from auth.state.engine import writing
from auth.state.tables import EMERGENCY_READINGS, EMERGENCY_SUBJECTS

pytestmark = pytest.mark.anyio

AT, TODAY = datetime(2026, 11, 21, 8, tzinfo=UTC), date(2026, 11, 21)
ADULT, CHILD, OTHER = "001099012345", "001220000003", "001185000001"
REASON = "Cháu bé bị tai nạn, cần liên hệ cha mẹ"
USE = EmergencyUse("police", "vital-interests", AT, "r-1", REASON)
OPEN, JUSTIFIED, UNJUSTIFIED = ReviewState
REVIEW = Review(AT, "officer", "Đã gọi bệnh viện, đúng sự việc")


@pytest.fixture
def emergencies(engine: AsyncEngine, keys: Keys) -> Emergencies:
    return Emergencies(engine, keys)


async def test_everybody_whom_it_concerned_is_told_with_the_reason(emergencies: Emergencies) -> None:
    await emergencies.record(USE, [ADULT, CHILD])

    for subject in (ADULT, CHILD):
        [told] = await emergencies.of_subject([subject], TODAY)
        assert (told.use, told.subjects, told.state, told.review) == (USE, 2, OPEN, None)
    assert await emergencies.of_subject([OTHER], TODAY) == []


async def test_notices_are_found_under_an_earlier_master_secret(engine: AsyncEngine, emergencies: Emergencies) -> None:
    await emergencies.record(USE, [ADULT])
    renewed = Emergencies(engine, Keys(bytes(range(1, 33)), [bytes(range(32))]))

    assert [told.use for told in await renewed.of_subject([ADULT], TODAY)] == [USE]


@pytest.mark.parametrize(("on", "told"), [(date(2026, 12, 31), 0), (date(2027, 1, 1), 1)])
async def test_a_hidden_reading_is_told_from_the_day_after(emergencies: Emergencies, on: date, told: int) -> None:
    await emergencies.record(replace(USE, hidden_until=date(2026, 12, 31)), [ADULT])

    assert len(await emergencies.of_subject([ADULT], on)) == told
    assert len(await emergencies.queue(OPEN, 10, None)) == 1  # officers see it at any time


async def test_a_use_about_nobody_is_kept_as_well(emergencies: Emergencies) -> None:
    await emergencies.record(USE, [])

    [waiting] = await emergencies.queue(OPEN, 10, None)
    assert waiting.subjects == 0


async def test_what_cannot_be_kept_is_an_error_and_leaves_nothing(
    emergencies: Emergencies, engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    async with writing(engine) as connection:
        await connection.execute(text("alter table emergency_subjects rename to elsewhere"))

    with pytest.raises(StateUnavailable):
        await emergencies.record(USE, [ADULT])
    async with engine.connect() as connection:
        assert (await connection.execute(select(EMERGENCY_READINGS))).all() == []
    assert REASON not in capsys.readouterr().out


async def test_it_is_an_alarm_without_the_reason_or_anybody(
    emergencies: Emergencies, capsys: pytest.CaptureFixture[str]
) -> None:
    await emergencies.record(USE, [ADULT])

    logged = capsys.readouterr().out
    assert "glass broken" in logged
    assert "alarm" in logged
    assert not [secret for secret in (REASON, "tai nạn", ADULT) if secret in logged]


async def test_the_queue_is_oldest_first_in_pages(emergencies: Emergencies) -> None:
    for number in range(3):
        await emergencies.record(replace(USE, request_id=f"r-{number}"), [ADULT])

    first = await emergencies.queue(OPEN, 2, None)
    rest = await emergencies.queue(OPEN, 2, first[-1].id)

    assert [one.use.request_id for one in (*first, *rest)] == ["r-0", "r-1", "r-2"]


@pytest.mark.parametrize("justified", [True, False])
async def test_a_review_is_seen_by_the_subject(emergencies: Emergencies, justified: bool) -> None:
    await emergencies.record(USE, [ADULT])
    [waiting] = await emergencies.queue(OPEN, 10, None)

    await emergencies.review(waiting.id, justified, REVIEW)

    [told] = await emergencies.of_subject([ADULT], TODAY)
    assert (told.state, told.review) == (JUSTIFIED if justified else UNJUSTIFIED, REVIEW)
    assert await emergencies.queue(OPEN, 10, None) == []


async def test_a_reading_is_judged_once_and_not_by_who_made_it(emergencies: Emergencies) -> None:
    await emergencies.record(USE, [ADULT])
    [waiting] = await emergencies.queue(OPEN, 10, None)

    with pytest.raises(Refused, match="of somebody else that waits"):
        await emergencies.review(waiting.id, True, replace(REVIEW, by="police"))
    await emergencies.review(waiting.id, False, REVIEW)
    with pytest.raises(Refused, match="of somebody else that waits"):
        await emergencies.review(waiting.id, True, REVIEW)


async def test_words_and_subjects_are_not_readable_in_the_state(emergencies: Emergencies, engine: AsyncEngine) -> None:
    await emergencies.record(USE, [ADULT])
    await emergencies.review(1, True, REVIEW)

    async with engine.connect() as connection:
        rows = [
            *(await connection.execute(select(EMERGENCY_READINGS))),
            *(await connection.execute(select(EMERGENCY_SUBJECTS))),
        ]
    kept = b"".join(value if isinstance(value, bytes) else repr(value).encode() for row in rows for value in row)
    assert not [secret for secret in (REASON, REVIEW.words, ADULT) if secret.encode() in kept]


def test_words_open_in_their_own_row_only(keys: Keys) -> None:
    box = SealedWords(keys, "emergencies")
    sealed = box.seal(REASON, b"r-1")

    assert box.open(sealed, b"r-1") == REASON
    assert box.seal(REASON, b"r-1") != sealed
    for other, row in ((box, b"r-2"), (SealedWords(keys, "rights"), b"r-1")):
        with pytest.raises(WordsUnreadable):
            other.open(sealed, row)
