"""For what a principal asks: purposes, roles, jurisdictions, and categories whose time is over."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest

from auth.agreements.grants import Grants
from auth.errors import Refused, Unauthenticated
from auth.policy.policy_set import PolicySet
from auth.principal import ANONYMOUS, Grant, Jurisdiction, Principal, PrincipalKind
from auth.state.engine import migrated_engine
from resolvers.request.access import AccessContext, access_context_of, profile_of
from tests.auth.policies import COMMITTED

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 21)
YESTERDAY, LONG_AGO = TODAY - timedelta(days=1), date(2020, 1, 1)
CLIENT = Principal(PrincipalKind.CLIENT, "agency", frozenset())
CITIZEN = Principal(PrincipalKind.CITIZEN, "vneid-app", frozenset({"citizen"}), 2, "me")
POLICIES = PolicySet.load(COMMITTED)


def grant(role: str = "school", purpose: str = "school-management", **more: Any) -> Grant:
    given = {"jurisdiction": Jurisdiction(institutions=frozenset({"T1"})), "valid_from": TODAY, "valid_to": None}
    return Grant(client_id="agency", role=role, purpose=purpose, **{**given, **more})


@pytest.fixture
async def grants(tmp_path: Path) -> AsyncIterator[Grants]:
    engine = await migrated_engine(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite")
    yield Grants(engine)
    await engine.dispose()


async def asked(
    grants: Grants, principal: Principal, purpose: str | None = None, case: str | None = None
) -> AccessContext:
    return await access_context_of(principal, purpose, case, grants, POLICIES, TODAY)


async def test_nobody_asks_for_the_public_and_a_citizen_for_oneself(grants: Grants) -> None:
    nobody, citizen = await asked(grants, ANONYMOUS), await asked(grants, CITIZEN, None, "hs/1")
    assert (nobody.profile.purpose, nobody.jurisdiction, nobody.case) == ("public", Jurisdiction(), "")
    assert (citizen.profile.purpose, citizen.profile.assurance, citizen.case) == ("self-service", 2, "hs/1")
    assert (nobody.requests_per_minute, citizen.requests_per_minute) == (None, 120)


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
        (grant(valid_from=date(2020, 1, 1), valid_to=YESTERDAY), "school-management", "AGREEMENT_EXPIRED"),
        (grant(suspended=True), "school-management", "AGREEMENT_SUSPENDED"),
        (grant(suspended=True), "statistics", "PURPOSE_NOT_GRANTED"),
    ],
    ids=["missing", "not granted", "not yet", "no longer", "suspended", "suspended for another"],
)
async def test_an_agency_names_a_purpose_that_its_agreements_hold_today(
    grants: Grants, kept: Grant, purpose: str | None, code: str
) -> None:
    await grants.save(kept)
    with pytest.raises(Refused) as refused:
        await asked(grants, CLIENT, purpose)
    assert refused.value.code == code


async def test_an_agency_asks_under_the_one_agreement_that_has_the_purpose(grants: Grants) -> None:
    country = Jurisdiction(country=True)
    await grants.save(grant("provincial-department", valid_to=YESTERDAY, valid_from=LONG_AGO, jurisdiction=country))
    await grants.save(grant("provincial-department", "grade-1-admission", jurisdiction=country))
    await grants.save(grant(agreement="12/TTCS"))
    access = await asked(grants, CLIENT, "school-management")
    assert access.profile.roles == frozenset({"school"})
    assert access.jurisdiction == Jurisdiction(institutions=frozenset({"T1"}))
    assert access.grant == grant(agreement="12/TTCS")


class Both:
    """Two agreements in force for one purpose, as a state of before agreements may hold them."""

    async def of(self, client_id: str, today: date) -> tuple[Grant, ...]:
        return grant(agreement="12"), grant("provincial-department", agreement="13")


async def test_two_agreements_for_one_purpose_grant_nothing() -> None:
    with pytest.raises(Refused, match="agreements `12` and `13` both grant `Purpose`") as refused:
        await asked(cast(Grants, Both()), CLIENT, "school-management")
    assert refused.value.code == "PURPOSE_NOT_GRANTED"


@pytest.mark.parametrize(
    "state", [{}, {"suspended": True}, {"valid_to": TODAY}], ids=["in force", "suspended", "ending"]
)
async def test_only_the_issuer_that_an_agreement_names_speaks_for_its_client(grants: Grants, state: Any) -> None:
    await grants.save(grant(issuer="https://id.example.vn", **state))
    for issuer in (None, "https://elsewhere.example.vn"):
        with pytest.raises(Unauthenticated, match="issuer is not the one that speaks for this client"):
            await asked(grants, replace(CLIENT, issuer=issuer), "school-management")
    by_its_own = asked(grants, replace(CLIENT, issuer="https://id.example.vn"), "school-management")
    if state.get("suspended"):
        with pytest.raises(Refused, match="is suspended"):
            await by_its_own
    else:
        assert (await by_its_own).profile.client_id == "agency"


async def test_what_an_agreement_does_not_list_is_left_out_unless_anybody_may_read_it(grants: Grants) -> None:
    listed = frozenset({"learner.record", "identity.name"})
    await grants.save(grant(categories=listed))
    left_out = (await asked(grants, CLIENT, "school-management")).profile.unlisted_categories
    assert {"schooling", "identity.birth", "guardianship"} <= left_out
    assert not left_out & (listed | {"institution", "administrative-unit", "access", "paging"})


async def test_a_category_counts_to_its_last_day(grants: Grants) -> None:
    expiry = MappingProxyType({"learner.contact": TODAY - timedelta(days=1), "schooling": TODAY})
    await grants.save(grant(category_expiry=expiry))
    access = await asked(grants, CLIENT, "school-management")
    assert access.profile.expired_categories == frozenset({"learner.contact"})


async def test_the_profile_that_a_report_is_made_for_is_that_of_requests_with_any_dossier(grants: Grants) -> None:
    kept = grant(
        categories=frozenset({"learner.record"}), category_expiry=MappingProxyType({"learner.record": YESTERDAY})
    )
    await grants.save(kept)
    access = await asked(grants, CLIENT, "school-management")
    assert access.profile.case_categories == frozenset()
    assert profile_of(kept, POLICIES, TODAY) == replace(access.profile, case_categories=None)


@pytest.mark.parametrize("case", ["", "a b", "x" * 65, "hồ sơ", "a\n"])
async def test_a_garbled_case_is_refused_without_its_words(grants: Grants, case: str) -> None:
    with pytest.raises(Refused, match=r"`Case` must have 1 to 64 letters, digits or ./_-"):
        await asked(grants, CITIZEN, None, case)
