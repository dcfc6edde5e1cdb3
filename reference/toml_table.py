"""TOML files, validated into msgspec types. An error names the place and what belongs there, never the value."""

import re
import tomllib
from collections.abc import Callable, Mapping
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
Positive = Annotated[float, Meta(gt=0, lt=2**31)]
Names = Annotated[tuple[Text, ...], Meta(min_length=1, max_length=MOST_NAMES)]
NameSet = Annotated[frozenset[Text], Meta(min_length=1, max_length=MOST_NAMES)]
Codes = Annotated[frozenset[Text | int], Meta(max_length=MOST_NAMES)]
"""Keys of records: texts or numbers, as their register has them."""

_MISSING = re.compile("Object missing required field (`.*`)")
_KINDS = {
    "array": "a list",
    "object": "a table",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "date": "a date",
    "datetime": "a time",
}
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


def validated(kind: type[_Read], content: object, where: str, error: Callable[[str], Exception]) -> _Read:
    """Return the content as that type. Raises `error` naming `where`, the key and what it must be.

    `where` may be empty, for errors that name the place themselves.
    """
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
    key = re.sub(r"\[(\d+)\]", lambda index: f" {int(index[1]) + 1}", path.rstrip("`").lstrip("."))
    place = f"`{key}`" if key else ""
    if fault := _MISSING.fullmatch(said) or _UNKNOWN.fullmatch(said):
        told = f"{fault[1]} is missing" if fault.re is _MISSING else f"unknown {fault[1]}"
        return ": ".join(filter(None, [", ".join(filter(None, [where, place])), told]))
    told = said
    if said.startswith("Expected "):  # not a message of our own __post_init__
        told = "must be " + re.sub(r"`([a-z |]+)`", lambda kinds: _named(kinds[1]), said.removeprefix("Expected "))
    return ": ".join(filter(None, [where, f"{place} {told}".lstrip()]))


def _named(kinds: str) -> str:
    """Return kinds of values in words, as `date | null` has them; null stands for a key that may be left out."""
    return " or ".join(_KINDS.get(kind, kind) for kind in kinds.split(" | ") if kind != "null")
