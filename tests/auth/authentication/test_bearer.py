"""A principal comes from a token that is right in every respect, and from nothing else."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import OctKey

from auth.authentication.bearer import Authentication
from auth.authentication.issuers import Issuer, issuer_of
from auth.errors import Unauthenticated
from auth.principal import ANONYMOUS, Principal, PrincipalKind
from tests.auth.authentication.wrong_tokens import WRONG
from tests.auth.tokens import AUDIENCE, ISSUER, KEY, NOW, NUMBER, claims, issuer, jwks, signed, unsigned
from tests.oidc.provider import OpenIdProvider

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient() as client:
        yield client


@pytest.fixture
def authentication(client: httpx2.AsyncClient) -> Authentication:
    return Authentication([issuer()], client, now=lambda: NOW)


async def _refusal(authentication: Authentication, authorization: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await authentication.principal(authorization)
    return refused.value.message


async def test_without_a_token_nobody_in_particular_asks(authentication: Authentication) -> None:
    assert await authentication.principal(None) is ANONYMOUS


async def test_a_client_comes_without_roles(authentication: Authentication) -> None:
    principal = await authentication.principal(f"Bearer {signed(claims(jti='t-1'))}")

    assert principal == Principal(PrincipalKind.CLIENT, "school", frozenset(), token_id="t-1", issuer=ISSUER)


@pytest.mark.parametrize(("acr", "level"), [("vneid:1", 1), ("vneid:2", 2), ("vneid:3", 0), (2, 0), (None, 0)])
async def test_a_citizen_comes_with_number_and_level(authentication: Authentication, acr: object, level: int) -> None:
    token = signed(claims(client_id="vneid-app", citizen_id=NUMBER, acr=acr))
    principal = await authentication.principal(f"bearer {token}")

    expected = Principal(PrincipalKind.CITIZEN, "vneid-app", frozenset({"citizen"}), level, NUMBER, "t", ISSUER)
    assert principal == expected
    assert NUMBER not in repr(principal)


@pytest.mark.parametrize("clients", [None, False])
async def test_an_issuer_of_citizens_does_not_speak_for_agencies_too(
    client: httpx2.AsyncClient, clients: bool | None
) -> None:
    authentication = Authentication([issuer(clients=clients)], client, now=lambda: NOW)
    citizen = await authentication.principal(f"Bearer {signed(claims(citizen_id=NUMBER))}")

    assert citizen.kind is PrincipalKind.CITIZEN
    assert await _refusal(authentication, f"Bearer {signed(claims())}") == "the token lacks the claim `citizen_id`"


def test_an_issuer_that_speaks_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="speaks for nobody"):
        issuer(person=None, clients=False)


async def test_an_issuer_that_may_not_speak_for_citizens_makes_none(client: httpx2.AsyncClient) -> None:
    authentication = Authentication([issuer(person=None)], client, now=lambda: NOW)
    principal = await authentication.principal(f"Bearer {signed(claims(citizen_id=NUMBER))}")

    assert (principal.kind, principal.person_key) == (PrincipalKind.CLIENT, None)


@pytest.mark.parametrize(("token", "message"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_token_is_refused_with_its_reason(
    authentication: Authentication, token: str, message: str
) -> None:
    assert await _refusal(authentication, f"Bearer {token}") == message


@pytest.mark.parametrize("changed", [{"exp": NOW - 5}, {"nbf": NOW + 5}, {"aud": ["elsewhere", AUDIENCE]}])
async def test_clocks_may_differ_by_ten_seconds_and_audiences_be_several(
    authentication: Authentication, changed: dict[str, Any]
) -> None:
    assert (await authentication.principal(f"Bearer {signed(claims(**changed))}")).client_id == "school"


@pytest.mark.parametrize("typ", ["AT+JWT", "application/at+jwt"])
async def test_the_type_may_be_written_as_the_standard_allows(authentication: Authentication, typ: str) -> None:
    assert (await authentication.principal(f"Bearer {signed(claims(), typ=typ)}")).client_id == "school"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic c2Nob29s", "Bearer mã", "Bearer " + "a" * 9000])
async def test_a_header_that_is_no_bearer_token_is_refused(authentication: Authentication, header: str) -> None:
    expected = "the authorization header must be `Bearer` and a token"
    assert await _refusal(authentication, header) == expected


json = st.recursive(st.none() | st.booleans() | st.floats() | st.integers(-(2**53), 2**53) | st.text(), st.lists)
parts = st.dictionaries(st.sampled_from(["alg", "typ", "kid", "iss", "exp", "crit", "b64"]), json)
headers = parts.map(lambda part: {"alg": "ES256", "typ": "at+jwt", "kid": "first", **part})
bodies = parts.map(lambda part: {**claims(citizen_id=NUMBER), **part})


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text() | st.builds(unsigned, headers, bodies, st.text("AZaz_-09", max_size=90)))
async def test_no_forged_text_is_believed_or_echoed(authentication: Authentication, text: str) -> None:
    message = await _refusal(authentication, f"Bearer {text}")

    assert NUMBER not in message
    if len(text) >= 20:  # a shorter text may be a word of the message
        assert text not in message


async def test_a_verified_token_is_not_verified_again_until_it_expires(client: httpx2.AsyncClient) -> None:
    now = float(NOW)
    authentication = Authentication([issuer()], client, now=lambda: now)
    header = f"Bearer {signed(claims(exp=NOW + 30))}"
    first = await authentication.principal(header)

    assert await authentication.principal(header) is first
    now = NOW + 30
    assert await authentication.principal(header) is not first  # within the skew, verified anew
    now = NOW + 41
    assert await _refusal(authentication, header) == "the token has expired"


async def test_a_verified_token_ends_when_its_issuer_withdraws_the_key() -> None:
    published = [jwks(KEY), {"keys": []}]
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=published.pop(0)))
    async with httpx2.AsyncClient(transport=transport) as client:
        authentication = Authentication([issuer("https://issuer.example/jwks")], client, now=lambda: NOW)
        header = f"Bearer {signed(claims())}"
        await authentication.principal(header)

        # another token names a key that is not in the set, so the set is fetched again: it is empty now
        refusal = "the token is signed with a key that its issuer does not publish"
        assert await _refusal(authentication, f"Bearer {signed(claims(), kid='second')}") == refusal
        assert await _refusal(authentication, header) == refusal


@pytest.mark.parametrize(("lifetime_s", "accepted"), [(7200, True), (7201, False)])
async def test_an_issuer_may_be_allowed_longer_tokens(
    client: httpx2.AsyncClient, lifetime_s: int, accepted: bool
) -> None:
    longer = issuer_of({"issuer": ISSUER, "audience": AUDIENCE, "jwks": jwks(KEY), "longest_token_s": 7200})
    authentication = Authentication([longer], client, now=lambda: NOW)
    header = f"Bearer {signed(claims(exp=NOW + lifetime_s))}"

    if accepted:
        assert (await authentication.principal(header)).client_id == "school"
    else:
        assert await _refusal(authentication, header) == "the token lives for more than 7200 seconds"


async def test_a_token_is_taken_as_verified_for_five_minutes_at_most(client: httpx2.AsyncClient) -> None:
    now = float(NOW)
    authentication = Authentication([issuer()], client, now=lambda: now)
    header = f"Bearer {signed(claims(exp=NOW + 3600))}"
    first = await authentication.principal(header)
    now = NOW + 300

    assert await authentication.principal(header) is not first


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"issuer": ISSUER}, "an issuer: `audience` is missing"),
        ({"issuer": ISSUER, "audience": "a", "url": "x"}, "an issuer: unknown `url`"),
        ({"issuer": ISSUER, "audience": "a"}, "give either `jwks_url` or `jwks`"),
        (
            {"issuer": ISSUER, "audience": "a", "jwks_url": "https://x", "algorithms": ["HS256"]},
            "`algorithms` must be some of",
        ),
        (
            {"issuer": ISSUER, "audience": "a", "jwks_url": "https://x", "algorithms": ["none"]},
            "`algorithms` must be some of",
        ),
        (
            {"issuer": ISSUER, "audience": "a", "jwks_url": "https://x", "algorithms": []},
            "`algorithms` must be a list of length >= 1",
        ),
        (
            {"issuer": ISSUER, "audience": "a", "jwks_url": "https://x", "claims": {"klient": "c"}},
            "an issuer, `claims`: unknown `klient`",
        ),
        ({"issuer": ISSUER, "audience": "a", "jwks_url": "ftp://x"}, "`jwks_url` is no http or https address"),
        ({"issuer": ISSUER, "audience": "a", "jwks_url": "http://x/jwks"}, "name `x` in `plain_http_hosts`"),
        ({"issuer": ISSUER, "audience": "a", "jwks_url": "https://x", "stale_keys_s": 0}, "`stale_keys_s` must be"),
        (
            {"issuer": ISSUER, "audience": "a", "jwks_url": "https://x", "longest_token_s": "1h"},
            "`longest_token_s` must",
        ),
    ],
)
def test_a_wrong_configuration_is_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        issuer_of(settings)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"keys": []},
        {"keys": [OctKey.generate_key(256, {"kid": "k"}).as_dict(private=True)]},
        {"keys": [{"kty": "EC"}]},
    ],
)
async def test_an_issuer_without_a_usable_key_does_not_start(client: httpx2.AsyncClient, keys: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="holds no public key"):
        Authentication([Issuer(ISSUER, AUDIENCE, jwks=keys)], client)


async def test_a_claim_of_an_other_name_says_who_the_client_is(client: httpx2.AsyncClient) -> None:
    described = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": jwks(KEY), "claims": {"client": "azp"}}
    authentication = Authentication([issuer_of(described)], client, now=lambda: NOW)
    principal = await authentication.principal(f"Bearer {signed(claims(azp='university', client_id=None))}")

    assert principal.client_id == "university"


async def test_tokens_of_a_real_provider_are_taken_across_its_change_of_keys(
    oidc_provider: OpenIdProvider, client: httpx2.AsyncClient
) -> None:
    provider = Issuer(oidc_provider.issuer, AUDIENCE, oidc_provider.jwks_url)
    before, elsewhere = oidc_provider.token("university", AUDIENCE), oidc_provider.token("university", "elsewhere")
    now = time.time()
    authentication = Authentication([provider], client, now=lambda: now)

    principal = await authentication.principal(f"Bearer {before}")
    assert (principal.kind, principal.client_id) == (PrincipalKind.CLIENT, "university")
    assert principal.token_id
    assert await _refusal(authentication, f"Bearer {elsewhere}") == "the token's claim `aud` is not as required"
    assert await _refusal(authentication, f"Bearer {before[:-8]}AAAAAAAA") == "the token's signature is wrong"
    now = time.time() + 311
    assert await _refusal(authentication, f"Bearer {before}") == "the token has expired"
