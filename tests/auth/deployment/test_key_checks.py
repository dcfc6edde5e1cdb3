"""A state opens only with the secrets that it was made with, and keeps the public keys that have signed in it."""

from collections.abc import Sequence

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.crypto.audit_keys import RecordKeys
from auth.crypto.keys import Keys
from auth.crypto.signing import SigningKey
from auth.deployment.key_checks import checked_keys
from auth.errors import NotStarted
from auth.state.engine import writing
from auth.state.tables import MASTER_SECRETS, SIGNING_KEYS
from tests.auth.record import recorded

pytestmark = pytest.mark.anyio

FIRST, SECOND, THIRD, WRONG = (letter * 32 for letter in (b"1", b"2", b"3", b"x"))
OWN, LATER, FOREIGN = (SigningKey(letter * 32) for letter in (b"k", b"l", b"f"))


def ids(record: RecordKeys) -> list[str]:
    return [key["kid"] for key in record.published()]


def derived(secret: bytes) -> str:
    return SigningKey(Keys(secret).signing_seed()).key_id


async def test_the_same_secret_opens_it_again_and_a_new_one_with_the_earlier_ones(engine: AsyncEngine) -> None:
    for secrets in ((FIRST,), (FIRST,), (FIRST, SECOND), (FIRST, SECOND), (FIRST, SECOND, THIRD)):
        await checked_keys(engine, Keys(secrets[-1], secrets[:-1]))

    async with engine.connect() as connection:
        rows = (await connection.execute(select(MASTER_SECRETS).order_by(MASTER_SECRETS.c.version))).all()
    assert [row.version for row in rows] == [1, 2, 3]
    for row, secret in zip(rows, (FIRST, SECOND, THIRD), strict=True):
        assert secret.hex() not in row.check_value.hex()
        assert len(row.check_value) == 16


MASTER = "LIENTHONG_MASTER_SECRET must be the secret that the state was made with"
EARLIER = "LIENTHONG_EARLIER_SECRETS must hold "


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((WRONG,), MASTER),
        ((WRONG, SECOND), EARLIER + "the secrets used before, the oldest first: number 1 is not"),
        ((FIRST, WRONG), MASTER),
        ((SECOND, FIRST), EARLIER + "the secrets used before, the oldest first: number 1 is not"),
        ((FIRST,), EARLIER + "all secrets used before: the state was made with 2 secrets, of which 1 are given"),
        ((SECOND,), MASTER),
        ((WRONG, SECOND, THIRD), EARLIER + "the secrets used before, the oldest first: number 1 is not"),
    ],
)
async def test_another_secret_is_refused_and_named(engine: AsyncEngine, given: Sequence[bytes], told: str) -> None:
    await checked_keys(engine, Keys(FIRST))
    await checked_keys(engine, Keys(SECOND, [FIRST]))

    with pytest.raises(NotStarted) as raised:
        await checked_keys(engine, Keys(given[-1], given[:-1]))

    assert str(raised.value).startswith(told)
    for secret in (FIRST, SECOND, THIRD, WRONG):
        assert secret.hex() not in str(raised.value)


async def test_a_state_of_before_check_values_is_held_against_its_roots(engine: AsyncEngine) -> None:
    await recorded(engine, 1, key=SigningKey(Keys(FIRST).signing_seed()))

    with pytest.raises(NotStarted, match="must be the one that has signed the audit record of the state"):
        await checked_keys(engine, Keys(WRONG))
    await checked_keys(engine, Keys(FIRST))


async def test_public_keys_stay_published_when_the_signing_key_changes(engine: AsyncEngine) -> None:
    await checked_keys(engine, Keys(FIRST), OWN)
    assert ids(await checked_keys(engine, Keys(FIRST), LATER)) == [LATER.key_id, OWN.key_id, derived(FIRST)]
    after = await checked_keys(engine, Keys(SECOND, [FIRST]))
    assert ids(after) == [derived(SECOND), LATER.key_id, OWN.key_id, derived(FIRST)]
    assert all(key.keys() == OWN.published().keys() for key in after.published())


async def test_a_public_key_put_in_by_others_is_not_published(
    engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    await checked_keys(engine, Keys(FIRST), OWN)
    async with writing(engine) as connection:
        forged = {"key_id": FOREIGN.key_id, "public_key": FOREIGN.published()["x"]}
        await connection.execute(update(SIGNING_KEYS).values(forged))

    assert ids(await checked_keys(engine, Keys(FIRST), LATER)) == [LATER.key_id, derived(FIRST)]
    assert "signing key not ours" in capsys.readouterr().out


async def test_a_command_notes_nothing(engine: AsyncEngine) -> None:
    await checked_keys(engine, Keys(FIRST), keep=False)
    async with engine.connect() as connection:
        assert (await connection.execute(select(MASTER_SECRETS))).all() == []


async def test_taking_the_check_values_away_does_not_let_another_secret_in(engine: AsyncEngine) -> None:
    await checked_keys(engine, Keys(FIRST))
    await recorded(engine, 1, key=SigningKey(Keys(FIRST).signing_seed()))
    async with writing(engine) as connection:
        await connection.execute(delete(MASTER_SECRETS))
    with pytest.raises(NotStarted):
        await checked_keys(engine, Keys(WRONG))
