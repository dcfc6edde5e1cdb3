"""The sandbox's tokens are believed by the ordinary authentication, and nothing else is learned from them."""

import stat
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from auth.authentication.bearer import Authentication
from auth.authentication.issuers import issuer_of
from auth.principal import PrincipalKind
from sandbox.issuer import SandboxIssuer, UnknownPurpose
from sandbox.personas import PERSONAS
from sandbox.tokens import main

pytestmark = pytest.mark.anyio


@pytest.fixture
def issuer(tmp_path: Path) -> SandboxIssuer:
    return SandboxIssuer(tmp_path)


@pytest.fixture
async def client(issuer: SandboxIssuer) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Starlette(routes=issuer.routes()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        yield client


@pytest.mark.parametrize("name", PERSONAS)
async def test_every_persona_is_known_by_its_token(
    issuer: SandboxIssuer, client: httpx2.AsyncClient, name: str
) -> None:
    persona = PERSONAS[name]
    authentication = Authentication([issuer_of(issuer.settings())], client)

    principal = await authentication.principal(f"Bearer {issuer.issue(persona)}")

    assert principal.kind is PrincipalKind(persona.kind)
    assert (principal.client_id, principal.person_key) == (persona.client_id, persona.person_key)
    assert principal.assurance == persona.assurance


def test_the_key_is_made_once_even_if_several_start(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        published = [issuer.jwks() for issuer in threads.map(SandboxIssuer, [tmp_path / "new"] * 8)]
    [key_file] = (tmp_path / "new").iterdir()

    assert published == [published[0]] * 8
    assert "d" not in published[0]["keys"][0]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


async def test_the_token_endpoint_answers_as_oauth_does(issuer: SandboxIssuer, client: httpx2.AsyncClient) -> None:
    asked = {"persona": "graduate", "purpose": "self-service"}
    answer = await client.post("/sandbox/token", json=asked)
    published = await client.get("/sandbox/jwks.json")

    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 3600)
    assert answer.headers["cache-control"] == "no-store"
    assert published.json() == issuer.jwks()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (b"{", "the request must be JSON"),
        (b"\xff", "the request must be JSON"),
        (b"[]", "the name of a `persona`"),
        (b'{"persona": 7}', "the name of a `persona`"),
        (b'{"persona": "nobody"}', "no such persona; there are: graduate, parent"),
        (b'{"persona": "school", "purpose": 7}', "`purpose` must be a string"),
        (b'{"persona": "school", "purpose": "statistics"}', "it has: school-management"),
        (b" " * 5000, "at most 4096 bytes"),
    ],
)
async def test_a_wrong_request_is_told_what_was_wrong(client: httpx2.AsyncClient, asked: bytes, told: str) -> None:
    answer = await client.post("/sandbox/token", content=asked)

    assert answer.status_code == 400
    assert told in answer.json()["error_description"]


def test_a_purpose_that_the_persona_has_not_is_refused(issuer: SandboxIssuer) -> None:
    with pytest.raises(UnknownPurpose, match="`school` has no such purpose; it has: school-management"):
        issuer.issue(PERSONAS["school"], "statistics")


async def test_the_command_prints_the_token_alone_and_hints_beside_it(
    issuer: SandboxIssuer, client: httpx2.AsyncClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["token", "dept-hanoi", "--purpose", "grade-1-admission", "--case", "H01-7", "--data", str(tmp_path)]
    status = main(arguments)
    printed = capsys.readouterr()

    principal = await Authentication([issuer_of(issuer.settings())], client).principal(f"Bearer {printed.out.strip()}")
    assert (status, principal.client_id) == (0, "dept-hanoi")
    assert "Purpose: grade-1-admission" in printed.err
    assert "Case: H01-7" in printed.err


@pytest.mark.parametrize("arguments", [["nobody"], ["school", "--purpose", "statistics"]])
def test_the_command_names_what_there_is_instead(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["token", *arguments, "--data", str(tmp_path)])
    printed = capsys.readouterr()

    assert (status, printed.out) == (2, "")
    assert "school" in printed.err


def test_the_command_shows_every_persona(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["personas"])
    shown = capsys.readouterr().out

    assert status == 0
    assert all(name in shown for name in PERSONAS)
