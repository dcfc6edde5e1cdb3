"""What is refused before a quota counts too, and never against a client that was only named."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from auth.address_quotas import AddressLimits
from tests.auth.tokens import claims, signed
from tests.leaks.callers import CALLER
from tests.leaks.trial import Trial
from tests.leaks.trial import trial as opened

pytestmark = pytest.mark.anyio

OFFICE = CALLER["exam-office:exam-registration"]
NAME = {"query": "{ __typename }"}


@pytest.fixture
async def trial(tmp_path: Path, fresh_state: str) -> AsyncIterator[Trial]:
    limits = AddressLimits(per_address=5, for_all=1000, failures=4)
    more: dict[str, Any] = {"trusted_proxies": ["127.0.0.1"], "address_limits": limits, "strangers_per_day": 3}
    async with opened(tmp_path, "plan", **more) as one:
        yield one


async def sent(trial: Trial, address: str, headers: dict[str, str], body: Any = NAME) -> httpx2.Response:
    return await trial.client.post("/graphql", json=body, headers={"X-Forwarded-For": address, **headers})


async def test_one_address_does_not_shut_the_public_data_for_another(trial: Trial) -> None:
    statuses = [(await sent(trial, "203.0.113.7", {})).status_code for _ in range(7)]
    other = await sent(trial, "203.0.113.8", {})
    assert statuses == [200] * 5 + [429] * 2
    assert (other.status_code, other.headers["RateLimit-Policy"]) == (200, '"per-minute";q=5;w=60')


async def test_a_forged_token_costs_its_address_and_not_the_client_that_it_names(trial: Trial) -> None:
    forged = signed(claims(client_id=OFFICE.client_id))[:-6] + "AAAAAA"
    failed = [
        await sent(trial, "203.0.113.7", {"Authorization": f"Bearer {forged}", "Purpose": OFFICE.purpose})
        for _ in range(6)
    ]
    assert [answer.status_code for answer in failed] == [401] * 4 + [429] * 2
    genuine = OFFICE.headers(trial.world)
    answer = await sent(trial, "203.0.113.7", genuine)  # the same address: somebody else may sit behind it
    assert answer.status_code == 200
    assert answer.headers["RateLimit"].startswith('"per-minute";r=99999;')


async def test_what_cannot_be_read_counts(trial: Trial) -> None:
    statuses = [(await sent(trial, "203.0.113.7", {}, body=[])).status_code for _ in range(6)]
    assert statuses == [400] * 4 + [429] * 2
    assert (await sent(trial, "203.0.113.8", {}, body=[])).status_code == 400


async def test_a_purpose_that_is_not_granted_counts_against_who_asks_and_is_not_taken_from_the_grant(
    trial: Trial,
) -> None:
    headers = {**OFFICE.headers(trial.world), "Purpose": "statistics"}
    statuses = {(await sent(trial, "203.0.113.7", headers)).status_code for _ in range(600)}
    assert statuses == {403}
    assert (await sent(trial, "203.0.113.7", headers)).status_code == 429
    assert (await sent(trial, "203.0.113.7", OFFICE.headers(trial.world))).status_code == 200


async def test_no_address_is_logged_or_kept(trial: Trial) -> None:
    for _ in range(7):
        await sent(trial, "203.0.113.7", {})
    assert "203.0.113.7" not in "".join(trial.words)
    assert "203.0.113.7" not in trial.audit()
