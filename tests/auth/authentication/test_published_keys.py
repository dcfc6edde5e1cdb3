"""An issuer's keys are asked for seldom, once at a time, and outlive its absence for a while."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey

from auth.authentication.bearer import Authentication
from auth.authentication.issuers import Issuer
from auth.authentication.published_keys import LIFETIME_S, REFETCH_S, STALE_S, PublishedKeys
from auth.errors import IssuerUnavailable
from tests.auth.tokens import AUDIENCE, jwks
from tests.oidc.provider import OpenIdProvider

pytestmark = pytest.mark.anyio

FIRST, SECOND = (ECKey.generate_key("P-256", parameters={"kid": kid}) for kid in ("first", "second"))


@dataclass
class _Site:
    """What the issuer answers, how often it was asked, and the time."""

    answer: Any
    status: int = 200
    asked: int = 0
    now: float = 1000.0
    absent: bool = False

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        await asyncio.sleep(0.01)
        if self.absent:
            raise httpx2.ConnectError("absent")
        return httpx2.Response(self.status, json=self.answer)


@pytest.fixture
def site() -> _Site:
    return _Site(jwks(FIRST))


@pytest.fixture
async def keys(site: _Site) -> AsyncIterator[PublishedKeys]:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(site)) as client:
        yield PublishedKeys("https://issuer.example/jwks", client, now=lambda: site.now)


async def _kid(keys: PublishedKeys, kid: str) -> str | None:
    key = await keys.key(kid)
    return key.kid if key else None


async def test_many_who_wait_ask_once(site: _Site, keys: PublishedKeys) -> None:
    assert await asyncio.gather(*(_kid(keys, "first") for _ in range(50))) == ["first"] * 50
    assert site.asked == 1


async def test_a_new_key_is_found_without_waiting_for_the_end_of_the_lifetime(site: _Site, keys: PublishedKeys) -> None:
    await _kid(keys, "first")
    site.answer = jwks(FIRST, SECOND)

    assert await _kid(keys, "second") == "second"
    assert site.asked == 2


async def test_unknown_keys_do_not_make_us_flood_the_issuer(site: _Site, keys: PublishedKeys) -> None:
    await _kid(keys, "first")
    found = await asyncio.gather(*(_kid(keys, f"unknown-{number}") for number in range(50)))
    site.now += REFETCH_S - 1
    found += await asyncio.gather(*(_kid(keys, f"another-{number}") for number in range(50)))

    assert (set(found), site.asked) == ({None}, 2)


async def test_a_key_that_is_known_serves_on_while_somebody_asks(site: _Site, keys: PublishedKeys) -> None:
    await _kid(keys, "first")
    site.now += LIFETIME_S + 1
    asking = asyncio.ensure_future(_kid(keys, "first"))
    await asyncio.sleep(0)

    assert await asyncio.wait_for(_kid(keys, "first"), 0.005) == "first"
    assert not asking.done()
    assert (await asking, site.asked) == ("first", 2)


async def test_a_withdrawn_key_is_gone_after_the_lifetime(site: _Site, keys: PublishedKeys) -> None:
    await _kid(keys, "first")
    site.answer, site.now = jwks(SECOND), site.now + LIFETIME_S + 1

    assert await _kid(keys, "first") is None


@pytest.mark.parametrize(
    "failure",
    [
        {"absent": True},
        {"status": 500},
        {"answer": {}},
        {"answer": {"keys": None}},
        {"answer": {"keys": [1] * 200_000}},
    ],
)
async def test_known_keys_serve_while_the_issuer_is_away_but_not_for_ever(
    site: _Site, keys: PublishedKeys, failure: dict[str, Any]
) -> None:
    await _kid(keys, "first")
    vars(site).update(failure)
    site.now += STALE_S

    assert await _kid(keys, "first") == "first"
    site.now += 1
    with pytest.raises(IssuerUnavailable):
        await keys.key("first")


async def test_an_empty_set_withdraws_all_keys_at_once(site: _Site, keys: PublishedKeys) -> None:
    await _kid(keys, "first")
    site.answer, site.now = {"keys": []}, site.now + LIFETIME_S + 1

    assert (await _kid(keys, "first"), keys.holds("first")) == (None, False)


async def test_how_long_keys_outlive_their_issuer_is_a_setting(site: _Site) -> None:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(site)) as client:
        keys = PublishedKeys("https://issuer.example/jwks", client, now=lambda: site.now, stale_s=600)
        await _kid(keys, "first")
        site.absent, site.now = True, site.now + 600
        assert await _kid(keys, "first") == "first"
        site.now += 1

        with pytest.raises(IssuerUnavailable):
            await keys.key("first")
        assert not keys.holds("first")


async def test_an_issuer_never_reached_is_unavailable_and_asked_again_only_later(
    site: _Site, keys: PublishedKeys
) -> None:
    site.absent = True
    for _ in range(3):
        with pytest.raises(IssuerUnavailable):
            await keys.key("first")
    assert site.asked == 1
    site.absent, site.now = False, site.now + REFETCH_S

    assert await _kid(keys, "first") == "first"


async def test_a_published_secret_and_keys_for_other_uses_verify_nothing(site: _Site, keys: PublishedKeys) -> None:
    secret = OctKey.generate_key(256, {"kid": "secret"}).as_dict(private=True)
    encryption = {**SECOND.as_dict(private=False), "use": "enc"}
    site.answer = {
        "keys": [
            secret,
            encryption,
            {"kty": "EC", "kid": "broken"},
            {"kty": "new", "kid": "odd"},
            7,
            *jwks(FIRST)["keys"],
        ]
    }

    found = [await _kid(keys, kid) for kid in ("secret", "second", "broken", "odd", "first")]

    assert found == [None, None, None, None, "first"]


async def test_a_real_provider_changes_its_key(oidc_provider: OpenIdProvider) -> None:
    async with httpx2.AsyncClient() as client:
        authentication = Authentication([Issuer(oidc_provider.issuer, AUDIENCE, oidc_provider.jwks_url)], client)
        before = await authentication.principal(f"Bearer {oidc_provider.token('school', AUDIENCE)}")
        oidc_provider.add_signing_key()
        after = await authentication.principal(f"Bearer {oidc_provider.token('school', AUDIENCE)}")

    assert (before.client_id, after.client_id) == ("school", "school")
    assert before.token_id != after.token_id
