"""Clients whose agreements are in force find their decision tables made."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from auth.agreements.grants import Grants
from auth.policy.policy_set import Policies
from auth.principal import Grant, Jurisdiction, Principal, PrincipalKind, Profile
from auth.state.engine import migrated_engine
from resolvers.request.access import access_context_of
from resolvers.request.warm_tables import warm_tables
from tests.auth.policies import COMMITTED

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 21)
OWN = Grant("school", "school", "school-management", Jurisdiction(), date(2026, 1, 1), None)
LISTED = replace(OWN, client_id="police", role="population-service", purpose="residence-registration")
ENDED = replace(OWN, client_id="gone", valid_to=date(2026, 11, 20))


class RecordedPolicies(Policies):
    """Policies that note for whom tables are made ahead."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.warmed: list[Profile] = []

    def warm(self, profiles: Iterable[Profile]) -> None:
        made = list(profiles)
        self.warmed += made
        super().warm(made)


async def test_a_client_s_table_is_the_one_that_its_requests_ask_for(tmp_path: Path) -> None:
    engine = await migrated_engine(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite")
    grants, policies = Grants(engine), RecordedPolicies(COMMITTED)
    listed = replace(LISTED, categories=frozenset({"identity.record", "identity.name"}))
    for grant in (OWN, listed, ENDED):
        await grants.save(grant)
    await warm_tables(policies, grants, TODAY)
    asked = [
        await access_context_of(
            Principal(PrincipalKind.CLIENT, grant.client_id, frozenset()),
            grant.purpose,
            None,
            grants,
            policies.current,
            TODAY,
        )
        for grant in (OWN, listed)
    ]
    assert set(policies.warmed) == {context.profile for context in asked}
    await engine.dispose()


async def test_a_state_that_is_away_keeps_nobody_from_serving(tmp_path: Path) -> None:
    engine = await migrated_engine(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite")
    async with engine.begin() as connection:
        await connection.exec_driver_sql("drop table grants")
    policies = RecordedPolicies(COMMITTED)
    await warm_tables(policies, Grants(engine), TODAY)
    assert policies.warmed == []
    await engine.dispose()
