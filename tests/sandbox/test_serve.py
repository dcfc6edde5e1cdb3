"""What is said at the start can be done as it is said."""

import re
import shlex
from pathlib import Path

import httpx2
import pytest

from auth.authentication.bearer import Authentication
from auth.authentication.issuers import issuer_of
from sandbox.issuer import SandboxIssuer
from sandbox.personas import PERSONAS
from sandbox.serve import greeting
from sandbox.tokens import DATA, main

pytestmark = pytest.mark.anyio


async def test_the_first_query_brings_a_token_that_this_server_believes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data of mine"
    issuer = SandboxIssuer(folder)
    [command] = re.findall(r"\$\(\./lienthong (.*?)\)", greeting(8000, folder))
    assert main(shlex.split(command)) == 0
    token = capsys.readouterr().out.strip()

    async with httpx2.AsyncClient() as client:
        principal = await Authentication([issuer_of(issuer.settings())], client).principal(f"Bearer {token}")
    assert principal.person_key == PERSONAS["graduate"].person_key


def test_the_usual_folder_is_not_named() -> None:
    assert "$(./lienthong token graduate)" in greeting(8123, DATA)
    assert "http://127.0.0.1:8123/graphql" in greeting(8123, DATA)
