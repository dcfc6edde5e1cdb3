"""For what a principal asks: purposes, roles, jurisdictions, and categories whose time is over."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from auth.errors import Refused
from auth.grants import Grants
from auth.policy import Policies
from auth.principal import ANONYMOUS, Grant, Jurisdiction, Principal, PrincipalKind
from auth.state.engine import migrated_engine
from resolvers.mandate import Mandate, mandate_of
from tests.auth.policies import COMMITTED

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 21)
CLIENT = Principal(PrincipalKind.CLIENT, "agency", frozenset())
CITIZEN = Principal(PrincipalKind.CITIZEN, "vneid-app", frozenset({"citizen"}), 2, "me")
POLICIES = Policies(COMMITTED)


def grant(role: str = "school", purpose: str = "school-management", **more: Any) -> Grant:
    given = {"jurisdiction": Jurisdiction(institutions=frozenset({"T1"})), "valid_from": TODAY, "valid_to": None}
    return Grant(client_id="agency", role=role, purpose=purpose, **{**given, **more})


@pytest.fixture
async def grants(tmp_path: Path) -> AsyncIterator[Grants]:
    engine = await migrated_engine(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite")
    yield Grants(engine)
    await engine.dispose()


async def asked(grants: Grants, principal: Principal, purpose: str | None = None, case: str | None = None) -> Mandate:
    return await mandate_of(principal, purpose, case, grants, POLICIES, TODAY)


async def test_nobody_asks_for_the_public_and_a_citizen_for_oneself(grants: Grants) -> None:
    nobody, citizen = await asked(grants, ANONYMOUS), await asked(grants, CITIZEN, None, "hs/1")
    assert (nobody.profile.purpose, nobody.jurisdiction, nobody.case) == ("public", Jurisdiction(), "")
    assert (citizen.profile.purpose, citizen.profile.assurance, citizen.case) == ("self-service", 2, "hs/1")


@pytest.mark.parametrize("principal", [ANONYMOUS, CITIZEN], ids=["nobody", "citizen"])
async def test_a_purpose_of_somebody_else_is_refused(grants: Grants, principal: Principal) -> None:
    with pytest.raises(Refused) as refused:
        await asked(grants, principal, "school-management")
    assert refused.value.code == "PURPOSE_NOT_GRANTED"


@pytest.mark.parametrize(
    ("kept", "purpose", "code"),
    [
        (grant(), None, "PURPOSE_MISSING"),
        (grant(), "statistics", "PURPOSE_NOT_GRANTED"),
        (grant(valid_from=TODAY + timedelta(days=1)), "school-management", "PURPOSE_NOT_GRANTED"),
        (
            grant(valid_from=date(2020, 1, 1), valid_to=TODAY - timedelta(days=1)),
            "school-management",
            "PURPOSE_NOT_GRANTED",
        ),
    ],
    ids=["missing", "not granted", "not yet", "no longer"],
)
async def test_an_agency_names_a_purpose_that_its_grants_hold_today(
    grants: Grants, kept: Grant, purpose: str | None, code: str
) -> None:
    await grants.save(kept)
    with pytest.raises(Refused) as refused:
        await asked(grants, CLIENT, purpose)
    assert refused.value.code == code


async def test_grants_of_one_role_cover_together_and_another_role_does_not_widen_them(grants: Grants) -> None:
    await grants.save(
        grant("provincial-department", jurisdiction=Jurisdiction(country=True), valid_from=date(2025, 1, 1))
    )
    await grants.save(grant(valid_from=date(2026, 1, 1), jurisdiction=Jurisdiction(provinces=frozenset({"24"}))))
    await grants.save(grant())
    mandate = await asked(grants, CLIENT, "school-management")
    assert mandate.profile.roles == frozenset({"school"})
    assert mandate.jurisdiction == Jurisdiction(False, frozenset({"24"}), frozenset({"T1"}))


async def test_a_category_counts_to_its_last_day(grants: Grants) -> None:
    expiry = MappingProxyType({"learner.contact": TODAY - timedelta(days=1), "schooling": TODAY})
    await grants.save(grant(category_expiry=expiry))
    mandate = await asked(grants, CLIENT, "school-management")
    assert mandate.profile.expired_categories == frozenset({"learner.contact"})


@pytest.mark.parametrize("case", ["", "a b", "x" * 65, "hồ sơ", "a\n"])
async def test_a_garbled_case_is_refused_without_its_words(grants: Grants, case: str) -> None:
    with pytest.raises(Refused, match=r"`Case` must have 1 to 64 letters, digits or ./_-"):
        await asked(grants, CITIZEN, None, case)
