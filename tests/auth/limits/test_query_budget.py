"""Questions counted before they are answered: across replicas, restarts, months and master secrets."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.crypto.keys import Keys
from auth.errors import StateUnavailable
from auth.limits.query_budget import QueryBudget, QuestionCount
from auth.state.engine import migrated_engine

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 21)
NUMBER = "001309000001"


def asked(question: str, about: str = NUMBER, distinct: int = 2, days: int = 365) -> QuestionCount:
    return QuestionCount(about, question, distinct, days)


@pytest.fixture
def store(engine: AsyncEngine, keys: Keys) -> QueryBudget:
    return QueryBudget(engine, keys)


async def admitted(store: QueryBudget, *questions: QuestionCount, on: date = TODAY) -> Sequence[bool]:
    return await store.admitted(questions, "an-office", on)


async def test_so_many_different_questions_are_admitted_and_those_again(store: QueryBudget) -> None:
    assert await admitted(store, asked("1"), asked("2"), asked("3"), asked("1")) == [True, True, False, True]
    assert await admitted(store, asked("3"), asked("2")) == [False, True]


async def test_each_subject_is_counted_by_itself(store: QueryBudget) -> None:
    assert await admitted(store, asked("1"), asked("2"), asked("3", "another"), asked("4", "another")) == [True] * 4


async def test_a_subject_that_comes_twice_in_one_operation_counts_once(store: QueryBudget) -> None:
    assert await admitted(store, *[asked("1")] * 3, asked("2"), *[asked("3")] * 2) == [True] * 4 + [False] * 2


async def test_what_was_asked_of_whom_it_was_before_counts_as_well(store: QueryBudget) -> None:
    await admitted(store, asked("1", "learner:1"), asked("2", "learner:2"))

    def of_person(question: str, distinct: int = 3) -> QuestionCount:
        return QuestionCount(NUMBER, question, distinct, 365, ("learner:1", "learner:2"))

    assert await admitted(store, of_person("1"), of_person("3"), of_person("4"), of_person("2")) == [
        True,
        True,
        False,
        True,
    ]
    # what was counted goes on where it is not said any more who it was before
    assert await admitted(store, asked("5", distinct=3)) == [False]


async def test_what_was_asked_elsewhere_leaves_so_much_less_room(store: QueryBudget) -> None:
    await admitted(store, asked("1", "learner:1"), asked("2"))
    before = ("learner:1",)

    found = await admitted(
        store, *(QuestionCount(NUMBER, question, 3, 365, before) for question in ("2", "1", "3", "4"))
    )
    assert found == [True, True, True, False]


async def test_another_replica_and_another_start_know_what_was_asked(
    store: QueryBudget, state_url: str, keys: Keys
) -> None:
    await admitted(store, asked("1"), asked("2"))
    engine = await migrated_engine(state_url)
    other = QueryBudget(engine, keys)
    assert await admitted(other, asked("3"), asked("1")) == [False, True]
    await engine.dispose()


async def test_who_asks_at_the_same_time_gets_no_more(store: QueryBudget, state_url: str, keys: Keys) -> None:
    engine = await migrated_engine(state_url)
    stores = [store, QueryBudget(engine, keys)]
    found = await asyncio.gather(*[admitted(stores[n % 2], asked(f"{n}")) for n in range(40)])
    assert sum(one for (one,) in found) == 2
    await engine.dispose()


async def test_the_time_begins_with_the_first_question_and_ends(store: QueryBudget) -> None:
    await admitted(store, asked("1", days=30))
    await admitted(store, asked("2", days=30), on=TODAY + timedelta(29))
    assert await admitted(store, asked("3", days=30), on=TODAY + timedelta(29)) == [False]
    assert await admitted(store, asked("3", days=30), on=TODAY + timedelta(30)) == [True]
    assert await admitted(store, asked("1", days=30), on=TODAY + timedelta(30)) == [True]
    assert await admitted(store, asked("2", days=30), on=TODAY + timedelta(30)) == [False]


async def test_what_no_longer_counts_is_forgotten(store: QueryBudget, engine: AsyncEngine) -> None:
    await admitted(store, asked("1", days=30), asked("1", "another", days=31))
    await store.forget(TODAY + timedelta(30))
    async with engine.connect() as connection:
        assert await connection.scalar(text("select count(*) from asked_arguments")) == 1


async def test_terms_that_become_narrower_or_wider_hold_at_once(store: QueryBudget) -> None:
    await admitted(store, asked("1"), asked("2"))
    assert await admitted(store, asked("2", distinct=1), asked("3", distinct=1)) == [True, False]
    assert await admitted(store, asked("3", distinct=3)) == [True]


async def test_a_new_master_secret_does_not_begin_anew(engine: AsyncEngine) -> None:
    before = QueryBudget(engine, Keys(bytes(32)))
    await admitted(before, asked("1"))
    now = QueryBudget(engine, Keys(bytes(range(32)), [bytes(32)]))
    assert await admitted(now, asked("1"), asked("2"), asked("3")) == [True, True, False]
    assert await admitted(now, asked("1"), asked("2"), on=TODAY + timedelta(364)) == [True, True]
    assert await admitted(now, asked("3"), on=TODAY + timedelta(365)) == [True]


async def test_a_batch_larger_than_a_statement_is_counted_whole(store: QueryBudget) -> None:
    batch = [asked("1", str(n), distinct=1) for n in range(2100)]
    assert await admitted(store, *batch) == [True] * 2100
    assert await admitted(store, *(asked("2", str(n), distinct=1) for n in range(2100))) == [False] * 2100


async def test_a_client_that_asks_much_delays_no_other(store: QueryBudget) -> None:
    done: list[str] = []

    async def ask(client_id: str, question: str, subjects: int) -> None:
        about = [f"{client_id} {n}" for n in range(subjects)]
        await store.admitted([asked(question, one, distinct=40) for one in about], client_id, TODAY)
        done.append(client_id)

    much = [asyncio.ensure_future(ask("much", f"{n}", 500)) for n in range(16)]
    await asyncio.sleep(0)  # the first of them is being counted
    await asyncio.gather(ask("one", "1", 1), *much)
    assert done.index("one") < 8  # four are being counted, and three more with it


async def test_nothing_that_was_asked_is_kept_in_the_open(store: QueryBudget, engine: AsyncEngine) -> None:
    await admitted(store, asked("2009-05-17"))
    async with engine.connect() as connection:
        ((place, questions),) = (await connection.execute(text("select place, asked from asked_arguments"))).all()
    assert NUMBER not in f"{bytes(place)!r}{questions}"
    assert "2009" not in bytes.fromhex(questions).decode("latin-1")


async def test_what_cannot_be_counted_is_not_admitted(store: QueryBudget, engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("alter table asked_arguments rename to elsewhere"))
    with pytest.raises(StateUnavailable):
        await admitted(store, asked("1"))
