"""Grants hold for their client, on the days of their agreement, unless it is suspended."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.agreements.grants import Grants
from auth.agreements.store import AgreementInvalid
from auth.principal import Grant, Jurisdiction
from tests.auth.agreements.whole_agreement import GRANT, NUMBER, TODAY

pytestmark = pytest.mark.anyio

ALONE = Grant("dept-hanoi", "provincial-department", "school-management", Jurisdiction(), date(2026, 1, 1), None)


async def test_a_grant_comes_back_as_it_was_saved(engine: AsyncEngine) -> None:
    grants = Grants(engine)
    await grants.save(GRANT)

    assert await grants.of("dept-hanoi", date(2026, 7, 1)) == (GRANT,)


@pytest.mark.parametrize(
    ("day", "holds", "lapsed"),
    [
        (date(2025, 12, 31), False, False),
        (date(2026, 1, 1), True, False),
        (date(2026, 12, 31), True, False),
        (date(2027, 1, 1), False, True),
    ],
)
async def test_a_grant_holds_from_its_first_to_its_last_day(
    engine: AsyncEngine, day: date, holds: bool, lapsed: bool
) -> None:
    grants = Grants(engine)
    await grants.save(GRANT)

    assert bool(await grants.of("dept-hanoi", day)) is holds
    assert bool(await grants.lapsed("dept-hanoi", GRANT.purpose, day)) is lapsed


async def test_a_suspended_grant_holds_on_no_day(engine: AsyncEngine) -> None:
    grants, suspended = Grants(engine), replace(GRANT, suspended=True)
    await grants.save(suspended)

    assert await grants.of("dept-hanoi", TODAY) == ()
    assert await grants.lapsed("dept-hanoi", GRANT.purpose, TODAY) == (suspended,)
    assert await grants.lapsed("dept-hanoi", "grade-1-admission", TODAY) == ()


async def test_another_client_has_none_of_it(engine: AsyncEngine) -> None:
    grants = Grants(engine)
    await grants.save(GRANT)

    assert await grants.of("school", date(2026, 7, 1)) == ()
    with pytest.raises(AgreementInvalid, match=f"`{NUMBER}` is another client's"):
        await grants.save(replace(GRANT, client_id="school"))


async def test_a_grant_without_a_number_stands_in_an_agreement_of_its_own(engine: AsyncEngine) -> None:
    grants = Grants(engine)
    endless = replace(ALONE, purpose="grade-1-admission", jurisdiction=Jurisdiction(country=True))
    narrowed = replace(ALONE, jurisdiction=Jurisdiction(institutions=frozenset({"017"})))
    for grant in (ALONE, endless, narrowed):
        await grants.save(grant)

    number = "dept-hanoi/provincial-department/{}/2026-01-01"
    expected = {one.purpose: replace(one, agreement=number.format(one.purpose)) for one in (endless, narrowed)}
    assert {one.purpose: one for one in await grants.of("dept-hanoi", date(2030, 1, 1))} == expected


@pytest.mark.parametrize("more", [{"role": "school"}, {"valid_from": date(2026, 12, 31)}], ids=["role", "one day"])
async def test_a_purpose_is_not_granted_by_two_agreements_in_the_same_days(engine: AsyncEngine, more: Any) -> None:
    grants, other = Grants(engine), replace(ALONE, agreement="13/TTCS", **more)
    await grants.save(GRANT)

    with pytest.raises(AgreementInvalid, match=rf"`{NUMBER}` and `13/TTCS` both give `dept-hanoi` the purpose"):
        await grants.save(other)
    assert await grants.of("dept-hanoi", TODAY) == (GRANT,)


async def test_one_agreement_may_follow_another(engine: AsyncEngine) -> None:
    grants, next_one = Grants(engine), replace(ALONE, agreement="13/TTCS", valid_from=date(2027, 1, 1))
    for grant in (next_one, GRANT):
        await grants.save(grant)

    assert await grants.of("dept-hanoi", TODAY) == (GRANT,)
    assert await grants.of("dept-hanoi", date(2027, 1, 1)) == (next_one,)
