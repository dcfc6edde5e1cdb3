"""The forms that settings have: what is wanted in words, and how the text of a variable is read."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from auth.authentication.issuers import Issuer
from auth.crypto.keys import MASTER_BYTES
from auth.crypto.signing import SEED_BYTES, SigningKey
from auth.errors import NotStarted
from auth.limits.addresses import Addresses
from reference.toml_table import Number, Positive, TOMLTable, validated

REQUIRED: Final = object()
"""Stands for the value of a variable that must be set."""
_WORDS = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Form:
    """`parsed` raises ValueError, TypeError, msgspec.ValidationError, or NotStarted with what is wrong.

    No message of NotStarted holds what was given.
    """

    wanted: str
    parsed: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable: the field of Settings that it gives, what it means, its form, and the text that stands for it."""

    field: str
    meaning: str
    form: Form
    otherwise: Any


class IssuersFile(TOMLTable, frozen=True, kw_only=True):
    issuers: Annotated[tuple[Issuer, ...], Meta(min_length=1, max_length=1_000)]


def _secret(text: str) -> bytes:
    return _bytes(text, MASTER_BYTES)


def _secrets(text: str) -> Sequence[bytes]:
    return [_secret(word) for word in text.split()]


def _signing_key(text: str) -> SigningKey:
    return SigningKey(_bytes(text, SEED_BYTES))


def _bytes(text: str, number: int) -> bytes:
    made = bytes.fromhex(text)
    if len(made) != number:
        raise ValueError
    return made


def _switch(text: str) -> bool:
    if text.lower() not in _WORDS:
        raise ValueError
    return _WORDS[text.lower()]


def _of_type(kind: Any) -> Callable[[str], Any]:
    """Return the reader of a number of that type and range."""
    return partial(msgspec.convert, type=kind, strict=False)


def _networks(text: str) -> Sequence[str]:
    networks = text.replace(",", " ").split()
    Addresses(networks)
    return networks


def _proxy_header(text: str) -> str:
    Addresses((), text.lower())
    return text.lower()


def _database_url(text: str) -> str:
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError from None
    if url.drivername == "sqlite+aiosqlite" and url.database:
        if not Path(url.database).parent.is_dir():
            raise NotStarted("the folder of the file is not there")
    elif url.drivername != "postgresql+asyncpg" or not url.database:
        raise ValueError
    return text


def _redis_url(text: str) -> str:
    url = urlsplit(text)
    port = url.port  # raises ValueError for what is no port
    if url.scheme not in ("redis", "rediss", "unix") or not (url.hostname or url.scheme == "unix") or port == 0:
        raise ValueError
    return text


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise NotStarted("there is no such folder")
    return Path(text)


def _toml_file(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(Path(text).read_text(encoding="utf-8"))
    except OSError as error:
        raise NotStarted(f"the file cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise NotStarted("the file is not in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise NotStarted(f"the file is not TOML ({error})") from None


def _issuers_file(text: str) -> Sequence[Issuer]:
    return validated(IssuersFile, _toml_file(text), "", NotStarted).issuers


SECRET = Form("64 hexadecimal digits (32 random bytes)", _secret)
SECRETS = Form("secrets of 64 hexadecimal digits, separated by spaces", _secrets)
SIGNING_KEY = Form("64 hexadecimal digits (32 random bytes)", _signing_key)
SWITCH = Form("`on` or `off`", _switch)
SHARE = Form("a number from 0 to 1", _of_type(Annotated[float, Meta(ge=0, le=1)]))
NUMBER = Form("a whole number from 0", _of_type(Annotated[int, Meta(ge=0, lt=2**31)]))
NUMBER_FROM_1 = Form("a whole number from 1", _of_type(Number))
SECONDS = Form("a number of seconds above 0", _of_type(Positive))
DATABASE_URL = Form("`sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE`", _database_url)
REDIS_URL = Form("`redis://HOST:PORT/NUMBER` or `rediss://…`", _redis_url)
FOLDER = Form("the path of a folder", _folder)
TOML_FILE = Form("the path of a TOML file", _toml_file)
ISSUERS_FILE = Form("the path of a TOML file with a section [[issuers]]", _issuers_file)
NETWORKS = Form("networks such as 10.0.0.0/8, separated by blanks or commas", _networks)
PROXY_HEADER = Form("`x-forwarded-for` or `forwarded`", _proxy_header)
