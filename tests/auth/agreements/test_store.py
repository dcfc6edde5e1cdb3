"""Agreements are kept whole, and what changes in them counts at once, on every replica."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.agreements.grants import Grants
from auth.agreements.store import AgreementInvalid, Agreements, Suspension
from auth.principal import Jurisdiction
from auth.state.engine import migrated_engine
from tests.auth.agreements.whole_agreement import GRANT, NUMBER, TODAY, agreement

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ADMISSION = replace(GRANT, purpose="grade-1-admission", jurisdiction=Jurisdiction(country=True), emergency=False)


@pytest.fixture
async def replicas(state_url: str) -> AsyncIterator[tuple[Grants, Grants]]:
    """Two processes' worth of grants over one database."""
    engines = [await migrated_engine(state_url) for _ in range(2)]
    yield Grants(engines[0]), Grants(engines[1])
    for engine in engines:
        await engine.dispose()


async def test_an_agreement_comes_back_as_it_was_saved(engine: AsyncEngine) -> None:
    agreements, both = Agreements(engine), agreement(ADMISSION, GRANT)
    await agreements.save([both])

    assert await agreements.numbered(NUMBER) == both
    assert await agreements.all() == (both,)
    with pytest.raises(AgreementInvalid, match="there is no agreement `13`"):
        await agreements.numbered("13")


async def test_a_purpose_that_is_no_longer_named_is_no_longer_granted(engine: AsyncEngine) -> None:
    agreements = Agreements(engine)
    await agreements.save([agreement(ADMISSION, GRANT)])
    await agreements.save([agreement(GRANT)])

    assert await Grants(engine).of("dept-hanoi", TODAY) == (GRANT,)


async def test_a_suspension_stops_the_next_request_everywhere_and_resuming_lets_it_go_on(
    engine: AsyncEngine, replicas: tuple[Grants, Grants]
) -> None:
    agreements = Agreements(engine)
    await agreements.save([agreement()])
    for grants in replicas:
        assert await grants.of("dept-hanoi", TODAY) == (GRANT,)

    await agreements.suspend(NUMBER, " an inspection ", AT)
    for grants in replicas:
        assert await grants.of("dept-hanoi", TODAY) == ()
    assert (await agreements.numbered(NUMBER)).suspension == Suspension(AT, "an inspection")

    await agreements.resume(NUMBER)
    for grants in replicas:
        assert await grants.of("dept-hanoi", TODAY) == (GRANT,)


async def test_an_earlier_end_counts_for_the_next_request_everywhere(
    engine: AsyncEngine, replicas: tuple[Grants, Grants]
) -> None:
    agreements = Agreements(engine)
    await agreements.save([agreement()])
    assert [len(await grants.of("dept-hanoi", TODAY)) for grants in replicas] == [1, 1]

    await agreements.save([agreement(replace(GRANT, valid_to=date(2026, 11, 20)))])
    assert [len(await grants.of("dept-hanoi", TODAY)) for grants in replicas] == [0, 0]


async def test_loading_an_agreement_again_does_not_resume_it(engine: AsyncEngine) -> None:
    agreements = Agreements(engine)
    await agreements.save([agreement()])
    await agreements.suspend(NUMBER, "an inspection", AT)
    await agreements.save([agreement(replace(GRANT, subjects_per_day=1))])

    assert (await agreements.numbered(NUMBER)).suspension == Suspension(AT, "an inspection")
    assert await Grants(engine).of("dept-hanoi", TODAY) == ()


async def test_what_is_not_so_is_neither_suspended_nor_resumed(engine: AsyncEngine) -> None:
    agreements = Agreements(engine)
    await agreements.save([agreement()])

    with pytest.raises(AgreementInvalid, match="is not suspended"):
        await agreements.resume(NUMBER)
    for why in ("", " ", "about 001099012345", "x" * 301):
        with pytest.raises(AgreementInvalid, match="why must have"):
            await agreements.suspend(NUMBER, why, AT)
    await agreements.suspend(NUMBER, "an inspection", AT)
    with pytest.raises(AgreementInvalid, match="is suspended already"):
        await agreements.suspend(NUMBER, "another", AT)


async def test_agreements_that_contradict_each_other_are_not_kept_either_of_them(engine: AsyncEngine) -> None:
    agreements, other = Agreements(engine), replace(ADMISSION, agreement="13", role="school")
    with pytest.raises(AgreementInvalid, match=f"agreements `{NUMBER}` and `13` both give `dept-hanoi` the purpose"):
        await agreements.save([agreement(other), agreement(ADMISSION)])

    assert await agreements.all() == ()


async def test_replacing_keeps_no_others(engine: AsyncEngine) -> None:
    agreements = Agreements(engine)
    await agreements.save([agreement(replace(GRANT, agreement="11"))])
    await agreements.replace([agreement()])

    assert await agreements.all() == (agreement(),)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2025, 12, 31), "to come"),
        (TODAY, "in force"),
        (date(2026, 12, 31), "in force"),
        (date(2027, 1, 1), "ended"),
    ],
)
def test_an_agreement_is_in_one_state(day: date, state: str) -> None:
    assert agreement().state(day) == state
    assert replace(agreement(), suspension=Suspension(AT, "an inspection")).state(day) == "suspended"
