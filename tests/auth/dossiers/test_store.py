"""Dossiers as they are kept: whose they are, when they are open, and that another client's number is of no use."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.crypto.keys import Keys
from auth.dossiers.store import MOST_A_DAY, Dossiers
from auth.dossiers.terms import Opener, Opening, StoredDossier, StoredDossierOutcome, new_number
from auth.errors import Refused
from auth.state.engine import migrated_engine
from auth.state.tables import DOSSIERS

pytestmark = pytest.mark.anyio

AT, TODAY, LAST = datetime(2026, 11, 21, 8, tzinfo=UTC), date(2026, 11, 21), date(2026, 12, 21)
ADULT, CHILD = "001099012345", "001220000003"
ON_PAPER = Opening("dept", "diploma-correction", "H26-1", Opener.AGENCY, date(2026, 11, 27), LAST, "sealed")
IN_THE_APP = replace(ON_PAPER, opened_by=Opener.CITIZEN, number="K3QF-1")
COMPLETED, WITHDRAWN = StoredDossierOutcome.COMPLETED, StoredDossierOutcome.WITHDRAWN


@pytest.fixture
def dossiers(engine: AsyncEngine, keys: Keys) -> Dossiers:
    return Dossiers(engine, keys)


async def _opened(
    dossiers: Dossiers, opening: Opening = ON_PAPER, subject: str = ADULT, on: date = TODAY
) -> StoredDossier:
    return await dossiers.open(opening, subject, AT, on)


@pytest.mark.parametrize(
    ("client", "number", "on", "is_found"),
    [
        ("dept", "H26-1", TODAY, True),
        ("dept", "H26-1", LAST, True),
        ("dept", "H26-1", date(2026, 12, 22), False),  # lapsed
        ("dept", "H26-2", TODAY, False),
        ("school", "H26-1", TODAY, False),
    ],
)
async def test_a_client_names_its_own_open_dossier(
    dossiers: Dossiers, client: str, number: str, on: date, is_found: bool
) -> None:
    made = await _opened(dossiers)

    assert await dossiers.named(client, number, on) == (made if is_found else None)


async def test_a_closed_dossier_is_open_for_no_replica(state_url: str, keys: Keys) -> None:
    engines = [await migrated_engine(state_url) for _ in range(2)]
    first, second = (Dossiers(engine, keys) for engine in engines)
    for number in range(20):
        opening = replace(ON_PAPER, number=f"H26-{number}")
        await _opened(first, opening)
        assert await second.named("dept", opening.number, TODAY) is not None
        await first.close("dept", opening.number, [opening.procedure], COMPLETED, AT)
        assert await second.named("dept", opening.number, TODAY) is None
    for engine in engines:
        await engine.dispose()


async def test_two_clients_may_have_the_same_number(dossiers: Dossiers) -> None:
    await _opened(dossiers)
    await _opened(dossiers, replace(ON_PAPER, client_id="school"), CHILD)

    await dossiers.close("dept", "H26-1", [ON_PAPER.procedure], COMPLETED, AT)

    assert await dossiers.named("dept", "H26-1", TODAY) is None
    assert await dossiers.named("school", "H26-1", TODAY) is not None


async def test_a_number_is_of_one_dossier(dossiers: Dossiers) -> None:
    made = await _opened(dossiers)

    assert await _opened(dossiers) == made
    for other in (replace(ON_PAPER, procedure="grade-1-admission"), ON_PAPER):
        with pytest.raises(Refused, match="`number` is that of another dossier"):
            await _opened(dossiers, other, CHILD)
    await dossiers.close("dept", "H26-1", [ON_PAPER.procedure], COMPLETED, AT)
    with pytest.raises(Refused, match="`number` is that of another dossier"):
        await _opened(dossiers)


async def test_a_citizen_has_one_open_dossier_of_a_procedure_with_an_agency(dossiers: Dossiers) -> None:
    made = await _opened(dossiers, IN_THE_APP)
    again = replace(IN_THE_APP, number="K3QF-2")

    assert await _opened(dossiers, again) == made
    assert (await _opened(dossiers, replace(again, client_id="school"))).opening.number == "K3QF-2"
    assert (await _opened(dossiers, replace(again, number="K3QF-3"), CHILD)).opening.number == "K3QF-3"
    # it has lapsed: another may be opened
    later = replace(again, number="K3QF-4", open_until=date(2027, 2, 1))
    assert (await _opened(dossiers, later, on=date(2027, 1, 1))).opening.number == "K3QF-4"


async def test_who_opens_and_withdraws_again_and_again_is_refused(dossiers: Dossiers) -> None:
    for _ in range(MOST_A_DAY):
        made = await _opened(dossiers, replace(IN_THE_APP, number=new_number()))
        await dossiers.withdraw(made.id, [ADULT], AT)
    with pytest.raises(Refused, match="more than 5 dossiers"):
        await _opened(dossiers, replace(IN_THE_APP, number=new_number()))


async def test_opened_at_once_it_is_one(dossiers: Dossiers) -> None:
    openings = [replace(IN_THE_APP, number=new_number()) for _ in range(6)]
    in_the_app = await asyncio.gather(*(_opened(dossiers, opening) for opening in openings))
    on_paper = await asyncio.gather(*(_opened(dossiers, ON_PAPER, CHILD) for _ in range(6)))

    assert len({one.id for one in in_the_app}) == len({one.id for one in on_paper}) == 1


async def test_it_is_closed_once_by_its_client_for_its_purpose(dossiers: Dossiers) -> None:
    await _opened(dossiers)

    for client, number, procedures in (("school", "H26-1", [ON_PAPER.procedure]), ("dept", "H26-1", ["other"])):
        with pytest.raises(Refused, match="`number` is not an open dossier"):
            await dossiers.close(client, number, procedures, COMPLETED, AT)
    closed = await dossiers.close("dept", "H26-1", [ON_PAPER.procedure], COMPLETED, AT)
    assert (closed.outcome, closed.closed_at, closed.state(TODAY)) == (COMPLETED, AT, "COMPLETED")
    with pytest.raises(Refused, match="`number` is not an open dossier"):
        await dossiers.close("dept", "H26-1", [ON_PAPER.procedure], StoredDossierOutcome.REFUSED, AT)


async def test_it_is_withdrawn_by_its_subject(dossiers: Dossiers) -> None:
    made = await _opened(dossiers, IN_THE_APP)

    with pytest.raises(Refused, match="`id` is not an open dossier of yours"):
        await dossiers.withdraw(made.id, [CHILD], AT)
    assert (await dossiers.withdraw(made.id, [ADULT], AT)).outcome == WITHDRAWN
    assert await dossiers.named("dept", "K3QF-1", TODAY) is None


async def test_a_subjects_dossiers_are_found_under_an_earlier_master_secret(
    engine: AsyncEngine, keys: Keys, dossiers: Dossiers
) -> None:
    made = await _opened(dossiers)
    renewed = Keys(bytes(range(1, 33)), [bytes(range(32))])
    later = Dossiers(engine, renewed)

    assert await later.of_subjects([ADULT, CHILD]) == {ADULT: [made], CHILD: []}
    assert (await later.withdraw(made.id, [ADULT], AT)).outcome == WITHDRAWN


async def test_a_client_lists_those_of_a_purpose(dossiers: Dossiers) -> None:
    numbers = [f"H26-{number}" for number in range(3)]
    made = [await _opened(dossiers, replace(ON_PAPER, number=number)) for number in numbers]
    await _opened(dossiers, replace(ON_PAPER, number="X", procedure="grade-1-admission"))
    await _opened(dossiers, replace(ON_PAPER, client_id="school"))

    assert await dossiers.of_client("dept", [ON_PAPER.procedure], 2, None) == made[:0:-1]
    assert await dossiers.of_client("dept", [ON_PAPER.procedure], 2, made[1].id) == made[:1]


async def test_the_state_holds_no_number_of_a_person(dossiers: Dossiers, engine: AsyncEngine) -> None:
    await _opened(dossiers)

    async with engine.connect() as connection:
        row = (await connection.execute(select(DOSSIERS))).one()
    assert ADULT not in repr(row)


def test_a_number_tells_nothing_and_is_of_no_citizen() -> None:
    numbers = {new_number() for _ in range(1000)}
    assert len(numbers) == 1000
    assert all(len(number) == 24 and set(number[4::5]) == {"-"} for number in numbers)
