"""What a deployment decides: each mistake is told in one line that names the variable and what it should be."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from auth.deployment.settings import (
    REGISTER_MEANING,
    REGISTER_VARIABLES,
    VARIABLES,
    record_secrets,
    settings_from_environment,
)
from auth.errors import NotStarted

ROOT = Path(__file__).parents[3]
SECRET, EARLIER, SIGNING = "5e" * 32, "ea" * 32, "51" * 32
PASSWORD = "mat-khau"
ISSUERS = """[[issuers]]
issuer = "https://id.example.vn"
audience = "lienthong"
jwks_url = "https://id.example.vn/jwks"
"""


@pytest.fixture
def sound(tmp_path: Path) -> dict[str, str]:
    """An environment without a mistake."""
    (tmp_path / "issuers.toml").write_text(ISSUERS)
    return {
        "LIENTHONG_STATE_URL": f"postgresql+asyncpg://lienthong:{PASSWORD}@localhost/state",
        "LIENTHONG_MASTER_SECRET": SECRET,
        "LIENTHONG_ISSUERS": str(tmp_path / "issuers.toml"),
        "LIENTHONG_REGISTER_DATA": str(tmp_path),
        "LIENTHONG_REGISTER_POPULATION_URL": "http://127.0.0.1:1",
        "LIENTHONG_REGISTER_POPULATION_TOKEN": PASSWORD,
        "PATH": "/usr/bin",
    }


STATE, MASTER = "LIENTHONG_STATE_URL", "LIENTHONG_MASTER_SECRET"
FORM = {
    "secret": "64 hexadecimal digits (32 random bytes)",
    "database": "`sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE`",
    "issuers": "the path of a TOML file with a section [[issuers]]",
    "toml": "the path of a TOML file",
    "redis": "`redis://HOST:PORT/NUMBER` or `rediss://…`",
}
FILES = {
    "empty.toml": "",
    "no.toml": "issuers",
    "lacking.toml": '[[issuers]]\nissuer = "https://id.example.vn"\n',
    "typed.toml": ISSUERS + "algorithms = 5\n",
}
MISTAKES: Mapping[str, tuple[Mapping[str, str | None], str]] = {
    "no state": ({STATE: None}, f"{STATE} is not set: it must be {FORM['database']}"),
    "an empty state": ({STATE: ""}, f"{STATE} is not set: it must be {FORM['database']}"),
    "state of another driver": (
        {STATE: f"postgresql://lienthong:{PASSWORD}@localhost/state"},
        f"{STATE} must be {FORM['database']}",
    ),
    "state that is no URL": (
        {STATE: "state.sqlite"},
        f"{STATE} must be {FORM['database']}",
    ),
    "state in no database": (
        {STATE: "postgresql+asyncpg://localhost"},
        f"{STATE} must be {FORM['database']}",
    ),
    "state in no file": (
        {STATE: "sqlite+aiosqlite://"},
        f"{STATE} must be {FORM['database']}",
    ),
    "state in no folder": (
        {STATE: "sqlite+aiosqlite:////nowhere/state.sqlite"},
        f"{STATE} must be {FORM['database']}: the folder of the file is not there",
    ),
    "no secret": (
        {MASTER: None},
        f"{MASTER} is not set: it must be {FORM['secret']}",
    ),
    "a secret that is no hexadecimal": (
        {MASTER: "mat-khau"},
        f"{MASTER} must be {FORM['secret']}",
    ),
    "a secret that is too short": (
        {MASTER: "5e" * 16},
        f"{MASTER} must be {FORM['secret']}",
    ),
    "earlier secrets with commas": (
        {"LIENTHONG_EARLIER_SECRETS": f"{EARLIER},{EARLIER}"},
        "LIENTHONG_EARLIER_SECRETS must be secrets of 64 hexadecimal digits, separated by spaces",
    ),
    "an earlier secret that is in use": (
        {"LIENTHONG_EARLIER_SECRETS": SECRET},
        "LIENTHONG_EARLIER_SECRETS must be other secrets than LIENTHONG_MASTER_SECRET, each once and at most 15",
    ),
    "a signing key of other length": (
        {"LIENTHONG_SIGNING_KEY": "51" * 31},
        f"LIENTHONG_SIGNING_KEY must be {FORM['secret']}",
    ),
    "no issuers": ({"LIENTHONG_ISSUERS": None}, f"LIENTHONG_ISSUERS is not set: it must be {FORM['issuers']}"),
    "issuers in no file": (
        {"LIENTHONG_ISSUERS": "/nowhere.toml"},
        f"LIENTHONG_ISSUERS must be {FORM['issuers']}: the file cannot be read (No such file or directory)",
    ),
    "issuers in a folder": (
        {"LIENTHONG_ISSUERS": "."},
        f"LIENTHONG_ISSUERS must be {FORM['issuers']}: the file cannot be read (Is a directory)",
    ),
    "issuers without a section": (
        {"LIENTHONG_ISSUERS": "empty.toml"},
        f"LIENTHONG_ISSUERS must be {FORM['issuers']}: `issuers` is missing",
    ),
    "issuers that are no TOML": (
        {"LIENTHONG_ISSUERS": "no.toml"},
        f"LIENTHONG_ISSUERS must be {FORM['issuers']}: the file is not TOML "
        "(Expected '=' after a key in a key/value pair (at end of document))",
    ),
    "an issuer without audience": (
        {"LIENTHONG_ISSUERS": "lacking.toml"},
        f"LIENTHONG_ISSUERS must be {FORM['issuers']}: `issuers 1`: `audience` is missing",
    ),
    "an issuer with a number for a list": (
        {"LIENTHONG_ISSUERS": "typed.toml"},
        f"LIENTHONG_ISSUERS must be {FORM['issuers']}: `issuers 1.algorithms` must be a list, got a whole number",
    ),
    "registers in no file": (
        {"LIENTHONG_REGISTERS": "/nowhere.toml"},
        f"LIENTHONG_REGISTERS must be {FORM['toml']}: the file cannot be read (No such file or directory)",
    ),
    "a placeholder unfilled": (
        {"LIENTHONG_REGISTER_DATA": None},
        "LIENTHONG_REGISTER_DATA is not set: it must fill the registers' `{data}`",
    ),
    "a placeholder that is not there": (
        {"LIENTHONG_REGISTER_DAAT": PASSWORD},
        "LIENTHONG_REGISTER_DAAT must fill a placeholder: the registers have no `{daat}`",
    ),
    "policies in no folder": (
        {"LIENTHONG_POLICIES": "/nowhere"},
        "LIENTHONG_POLICIES must be the path of a folder: there is no such folder",
    ),
    "Redis by another scheme": (
        {"LIENTHONG_REDIS_URL": f"http://:{PASSWORD}@localhost"},
        f"LIENTHONG_REDIS_URL must be {FORM['redis']}",
    ),
    "Redis at no port": (
        {"LIENTHONG_REDIS_URL": "redis://localhost:x"},
        f"LIENTHONG_REDIS_URL must be {FORM['redis']}",
    ),
    "a plan that may be": ({"LIENTHONG_PLAN": "maybe"}, "LIENTHONG_PLAN must be `on` or `off`"),
    "coalescing by a number": ({"LIENTHONG_COALESCE": "2"}, "LIENTHONG_COALESCE must be `on` or `off`"),
    "more than all shadowed": ({"LIENTHONG_SHADOW": "1.5"}, "LIENTHONG_SHADOW must be a number from 0 to 1"),
    "a share in words": ({"LIENTHONG_SHADOW": "nan"}, "LIENTHONG_SHADOW must be a number from 0 to 1"),
    "citizens without a request": (
        {"LIENTHONG_CITIZEN_REQUESTS_PER_MINUTE": "0"},
        "LIENTHONG_CITIZEN_REQUESTS_PER_MINUTE must be a whole number from 1",
    ),
    "a name that nobody reads": (
        {"LIENTHONG_MASTER_SECRETS": SECRET},
        "LIENTHONG_MASTER_SECRETS is not a setting: docs/operating.md lists them",
    ),
    "a port like that of a service": (
        {"LIENTHONG_REDIS_PORT": "6379"},
        "LIENTHONG_REDIS_PORT is not a setting: docs/operating.md lists them",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_by_its_variable_and_what_it_should_be(
    mistake: str, sound: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    changes, told = MISTAKES[mistake]
    environment = {name: value for name, value in {**sound, **changes}.items() if value is not None}
    with pytest.raises(NotStarted) as raised:
        settings_from_environment(environment)
    assert str(raised.value) == told
    assert re.search(f"{PASSWORD}|{SECRET}|{EARLIER}", str(raised.value)) is None


@pytest.mark.parametrize(
    ("word", "on"),
    [
        ("on", True),
        ("true", True),
        ("1", True),
        ("", True),
        ("off", False),
        ("false", False),
        ("FALSE", False),
        ("0", False),
    ],
)
def test_a_switch_says_what_it_says(sound: dict[str, str], word: str, on: bool) -> None:
    assert settings_from_environment({**sound, "LIENTHONG_PLAN": word}).plan is on


INJECTED = {
    "LIENTHONG_SERVICE_HOST": "10.0.0.1",
    "LIENTHONG_SERVICE_PORT": "443",
    "LIENTHONG_SERVICE_PORT_HTTPS": "443",
    "LIENTHONG_PORT": "tcp://10.0.0.1:443",
    "LIENTHONG_PORT_443_TCP": "tcp://10.0.0.1:443",
    "LIENTHONG_PORT_443_TCP_PROTO": "tcp",
    "LIENTHONG_PORT_443_TCP_PORT": "443",
    "LIENTHONG_PORT_443_TCP_ADDR": "10.0.0.1",
    "LIENTHONG_REDIS_SERVICE_HOST": "10.0.0.2",
    "LIENTHONG_REDIS_SERVICE_PORT": "6379",
    "LIENTHONG_REDIS_PORT_6379_TCP_ADDR": "10.0.0.2",
}


def test_what_kubernetes_injects_is_no_mistake(sound: dict[str, str]) -> None:
    assert settings_from_environment({**sound, **INJECTED}) == settings_from_environment(sound)


def test_settings_show_no_secret(sound: dict[str, str]) -> None:
    redis = f"redis://:{PASSWORD}@localhost"
    more = {"LIENTHONG_EARLIER_SECRETS": EARLIER, "LIENTHONG_SIGNING_KEY": SIGNING, "LIENTHONG_REDIS_URL": redis}
    settings = settings_from_environment({**sound, **more})
    assert (settings.master_secret.hex(), settings.redis_url) == (SECRET, redis)
    shown = repr(settings)
    for secret in (SECRET, EARLIER, SIGNING):
        assert secret not in shown
        assert repr(bytes.fromhex(secret))[2:-1] not in shown
    assert PASSWORD not in shown


def test_commands_take_the_same_secrets(sound: dict[str, str]) -> None:
    keys, signing = record_secrets({**sound, "LIENTHONG_EARLIER_SECRETS": EARLIER, "LIENTHONG_SIGNING_KEY": SIGNING})
    assert (len(keys.earlier), signing is not None) == (1, True)
    with pytest.raises(NotStarted, match="LIENTHONG_MASTER_SECRET is not set"):
        record_secrets({})


def test_the_documents_list_the_variables_that_are_read() -> None:
    text = (ROOT / "docs" / "operating.md").read_text("utf-8")
    rows = re.findall(r"^\| `(LIENTHONG_[^`]*)` \| (.*) \|$", text, re.MULTILINE)
    read = {name: variable.meaning for name, variable in VARIABLES.items()}
    assert dict(rows) == {**read, REGISTER_VARIABLES: REGISTER_MEANING}
