"""A release takes the agreement of everybody the law names, and ends the moment one of them withdraws."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.consent.consents import Consents
from auth.consent.history import Shown
from auth.consent.terms import Party, Terms
from auth.crypto.keys import Key, Keys
from auth.errors import Refused
from auth.state.engine import migrated_engine
from auth.state.tables import CONSENTS

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
TERMS = Terms("employer", "diploma-verification", frozenset({"credential", "identity.name"}), date(2027, 1, 31))
SHOWN = Shown("vi", "Tôi đồng ý")
CHILD, PARENT, ADULT = "001315000007", "001185000001", "001099012345"


def aged(years: int) -> date:
    """Return the birth date of somebody who has completed so many years at AT."""
    return date(2026 - years, 11, 1)


@pytest.fixture
def consents(engine: AsyncEngine, keys: Keys) -> Consents:
    return Consents(engine, keys)


async def _released(consents: Consents, subject: Key, at: datetime = AT) -> frozenset[str]:
    by_subject = await consents.categories_by_subject([subject], TERMS.client_id, TERMS.purpose, at)
    return by_subject.get(subject, frozenset())


@pytest.mark.parametrize(
    ("age", "agreeing", "effective"),
    [
        (40, [ADULT], True),
        (18, [ADULT], True),
        (6, [PARENT], True),
        (7, [PARENT], False),
        (7, [ADULT], False),
        (7, [ADULT, PARENT], True),
        (17, [PARENT, ADULT], True),
    ],
)
async def test_a_consent_is_effective_once_all_needed_have_agreed(
    consents: Consents, age: int, agreeing: list[Key], effective: bool
) -> None:
    for by in agreeing:
        await consents.grant(ADULT, by, aged(age), TERMS, AT, SHOWN)

    assert await _released(consents, ADULT) == (TERMS.categories if effective else frozenset())


@pytest.mark.parametrize(("age", "by"), [(6, CHILD), (18, PARENT)])
async def test_a_voice_that_does_not_count_at_this_age_is_refused(consents: Consents, age: int, by: Key) -> None:
    with pytest.raises(Refused) as refused:
        await consents.grant(CHILD, by, aged(age), TERMS, AT, SHOWN)

    assert CHILD not in refused.value.message
    assert await consents.of_subject(CHILD) == []


async def test_child_and_guardian_agree_to_one_consent(consents: Consents) -> None:
    pending = await consents.grant(CHILD, CHILD, aged(15), TERMS, AT, SHOWN)
    complete = await consents.grant(CHILD, PARENT, aged(15), TERMS, AT + timedelta(hours=1), SHOWN)

    assert pending.lacks == {Party.GUARDIAN}
    assert (complete.id, complete.lacks) == (pending.id, frozenset())
    assert complete.agreed_at == {Party.SUBJECT: AT, Party.GUARDIAN: AT + timedelta(hours=1)}


async def test_two_who_agree_at_the_same_moment_still_meet_in_one_consent(consents: Consents) -> None:
    await asyncio.gather(*(consents.grant(CHILD, by, aged(15), TERMS, AT, SHOWN) for by in (CHILD, PARENT) * 4))

    assert [consent.lacks for consent in await consents.of_subject(CHILD)] == [frozenset()]


@pytest.mark.parametrize("withdrawing", [CHILD, PARENT])
async def test_either_withdraws_and_the_row_remains_as_evidence(consents: Consents, withdrawing: Key) -> None:
    await consents.grant(CHILD, CHILD, aged(15), TERMS, AT, SHOWN)
    given = await consents.grant(CHILD, PARENT, aged(15), TERMS, AT, SHOWN)

    await consents.withdraw(given.id, CHILD, withdrawing, AT)
    again = await consents.withdraw(given.id, CHILD, withdrawing, AT + timedelta(days=1))

    assert await _released(consents, CHILD) == frozenset()
    assert await consents.of_subject(CHILD) == [again]
    assert again.withdrawn_at == AT


async def test_a_withdrawal_holds_for_the_next_read_of_another_replica(
    consents: Consents, state_url: str, keys: Keys
) -> None:
    other_engine = await migrated_engine(state_url)
    other = Consents(other_engine, keys)
    given = await consents.grant(ADULT, ADULT, aged(30), TERMS, AT, SHOWN)
    before = await _released(other, ADULT)

    # the clock of the replica that withdraws is ahead
    await consents.withdraw(given.id, ADULT, ADULT, AT + timedelta(minutes=1))
    after = await _released(other, ADULT)
    await other_engine.dispose()

    assert (before, after) == (TERMS.categories, frozenset())


async def test_a_new_consent_after_a_withdrawal_is_another_one(consents: Consents) -> None:
    first = await consents.grant(ADULT, ADULT, aged(30), TERMS, AT, SHOWN)
    await consents.withdraw(first.id, ADULT, ADULT, AT)
    second = await consents.grant(ADULT, ADULT, aged(30), TERMS, AT, SHOWN)

    assert [consent.id for consent in await consents.of_subject(ADULT)] == [second.id, first.id]
    assert await _released(consents, ADULT) == TERMS.categories


async def test_nobody_withdraws_the_consent_of_another_subject(consents: Consents) -> None:
    given = await consents.grant(ADULT, ADULT, aged(30), TERMS, AT, SHOWN)

    with pytest.raises(Refused, match="`id` is not one of yours"):
        await consents.withdraw(given.id, PARENT, PARENT, AT)

    assert await _released(consents, ADULT) == TERMS.categories


async def test_a_consent_lasts_to_the_end_of_its_last_day_in_vietnam(consents: Consents) -> None:
    await consents.grant(ADULT, ADULT, aged(30), TERMS, AT, SHOWN)

    assert await _released(consents, ADULT, datetime(2027, 1, 31, 16, 59, tzinfo=UTC)) == TERMS.categories
    assert await _released(consents, ADULT, datetime(2027, 1, 31, 17, 0, tzinfo=UTC)) == frozenset()


async def test_a_term_that_has_passed_is_refused(consents: Consents) -> None:
    with pytest.raises(Refused, match="`until` has already passed"):
        await consents.grant(ADULT, ADULT, aged(30), TERMS, datetime(2027, 2, 1, tzinfo=UTC), SHOWN)


async def test_a_consent_serves_one_recipient_and_one_purpose(consents: Consents) -> None:
    await consents.grant(ADULT, ADULT, aged(30), TERMS, AT, SHOWN)

    assert await consents.categories_by_subject([ADULT], "university", TERMS.purpose, AT) == {}
    assert await consents.categories_by_subject([ADULT], TERMS.client_id, "insurance-benefit", AT) == {}


async def test_five_hundred_subjects_take_one_statement(consents: Consents, engine: AsyncEngine) -> None:
    subjects: list[Key] = [f"{number:012d}" for number in range(499)]
    for subject in subjects[::50]:
        await consents.grant(subject, subject, aged(30), TERMS, AT, SHOWN)
    statements: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))

    found = await consents.categories_by_subject([*subjects, 7], TERMS.client_id, TERMS.purpose, AT)

    assert found == dict.fromkeys(subjects[::50], TERMS.categories)
    # to PostgreSQL it goes past SQLAlchemy; that several requests share it: tests/auth/state/test_together.py
    expected = 1 if engine.dialect.name == "sqlite" else 0
    assert len([statement for statement in statements if "consents" in statement.lower()]) == expected


async def test_no_number_is_stored(consents: Consents, engine: AsyncEngine) -> None:
    await consents.grant(CHILD, PARENT, aged(6), TERMS, AT, SHOWN)

    async with engine.connect() as connection:
        row = repr((await connection.execute(select(CONSENTS))).one())
        assert await connection.scalar(text("select count(*) from consents")) == 1

    assert CHILD not in row
    assert PARENT not in row
