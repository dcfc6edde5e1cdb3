"""What a consent is limited to, how it changes, whose word counts at which age, and the evidence that stays."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.consent.consents import Consents
from auth.consent.history import EventKind, Shown
from auth.consent.terms import Frequency, Party, Period, Terms, birthday, needed_on
from auth.crypto.keys import Key, Keys
from auth.errors import Refused
from auth.state.engine import writing

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
TERMS = Terms("employer", "diploma-verification", frozenset({"credential", "identity.name"}), date(2045, 1, 31))
SHOWN, AGAIN = Shown("vi", "Tôi đồng ý"), Shown("en", "I agree to less")
ADULT_BORN = date(1990, 5, 1)
CHILD, MOTHER, FATHER, ADULT = "001319000007", "001185000001", "001085000001", "001099012345"
SUBJECT, GUARDIAN = Party.SUBJECT, Party.GUARDIAN


class Family:
    """Who is responsible for the child, until when."""

    def __init__(self) -> None:
        self.until: dict[Key, date] = {MOTHER: date.max, FATHER: date.max}

    async def of(self, children: Sequence[Key], on: date) -> Mapping[Key, frozenset[Key]]:
        return {child: frozenset(one for one, end in self.until.items() if on < end) for child in children}


@pytest.fixture
def family() -> Family:
    return Family()


@pytest.fixture
def consents(engine: AsyncEngine, keys: Keys, family: Family) -> Consents:
    return Consents(engine, keys, family)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC)


async def released(consents: Consents, subject: Key, at: datetime = AT) -> frozenset[str]:
    found = await consents.categories_by_subject([subject], TERMS.client_id, TERMS.purpose, at)
    return found.get(subject, frozenset())


@pytest.mark.parametrize(
    ("born", "day", "needed"),
    [
        (date(2019, 11, 22), date(2026, 11, 21), {GUARDIAN}),
        (date(2019, 11, 21), date(2026, 11, 21), {SUBJECT, GUARDIAN}),
        (date(2008, 11, 22), date(2026, 11, 21), {SUBJECT, GUARDIAN}),
        (date(2008, 11, 21), date(2026, 11, 21), {SUBJECT}),
        (date(2008, 2, 29), date(2026, 2, 28), {SUBJECT, GUARDIAN}),
        (date(2008, 2, 29), date(2026, 3, 1), {SUBJECT}),
        (date(2020, 2, 29), date(2027, 2, 28), {GUARDIAN}),
    ],
)
def test_whose_agreement_is_needed_on_a_day(born: date, day: date, needed: set[Party]) -> None:
    assert needed_on(born, day) == needed


def test_a_birthday_on_29_february_is_1_march_in_common_years() -> None:
    assert [birthday(date(2008, 2, 29), years) for years in (7, 8, 18)] == [
        date(2015, 3, 1),
        date(2016, 2, 29),
        date(2026, 3, 1),
    ]


@pytest.mark.parametrize(
    ("born", "agreeing", "last", "first_not"),
    [
        # under seven the mother alone; on the seventh birthday the child's word is missing
        (date(2020, 12, 24), [MOTHER], date(2027, 12, 23), date(2027, 12, 24)),
        # both: until the guardian's word lapses with majority
        (date(2010, 12, 24), [CHILD, MOTHER], date(2028, 12, 23), date(2028, 12, 24)),
        # an adult's own: to its last day
        (ADULT_BORN, [CHILD], date(2045, 1, 31), date(2045, 2, 1)),
    ],
)
async def test_ages_are_those_of_the_day_of_reading(
    consents: Consents, born: date, agreeing: list[Key], last: date, first_not: date
) -> None:
    for by in agreeing:
        given = await consents.grant(CHILD, by, born, TERMS, AT, SHOWN)

    assert await released(consents, CHILD, noon(last)) == TERMS.categories
    assert await released(consents, CHILD, noon(first_not)) == frozenset()
    assert (given.counts_on(last), given.counts_on(first_not)) == (True, False)


async def test_the_day_begins_at_midnight_in_vietnam(consents: Consents) -> None:
    await consents.grant(CHILD, CHILD, date(2010, 12, 24), TERMS, AT, SHOWN)
    await consents.grant(CHILD, MOTHER, date(2010, 12, 24), TERMS, AT, SHOWN)

    assert await released(consents, CHILD, datetime(2028, 12, 23, 16, 59, tzinfo=UTC)) == TERMS.categories
    assert await released(consents, CHILD, datetime(2028, 12, 23, 17, 0, tzinfo=UTC)) == frozenset()


async def test_a_child_who_has_become_seven_joins_what_the_mother_agreed_to(consents: Consents) -> None:
    born, seven = date(2020, 12, 24), noon(date(2027, 12, 24))
    given = await consents.grant(CHILD, MOTHER, born, TERMS, AT, SHOWN)
    joined = await consents.grant(CHILD, CHILD, born, TERMS, seven, SHOWN)

    assert joined.id == given.id
    assert given.lacks_on(date(2027, 12, 24)) == {SUBJECT}
    assert await released(consents, CHILD, seven) == TERMS.categories


async def test_at_majority_the_own_word_alone_makes_another_consent(consents: Consents) -> None:
    born, adult = date(2010, 12, 24), noon(date(2028, 12, 24))
    of_minor = await consents.grant(CHILD, CHILD, born, TERMS, AT, SHOWN)
    own = await consents.grant(CHILD, CHILD, born, TERMS, adult, SHOWN)

    assert own.id != of_minor.id
    assert await released(consents, CHILD, adult) == TERMS.categories
    with pytest.raises(Refused, match="18 or older consents alone"):
        await consents.grant(CHILD, MOTHER, born, TERMS, adult, SHOWN)


async def test_a_guardian_who_is_none_any_more_agrees_to_nothing(consents: Consents, family: Family) -> None:
    born = date(2021, 1, 1)
    await consents.grant(CHILD, MOTHER, born, TERMS, AT, SHOWN)
    family.until[MOTHER] = date(2026, 12, 1)

    assert await released(consents, CHILD, noon(date(2026, 11, 30))) == TERMS.categories
    assert await released(consents, CHILD, noon(date(2026, 12, 1))) == frozenset()
    await consents.grant(CHILD, FATHER, born, TERMS, noon(date(2026, 12, 1)), SHOWN)
    assert await released(consents, CHILD, noon(date(2026, 12, 1))) == TERMS.categories


async def test_a_frequency_leaves_so_many_readings_in_any_period(consents: Consents) -> None:
    terms = replace(TERMS, frequency=Frequency(2, Period.DAY))
    await consents.grant(ADULT, ADULT, ADULT_BORN, terms, AT, SHOWN)
    hours = [0, 0, 1, 2, 23, 24, 24.5, 25]

    read = [bool(await released(consents, ADULT, AT + timedelta(hours=hour))) for hour in hours]

    # the same instant is the same reading; the first is forgotten after 24 hours, the second after 25
    assert read == [True, True, True, False, False, True, False, True]


async def test_no_more_than_agreed_read_at_the_same_time(consents: Consents) -> None:
    terms = replace(TERMS, frequency=Frequency(3, Period.WEEK))
    await consents.grant(ADULT, ADULT, ADULT_BORN, terms, AT, SHOWN)

    reads = await asyncio.gather(*(released(consents, ADULT, AT + timedelta(seconds=n)) for n in range(12)))

    assert sum(bool(one) for one in reads) == 3


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"frequency": (0, Period.DAY)}, "`frequency.reads` must be between 1 and 10000"),
        ({"frequency": (10_001, Period.DAY)}, "`frequency.reads` must be between 1 and 10000"),
        ({"data_life_days": 0}, "`dataLifeDays` must be between 1 and 36500"),
        ({"categories": frozenset()}, "`categories` must name at least one"),
    ],
)
def test_terms_that_are_none_are_refused(change: dict[str, object], named: str) -> None:
    with pytest.raises(Refused, match=named):
        limit = change.get("frequency")
        given = {"frequency": Frequency(*limit)} if isinstance(limit, tuple) else change
        replace(TERMS, **given)


NARROW = replace(TERMS, categories=frozenset({"credential"}))
LIMITED = replace(TERMS, frequency=Frequency(5, Period.DAY), data_life_days=30)


@pytest.mark.parametrize(
    ("standing", "amended", "refusal"),
    [
        (TERMS, NARROW, None),
        (TERMS, replace(TERMS, valid_to=date(2027, 1, 1)), None),
        (TERMS, replace(TERMS, valid_to=date(2046, 1, 1)), None),
        (TERMS, LIMITED, None),
        (LIMITED, replace(LIMITED, frequency=Frequency(4, Period.DAY)), None),
        (LIMITED, replace(LIMITED, data_life_days=29), None),
        (TERMS, TERMS, "nothing is amended"),
        (NARROW, TERMS, "`categories` may only be narrowed"),
        (LIMITED, replace(LIMITED, frequency=None), "`frequency` may only be narrowed"),
        (LIMITED, replace(LIMITED, frequency=Frequency(6, Period.DAY)), "`frequency` may only be narrowed"),
        (LIMITED, replace(LIMITED, frequency=Frequency(5, Period.WEEK)), "`frequency` may only be narrowed"),
        (LIMITED, replace(LIMITED, data_life_days=None), "`dataLifeDays` may only be shortened"),
        (LIMITED, replace(LIMITED, data_life_days=31), "`dataLifeDays` may only be shortened"),
        (TERMS, replace(TERMS, valid_to=date(2026, 11, 20)), "`until` has already passed"),
    ],
)
async def test_an_amendment_narrows_or_prolongs(
    consents: Consents, standing: Terms, amended: Terms, refusal: str | None
) -> None:
    given = await consents.grant(ADULT, ADULT, ADULT_BORN, standing, AT, SHOWN)
    if refusal is not None:
        with pytest.raises(Refused, match=refusal):
            await consents.amend(given.id, ADULT, ADULT, ADULT_BORN, amended, AT, AGAIN)
        assert await consents.of_subject(ADULT) == [given]
        return
    changed = await consents.amend(given.id, ADULT, ADULT, ADULT_BORN, amended, AT, AGAIN)

    assert (changed.version, changed.terms) == (2, amended)
    assert await released(consents, ADULT) == amended.categories


async def test_what_two_agreed_to_is_narrowed_by_one_and_prolonged_by_both(consents: Consents) -> None:
    born = date(2012, 1, 1)
    for by in (CHILD, MOTHER):
        given = await consents.grant(CHILD, by, born, TERMS, AT, SHOWN)
    with pytest.raises(Refused, match="prolonged by a new consent of both"):
        longer = replace(TERMS, valid_to=date(2046, 1, 1))
        await consents.amend(given.id, CHILD, CHILD, born, longer, AT, AGAIN)
    await consents.amend(given.id, CHILD, CHILD, born, NARROW, AT, AGAIN)

    assert await released(consents, CHILD) == NARROW.categories


@pytest.mark.parametrize("ending", ["withdrawn", "lapsed"])
async def test_what_has_ended_is_not_amended(consents: Consents, ending: str) -> None:
    born = date(2009, 12, 24)
    for by in (CHILD, MOTHER):
        given = await consents.grant(CHILD, by, born, TERMS, AT, SHOWN)
    at = noon(date(2027, 12, 24)) if ending == "lapsed" else AT
    if ending == "withdrawn":
        await consents.withdraw(given.id, CHILD, MOTHER, AT)
    with pytest.raises(Refused, match="`id` is a consent that has ended"):
        await consents.amend(given.id, CHILD, CHILD, born, NARROW, at, AGAIN)


async def test_the_history_keeps_every_decision_with_the_text_that_was_shown(consents: Consents) -> None:
    born = date(2012, 1, 1)
    for by in (CHILD, MOTHER, MOTHER):
        given = await consents.grant(CHILD, by, born, TERMS, AT, SHOWN)
    await consents.amend(given.id, CHILD, MOTHER, born, NARROW, AT + timedelta(days=1), AGAIN)
    await consents.withdraw(given.id, CHILD, CHILD, AT + timedelta(days=2))
    last = await consents.withdraw(given.id, CHILD, CHILD, AT + timedelta(days=3))

    events = (await consents.histories([last]))[given.id]
    assert [(one.kind, one.party, one.version, one.terms, one.shown) for one in events] == [
        (EventKind.GIVEN, SUBJECT, 1, TERMS, SHOWN),
        (EventKind.GIVEN, GUARDIAN, 1, TERMS, SHOWN),
        (EventKind.AMENDED, GUARDIAN, 2, NARROW, AGAIN),
        (EventKind.WITHDRAWN, SUBJECT, 2, NARROW, None),
    ]


@pytest.mark.parametrize("change", ["update consent_events set notice = ''", "delete from consent_events"])
async def test_nobody_changes_the_history(consents: Consents, engine: AsyncEngine, change: str) -> None:
    await consents.grant(ADULT, ADULT, ADULT_BORN, TERMS, AT, SHOWN)

    with pytest.raises(DBAPIError, match="consent_events is append-only"):
        async with writing(engine) as connection:
            await connection.execute(text(change))


async def test_a_recipient_is_told_of_its_own_complete_consents_only(consents: Consents) -> None:
    mine = await consents.grant(ADULT, ADULT, ADULT_BORN, TERMS, AT, SHOWN, "sealed for the employer")
    await consents.grant(ADULT, ADULT, ADULT_BORN, replace(TERMS, client_id="university"), AT, SHOWN, "sealed")
    await consents.grant(ADULT, ADULT, ADULT_BORN, replace(TERMS, purpose="statistics"), AT, SHOWN, "sealed")
    await consents.grant(CHILD, CHILD, date(2012, 1, 1), TERMS, AT, SHOWN, "sealed")
    withdrawn = await consents.withdraw(mine.id, ADULT, ADULT, AT)

    assert await consents.of_recipient("employer", TERMS.purpose, 10) == [withdrawn]
    assert withdrawn.recipient_subject == "sealed for the employer"
    assert await consents.of_recipient("employer", TERMS.purpose, 10, before=mine.id) == []


async def test_consents_from_before_a_rotation_of_the_master_secret_count(engine: AsyncEngine) -> None:
    old, new = bytes(range(32)), bytes(range(1, 33))
    given = await Consents(engine, Keys(old)).grant(ADULT, ADULT, ADULT_BORN, TERMS, AT, SHOWN)
    rotated = Consents(engine, Keys(new, [old]))

    assert await released(rotated, ADULT) == TERMS.categories
    await rotated.withdraw(given.id, ADULT, ADULT, AT)
    assert await released(rotated, ADULT) == frozenset()
