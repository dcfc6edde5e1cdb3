"""`/audit/keys.json` has the key that signs, and those that signed what is kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from auth.crypto.keys import Keys
from auth.crypto.signing import SigningKey
from tests.app import Settings, app, running
from tests.auth.tokens import issuer
from tests.leaks.world import made_world, write_registers

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

FIRST, SECOND = b"1" * 32, b"2" * 32
OWN, LATER = SigningKey(b"k" * 32), SigningKey(b"l" * 32)


def derived(secret: bytes) -> str:
    return SigningKey(Keys(secret).signing_seed()).key_id


@pytest.fixture
def registers(tmp_path: Path) -> Mapping[str, Any]:
    return write_registers(made_world(), tmp_path)


async def published(folder: Path, registers: Mapping[str, Any], **settings: Any) -> list[str]:
    """Return the ids of the keys that a server with these settings publishes."""
    state = f"sqlite+aiosqlite:///{folder}/state.sqlite"
    given = Settings(registers=registers, variables={}, state_url=state, issuers=[issuer()], **settings)
    async with running(app(given)) as client:
        keys = (await client.get("/audit/keys.json")).json()["keys"]
    assert [key.keys() & {"d"} for key in keys] == [set()] * len(keys)
    return [key["kid"] for key in keys]


async def test_the_key_that_is_set_signs_and_is_published_first(tmp_path: Path, registers: Mapping[str, Any]) -> None:
    assert (await published(tmp_path, registers, master_secret=FIRST, signing_key=OWN))[0] == OWN.key_id


async def test_after_a_rotation_the_earlier_keys_are_published_still(
    tmp_path: Path, registers: Mapping[str, Any]
) -> None:
    assert await published(tmp_path, registers, master_secret=FIRST) == [derived(FIRST)]
    assert await published(tmp_path, registers, master_secret=SECOND, earlier_secrets=[FIRST]) == [
        derived(SECOND),
        derived(FIRST),
    ]
