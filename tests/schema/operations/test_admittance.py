"""What is refused before a quota counts too, and never against a client that was only named."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx2
import pytest
from redis import Redis

from auth.crypto.keys import Keys
from auth.errors import Refused
from auth.limits.address_quotas import AddressLimits, AddressQuotas
from auth.limits.local_state import LocalState
from auth.limits.redis_state import RedisState
from auth.limits.shared_state import Quota, SharedState
from auth.principal import ANONYMOUS, Principal, PrincipalKind
from schema.operations.admittance import Doorkeepers, priced
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


CLIENT = Principal(PrincipalKind.CLIENT, "office", frozenset())
DEAREST = 25
"""Requests that an operation at the cost limit counts as."""


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.servers)])
async def shared(request: pytest.FixtureRequest) -> AsyncIterator[SharedState]:
    state: SharedState = LocalState(now=lambda: 600.0)
    if request.param == "redis":
        url: str = request.getfixturevalue("redis_url")
        Redis.from_url(url).flushall()
        state = RedisState(url)
    yield state
    await state.close()


def doorkeepers(shared: SharedState, per_address: int = 5) -> Doorkeepers:
    addresses = AddressQuotas(shared, b"key", AddressLimits(per_address=per_address))
    return cast(Doorkeepers, SimpleNamespace(shared=shared, keys=Keys(bytes(32)), address_quotas=addresses))


@pytest.mark.parametrize("limit", [1, 2, 5, 24, 25, 26])
async def test_an_operation_dearer_than_the_quota_runs_once_in_a_whole_window(shared: SharedState, limit: int) -> None:
    admitted = await shared.quota("office", limit)
    after = await priced(doorkeepers(shared), lambda: b"", CLIENT, admitted, DEAREST)
    assert (after.allowed, after.remaining) == (True, max(0, limit - DEAREST))


async def test_an_operation_dearer_than_the_quota_of_an_address_runs_too(shared: SharedState) -> None:
    services = doorkeepers(shared)
    admitted = await services.address_quotas.anonymous(b"7")
    assert (await priced(services, lambda: b"7", ANONYMOUS, admitted, DEAREST))[:2] == (5, 0)


@pytest.mark.parametrize(("limit", "requests"), [(5, 25), (5, 5), (5, 4), (24, 25), (30, 25), (120, 10), (600, 25)])
@pytest.mark.parametrize("at", [600.0, 630.5, 659.9])
async def test_whoever_returns_when_told_is_admitted(limit: int, requests: int, at: float) -> None:
    now = at
    services = doorkeepers(LocalState(now=lambda: now))

    async def asked() -> Quota:
        admitted = await services.shared.quota("office", limit)
        assert admitted.allowed
        return await priced(services, lambda: b"", CLIENT, admitted, requests)

    await services.shared.quota("office", limit, limit - min(requests, limit) + 1)
    with pytest.raises(Refused) as refused:
        await asked()
    now += int(refused.value.headers["Retry-After"])
    assert (await asked()).allowed
