"""Opening a request: what it is decided by stays the same until it ends."""

from collections.abc import Mapping
from pathlib import Path
from shutil import copytree
from typing import cast

import pytest

from auth.agreements.grants import Grants
from auth.policy.policy_set import Policies
from auth.principal import Principal, PrincipalKind
from connectors.source import Source
from resolvers.request.access import access_context_of
from tests.auth.policies import COMMITTED
from tests.differential.callers import NOW, openings

pytestmark = pytest.mark.anyio

CITIZEN = Principal(PrincipalKind.CITIZEN, "vneid-app", frozenset({"citizen"}), 2, "me")
AWAY = cast(Mapping[str, Source], dict.fromkeys(("education", "population", "credentials")))


async def test_an_operation_has_the_policies_that_it_began_with_whatever_is_loaded_meanwhile(tmp_path: Path) -> None:
    folder = copytree(COMMITTED, tmp_path / "policies")
    policies = Policies(folder)
    began = policies.current
    access = await access_context_of(CITIZEN, None, None, cast(Grants, None), policies.current, NOW.date())
    for rules in set(folder.glob("*.cedar")) - {folder / "data-protection.cedar"}:
        rules.write_text("", encoding="utf-8")
    policies.reload()

    request = openings(AWAY).request("request", access, NOW)

    assert policies.current is not began
    assert request.policies is began
    assert request.table is began.table(access.profile, NOW.date())
    assert policies.table(access.profile, NOW.date()).never("identity.name")
    assert not request.table.never("identity.name")
