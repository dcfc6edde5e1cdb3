"""Requests of data subjects: their clocks, who may do what in which state, the queue, and what the state shows."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.crypto.free_text import SealedWords, WordsUnreadable
from auth.crypto.keys import Key, Keys
from auth.errors import Refused
from auth.principal import Jurisdiction
from auth.rights.requests import Rights
from auth.rights.terms import Claim, FreeText, Responsibility, Right, RightsReply, State
from auth.state.engine import writing
from auth.state.tables import RIGHTS_REQUESTS, RIGHTS_STEPS

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)  # a Friday
ADULT, PARENT, OTHER = "001099012345", "001185000001", "001185000002"
CODE, WRITTEN, PROPOSED = "0199000012", "Tên tôi viết thiếu dấu", "Trần Minh Khanh"
WORDS = FreeText(ADULT, ("Learner", CODE), WRITTEN, PROPOSED)
CLAIM = Claim(Right.CORRECTION, "education", WORDS, "Learner.fullName", "01")
HANOI = Responsibility(frozenset({"education", "credentials"}), Jurisdiction(provinces=frozenset({"01"})))
DANANG = Responsibility(frozenset({"education", "credentials"}), Jurisdiction(provinces=frozenset({"48"})))
POLICE = Responsibility(frozenset({"population"}), Jurisdiction(country=True))
NOBODY = Responsibility(frozenset(), Jurisdiction(country=True))
SUBMITTED, ACKNOWLEDGED, ACCEPTED, REFUSED, COMPLETED, WITHDRAWN = State


@pytest.fixture
def rights(engine: AsyncEngine, keys: Keys) -> Rights:
    return Rights(engine, keys)


def _answer(state: State, third_parties: bool | None = None) -> RightsReply:
    ground = "not-the-subject" if state is REFUSED else None
    return RightsReply(state, "dept-hanoi", ground, third_parties)


async def _submitted(rights: Rights, claim: Claim = CLAIM, at: datetime = AT) -> int:
    return (await rights.submit(claim, ADULT, "vneid-app", at)).id


async def test_a_request_starts_its_clocks_when_it_is_submitted(rights: Rights) -> None:
    made = await rights.submit(CLAIM, ADULT, "vneid-app", AT)

    assert (made.state, made.submitted_at, made.claim) == (SUBMITTED, AT, CLAIM)
    assert (made.acknowledge_by, made.complete_by, made.due) == (
        date(2026, 11, 25),
        date(2026, 11, 30),
        date(2026, 11, 25),
    )
    assert [(step.state, step.at, step.client_id) for step in made.history] == [(SUBMITTED, AT, "vneid-app")]
    assert await rights.of_subjects([ADULT]) == [made]


async def test_the_day_of_receipt_is_vietnams(rights: Rights) -> None:
    late = await rights.submit(CLAIM, ADULT, "vneid-app", datetime(2026, 11, 18, 17, 0, tzinfo=UTC))

    assert late.acknowledge_by == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("states", "refused"),
    [
        ([ACKNOWLEDGED, ACCEPTED, COMPLETED], None),
        ([ACCEPTED, COMPLETED], None),
        ([REFUSED], None),
        ([ACKNOWLEDGED, REFUSED], None),
        ([COMPLETED], "`decision` does not follow"),
        ([SUBMITTED], "`decision` does not follow"),
        ([WITHDRAWN], "`decision` does not follow"),
        ([ACKNOWLEDGED, ACKNOWLEDGED], "`decision` does not follow"),
        ([ACCEPTED, REFUSED], "`decision` does not follow"),
        ([REFUSED, ACCEPTED], "`decision` does not follow"),
        ([ACCEPTED, COMPLETED, ACCEPTED], "`decision` does not follow"),
    ],
)
async def test_a_request_goes_from_state_to_state(rights: Rights, states: list[State], refused: str | None) -> None:
    number = await _submitted(rights)
    *before, last = states
    for state in before:
        await rights.answer(number, HANOI, _answer(state), AT)

    if refused is None:
        answered = await rights.answer(number, HANOI, _answer(last), AT)
        assert [step.state for step in answered.history] == [SUBMITTED, *states]
        assert (answered.state, answered.due is None) == (last, last in (REFUSED, COMPLETED))
        return
    with pytest.raises(Refused, match=refused):
        await rights.answer(number, HANOI, _answer(last), AT)
    assert [step.state for step in (await rights.of_subjects([ADULT]))[0].history] == [SUBMITTED, *before]


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        (RightsReply(REFUSED, "dept-hanoi"), "`reason` is given with a refusal, and only there"),
        (RightsReply(ACCEPTED, "dept-hanoi", "not-the-subject"), "`reason` is given with a refusal, and only there"),
        (
            RightsReply(REFUSED, "dept-hanoi", "kept-by-law"),
            "`reason` is not a legal ground",
        ),  # that is one for deletion
        (RightsReply(REFUSED, "dept-hanoi", f"because of {ADULT}"), "`reason` is not a legal ground"),
    ],
)
async def test_a_refusal_needs_a_legal_ground_of_its_kind(rights: Rights, answer: RightsReply, refused: str) -> None:
    number = await _submitted(rights)

    with pytest.raises(Refused, match=refused) as caught:
        await rights.answer(number, HANOI, answer, AT)

    assert ADULT not in caught.value.message


async def test_the_ground_of_a_refusal_is_in_the_history(rights: Rights) -> None:
    number = await _submitted(rights)
    refused = await rights.answer(number, HANOI, RightsReply(REFUSED, "dept-hanoi", "correct-as-recorded"), AT)

    assert (refused.history[-1].ground, refused.history[-1].client_id) == ("correct-as-recorded", "dept-hanoi")


@pytest.mark.parametrize(
    ("right", "third_parties", "complete_by"),
    [
        (Right.OBJECTION, None, date(2026, 12, 7)),
        (Right.OBJECTION, False, date(2026, 12, 7)),
        (Right.OBJECTION, True, date(2026, 12, 10)),
        (Right.RESTRICTION, True, date(2026, 12, 10)),
    ],
)
async def test_where_third_parties_must_stop_too_there_are_more_days(
    rights: Rights, right: Right, third_parties: bool | None, complete_by: date
) -> None:
    number = await _submitted(rights, replace(CLAIM, right=right, coordinate=None))
    answered = await rights.answer(number, HANOI, _answer(ACKNOWLEDGED, third_parties), AT + timedelta(days=3))

    assert (answered.complete_by, answered.due, answered.history[-1].complete_by) == (complete_by,) * 3
    accepted = await rights.answer(number, HANOI, _answer(ACCEPTED), AT + timedelta(days=4))
    assert accepted.complete_by == complete_by


@pytest.mark.parametrize(
    ("before", "possible"), [([], True), ([ACKNOWLEDGED], True), ([ACCEPTED], True), ([REFUSED], False)]
)
async def test_what_is_open_may_be_withdrawn(rights: Rights, before: list[State], possible: bool) -> None:
    number = await _submitted(rights)
    for state in before:
        await rights.answer(number, HANOI, _answer(state), AT)

    if possible:
        withdrawn = await rights.withdraw(number, [PARENT, ADULT], "vneid-app", AT)
        assert (withdrawn.state, withdrawn.due, withdrawn.history[-1].state) == (WITHDRAWN, None, WITHDRAWN)
    with pytest.raises(Refused, match="`id` is a request that is closed already"):
        await rights.withdraw(number, [ADULT], "vneid-app", AT)


@pytest.mark.parametrize("others", [[PARENT], [PARENT, OTHER], []])
async def test_nobody_sees_or_withdraws_the_request_of_another_subject(rights: Rights, others: list[Key]) -> None:
    number = await _submitted(rights)

    assert await rights.of_subjects(others) == []
    with pytest.raises(Refused, match="`id` is not one of yours"):
        await rights.withdraw(number, others, "vneid-app", AT)


@pytest.mark.parametrize(
    ("register", "province", "responsible", "queued"),
    [
        ("education", "01", HANOI, True),
        ("credentials", "01", HANOI, True),
        ("education", "48", HANOI, False),
        ("education", None, HANOI, False),
        ("education", "48", DANANG, True),
        ("population", None, HANOI, False),
        ("population", None, POLICE, True),
        ("education", "01", POLICE, False),
        ("education", "01", NOBODY, False),
        ("population", None, Responsibility(frozenset({"population"}), Jurisdiction()), False),
    ],
)
async def test_a_request_is_queued_for_who_answers_for_it_and_answered_by_nobody_else(
    rights: Rights, register: str, province: str | None, responsible: Responsibility, queued: bool
) -> None:
    number = await _submitted(rights, replace(CLAIM, register=register, province_code=province))

    page = await rights.queue(responsible, 10, None)
    assert [one.id for one in page.requests] == [number] * queued
    if not queued:
        with pytest.raises(Refused, match="`id` is not one of yours"):
            await rights.answer(number, responsible, _answer(ACCEPTED), AT)


async def test_the_queue_has_what_is_due_first_at_its_head_and_goes_on_behind_a_position(rights: Rights) -> None:
    access = replace(CLAIM, right=Right.ACCESS, coordinate=None)
    newest = await _submitted(rights, access, AT)
    overdue = await _submitted(rights, access, AT - timedelta(days=40))
    acknowledged = await _submitted(rights, access, AT - timedelta(days=1))
    await rights.answer(acknowledged, HANOI, _answer(ACKNOWLEDGED), AT)
    same_day = await _submitted(rights, access, AT)
    closed = await _submitted(rights, access, AT - timedelta(days=50))
    await rights.withdraw(closed, [ADULT], "vneid-app", AT)

    first = await rights.queue(HANOI, 2, None)
    last = first.requests[-1]
    assert last.due is not None
    rest = await rights.queue(HANOI, 2, (last.due, last.id))

    assert [one.id for one in first.requests] == [overdue, newest]
    assert [one.id for one in rest.requests] == [same_day, acknowledged]
    assert (first.has_next, rest.has_next) == (True, False)


async def test_neither_a_number_nor_what_was_written_lies_open_in_the_state(
    rights: Rights, engine: AsyncEngine
) -> None:
    await rights.submit(CLAIM, PARENT, "vneid-app", AT)

    async with engine.connect() as connection:
        stored = repr((await connection.execute(select(RIGHTS_REQUESTS))).all())
        stored += repr((await connection.execute(select(RIGHTS_STEPS))).all())
        words = (await connection.execute(select(RIGHTS_REQUESTS.c.words))).scalar_one()
    for secret in (ADULT, PARENT, CODE, WRITTEN, PROPOSED):
        assert secret not in stored
        assert secret.encode() not in words


def test_neither_shows_in_the_printed_claim() -> None:
    assert not any(secret in repr(CLAIM) for secret in (ADULT, CODE, WRITTEN, PROPOSED))


async def test_the_database_refuses_to_change_the_history(rights: Rights, engine: AsyncEngine) -> None:
    await _submitted(rights)

    for statement in ("update rights_steps set state = 'COMPLETED'", "delete from rights_steps"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with writing(engine) as connection:
                await connection.execute(text(statement))


SUBJECT, SOMEBODY = b"p" * 17, b"q" * 17
SEALED = SealedWords(Keys(bytes(range(32))), "rights").seal(WORDS.as_json(), SUBJECT)


def test_words_open_for_their_row_alone_and_are_sealed_otherwise_each_time(keys: Keys) -> None:
    sealed_words = SealedWords(keys, "rights")

    assert FreeText.parsed(sealed_words.open(SEALED, SUBJECT)) == WORDS
    assert sealed_words.seal(WORDS.as_json(), SUBJECT) != SEALED
    for sealed, subject in ((SEALED, SOMEBODY), (SEALED[:-1] + b"x", SUBJECT), (b"x" + SEALED[1:], SUBJECT)):
        with pytest.raises(WordsUnreadable):
            sealed_words.open(sealed, subject)


def test_words_outlive_a_rotation_of_the_master_secret() -> None:
    rotated = Keys(bytes(32), earlier=[bytes(range(32))])
    assert FreeText.parsed(SealedWords(rotated, "rights").open(SEALED, SUBJECT)) == WORDS
    with pytest.raises(WordsUnreadable):
        SealedWords(Keys(bytes(32)), "rights").open(SEALED, SUBJECT)


async def test_requests_outlive_a_rotation_of_the_master_secret(rights: Rights, engine: AsyncEngine) -> None:
    number = await _submitted(rights)
    rotated = Rights(engine, Keys(bytes(32), earlier=[bytes(range(32))]))

    assert [one.claim for one in await rotated.of_subjects([ADULT])] == [CLAIM]
    assert (await rotated.withdraw(number, [ADULT], "vneid-app", AT)).state is WITHDRAWN
