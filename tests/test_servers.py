"""The servers that tests start are real, empty and private."""

from collections.abc import Callable

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.oidc.provider import OpenIdProvider


async def _value(url: str, *statements: str) -> object:
    """Run the statements in one transaction and return the last one's value."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            results = [await connection.execute(text(statement)) for statement in statements]
            return results[-1].scalar_one()
    finally:
        await engine.dispose()


@pytest.mark.anyio
async def test_a_fresh_database_is_empty_utf8_and_replaces_its_namesake(fresh_database: Callable[[str], str]) -> None:
    url = fresh_database("lienthong_fresh")
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert await _value(url, "SHOW server_encoding") == "UTF8"
    assert await _value(url, "CREATE TABLE leftover (id integer)", tables) == 1
    assert await _value(fresh_database("lienthong_fresh"), tables) == 0


@pytest.mark.anyio
async def test_redis_answers(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        await client.set("lienthong:here", "yes")
        assert await client.get("lienthong:here") == b"yes"
        await client.delete("lienthong:here")


def _published(provider: OpenIdProvider) -> KeySet:
    return KeySet.import_key_set(httpx2.get(provider.jwks_url).json())


def test_the_openid_provider_signs_with_a_new_key_and_publishes_the_old(oidc_provider: OpenIdProvider) -> None:
    before = oidc_provider.token("dept-hanoi", "lienthong")
    published_before = _published(oidc_provider)
    claims = jwt.decode(before, published_before, algorithms=["ES256"])
    assert (claims.header["typ"], claims.claims["aud"]) == ("at+jwt", "lienthong")
    assert (claims.claims["iss"], claims.claims["client_id"]) == (oidc_provider.issuer, "dept-hanoi")

    oidc_provider.add_signing_key()
    after = jwt.decode(oidc_provider.token("school", "elsewhere"), _published(oidc_provider), algorithms=["ES256"])
    assert after.claims["aud"] == "elsewhere"
    assert after.header["kid"] not in {key.kid for key in published_before.keys}
    assert jwt.decode(before, _published(oidc_provider), algorithms=["ES256"]).claims == claims.claims
