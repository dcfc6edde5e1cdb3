"""Grants hold for their client, on their days."""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.grants import Grants
from auth.principal import Grant, Jurisdiction

pytestmark = pytest.mark.anyio

GRANT = Grant(
    client_id="dept-hanoi",
    role="provincial-department",
    purpose="school-management",
    jurisdiction=Jurisdiction(provinces=frozenset({"01", "24"}), institutions=frozenset({17, "017"})),
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    category_expiry={"identity.number": date(2026, 6, 30)},
    requests_per_minute=120,
    subjects_per_day=3000,
)


async def test_a_grant_comes_back_as_it_was_saved(engine: AsyncEngine) -> None:
    grants = Grants(engine)
    await grants.save(GRANT)

    assert await grants.of("dept-hanoi", date(2026, 7, 1)) == (GRANT,)


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
async def test_a_grant_holds_from_its_first_to_its_last_day(engine: AsyncEngine, day: date, holds: bool) -> None:
    grants = Grants(engine)
    await grants.save(GRANT)

    assert bool(await grants.of("dept-hanoi", day)) is holds


async def test_another_client_has_none_of_it(engine: AsyncEngine) -> None:
    grants = Grants(engine)
    await grants.save(GRANT)

    assert await grants.of("school", date(2026, 7, 1)) == ()


async def test_saving_again_replaces_the_same_grant_only(engine: AsyncEngine) -> None:
    grants = Grants(engine)
    endless = Grant("dept-hanoi", GRANT.role, "grade-1-admission", Jurisdiction(country=True), date(2026, 1, 1), None)
    narrowed = Grant("dept-hanoi", GRANT.role, GRANT.purpose, Jurisdiction(), date(2026, 1, 1), None)
    for grant in (GRANT, endless, narrowed):
        await grants.save(grant)

    assert set(map(repr, await grants.of("dept-hanoi", date(2030, 1, 1)))) == {repr(endless), repr(narrowed)}
