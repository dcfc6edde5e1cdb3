"""The registers' configuration: the embedded default opens, and what is wrong in another one is named."""

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from connectors.errors import RegistersInvalid
from connectors.registry import open_sources, refuse_misfits

DEFAULT = tomllib.loads((Path(__file__).parents[2] / "registers.toml").read_text())
VARIABLES = {"data": "/nowhere", "population_url": "http://127.0.0.1:9", "population_token": "sesame", "password": "p"}


def test_the_embedded_default_opens_every_register() -> None:
    sources = open_sources(DEFAULT, VARIABLES)
    assert {name: source.register for name, source in sources.items()} == {
        "education": "education",
        "credentials": "credentials",
        "population": "population",
    }


@pytest.mark.anyio
async def test_why_a_register_is_away_at_the_start_is_in_the_log_without_its_address() -> None:
    config = deepcopy(DEFAULT)
    config["registers"]["education"]["url"] = "postgresql+asyncpg://reader:{password}@127.0.0.1:9/education"
    opened = open_sources(config, VARIABLES)
    sources = {name: opened[name] for name in ("education", "population")}
    with capture_logs() as logged:
        await refuse_misfits(sources)
    for source in sources.values():
        await source.close()

    assert {line["register"]: line["reason"] for line in logged} == {
        "education": "no answer for record `any` (no connection: ConnectionRefusedError)",
        "population": "no answer (ConnectError)",
    }


PLAIN_HTTP = (
    "`url` is plain http: use https, or name `ndop.example.vn` in `plain_http_hosts` "
    "where the network itself is protected"
)
INVALID: list[tuple[str, dict[str, Any], str]] = [
    ("education", {"kind": "soap"}, "`kind` must be one of sql, rest"),
    ("education", {"polo": 3}, "unknown `polo`"),
    ("population", {"records": {}}, "`records` must be a list, got a table"),
    (
        "population",
        {"records": ["citizen"]},
        "`records` must name the records that it serves (citizen, guardianship, residence_period)",
    ),
    ("education", {"url": ""}, "`url` must be a text matching regex '\\\\S'"),
    ("education", {"url": "sqlite+aiosqlite:///{dir}/x"}, "`url` needs `dir`, which is not set"),
    ("education", {"url": "postgresql://x/y"}, "`url` must begin with `sqlite+aiosqlite:` or `postgresql+asyncpg:`"),
    ("education", {"url": "nowhere"}, "`url` is no database address"),
    ("education", {"url": "sqlite+aiosqlite://"}, "`url` names no file"),
    (
        "education",
        {"url": "postgresql+asyncpg://reader:secret@host/education"},
        "the password in `url` must be a placeholder: secrets are not written there",
    ),
    ("population", {"url": "ftp://x"}, "`url` is no http or https address"),
    ("population", {"url": "http://ndop.example.vn"}, PLAIN_HTTP),
    ("population", {"plain_http_hosts": "ndop.example.vn"}, "`plain_http_hosts` must be a list, got a text"),
    (
        "population",
        {"token": "secret"},
        "`token` must be a placeholder: secrets are not written into the configuration",
    ),
    ("population", {"batch": 0}, "`batch` must be a whole number >= 1"),
    ("education", {"pool": 2.5}, "`pool` must be a whole number, got a number"),
    ("education", {"deadline_s": True}, "`deadline_s` must be a number, got true or false"),
    ("education", {"breaker": {"fails": 1}}, "`breaker`: unknown `fails`"),
    ("education", {"normalised": "yes"}, "`normalised` must be true or false, got a text"),
    ("education", {"records": {}}, "record `institution` is not mapped"),
]


@pytest.mark.parametrize(("register", "change", "message"), INVALID, ids=[message for _, _, message in INVALID])
def test_an_invalid_configuration_is_named(register: str, change: dict[str, Any], message: str) -> None:
    config = deepcopy(DEFAULT)
    config["registers"][register] |= change
    with pytest.raises(RegistersInvalid) as invalid:
        open_sources(config, VARIABLES)
    assert str(invalid.value) == f"register `{register}`: {message}"


def test_a_register_that_no_record_belongs_to_is_refused() -> None:
    with pytest.raises(RegistersInvalid, match="register `tax`: no record belongs to it"):
        open_sources({"registers": {**DEFAULT["registers"], "tax": {}}}, VARIABLES)


def test_a_password_by_placeholder_is_taken() -> None:
    config = deepcopy(DEFAULT)
    config["registers"]["education"]["url"] = "postgresql+asyncpg://reader:{password}@127.0.0.1:9/education"
    assert open_sources(config, VARIABLES)["education"].register == "education"


def test_the_population_register_may_be_a_database_too() -> None:
    config = deepcopy(DEFAULT)
    records = {name: {"table": f"{name}s"} for name in ("citizen", "guardianship", "residence_period")}
    config["registers"]["population"] = {
        "kind": "sql",
        "url": "sqlite+aiosqlite:///{data}/p.sqlite",
        "records": records,
    }
    assert open_sources(config, VARIABLES)["population"].register == "population"
