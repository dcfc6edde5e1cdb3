"""TOML files, validated into msgspec types. An error names the place and what belongs there, never the value."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

_Read = TypeVar("_Read")

MOST_TEXT = 4_000
"""Characters of one text: the longest of the committed policies has a tenth."""

MOST_NAMES = 100_000
"""Entries of one list: more institutions than the country has schools."""

Text = Annotated[str, Meta(pattern=r"\S", max_length=MOST_TEXT)]
Number = Annotated[int, Meta(ge=1, lt=2**31)]
Names = Annotated[tuple[Text, ...], Meta(min_length=1, max_length=MOST_NAMES)]
NameSet = Annotated[frozenset[Text], Meta(min_length=1, max_length=MOST_NAMES)]
Codes = Annotated[frozenset[Text | int], Meta(max_length=MOST_NAMES)]
"""Keys of records: texts or numbers, as their register has them."""

_MISSING = re.compile("Object missing required field (`.*`)")
_UNKNOWN = re.compile("Object contains unknown field (`.*`)")


class TOMLTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of a file: its fields are the keys that it may have."""


class BilingualTable(TOMLTable, frozen=True, kw_only=True):
    """A table with a text in each language."""

    vi: Text
    en: Text

    @property
    def text(self) -> Mapping[str, str]:
        """The texts by language."""
        return {"vi": self.vi, "en": self.en}


def content_of(path: Path, error: type[Exception]) -> dict[str, Any]:
    """Return the whole file, not validated. Raises `error` for one that cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        raise error(f"{path.name}: cannot be read: {cause}") from cause


def validated(kind: type[_Read], content: object, where: str, error: type[Exception]) -> _Read:
    """Return the content as that type. Raises `error` naming `where`, the key and what it must be."""
    try:
        return msgspec.convert(content, kind, builtin_types=(date,))
    except msgspec.ValidationError as cause:
        raise error(_worded(where, str(cause))) from None


def entries_of(path: Path, kind: type[_Read], error: type[Exception]) -> dict[str, _Read]:
    """Return the tables of a file by their names, which they get as the field `name`. Raises `error` as above."""
    return {name: named_table(kind, name, table, path, error) for name, table in content_of(path, error).items()}


def named_table(kind: type[_Read], name: str, table: object, path: Path, error: type[Exception]) -> _Read:
    """Return one table of a file with its name in the field `name`. Raises `error` as above."""
    where = f"{path.name}: {name}"
    if not isinstance(table, dict):
        raise error(f"{where}: must be a table")
    if "name" in table:
        raise error(f"{where}: unknown `name`")
    return validated(kind, {"name": name, **table}, where, error)


def _worded(where: str, message: str) -> str:
    """Return msgspec's message with the place in front, lists counted from 1."""
    said, _, path = message.partition(" - at `$")
    place = re.sub(r"\[(\d+)\]", lambda index: f" {int(index[1]) + 1}", path.rstrip("`").lstrip("."))
    if fault := _MISSING.fullmatch(said) or _UNKNOWN.fullmatch(said):
        inside = f"{where}, `{place}`" if place else where
        return f"{inside}: {fault[1]} is missing" if fault.re is _MISSING else f"{inside}: unknown {fault[1]}"
    wanted = said.replace("Expected ", "must be ", 1).replace(" | null", "")
    return f"{where}: `{place}` {wanted}" if place else f"{where}: {wanted}"
