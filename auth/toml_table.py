"""Tables of .toml files: each key is taken once and checked; what is missing, mistyped or left over is refused."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

_Value = TypeVar("_Value")


class TOMLTable:
    """One table. `where` says in errors which; `error` is what is raised, its message naming the table and the key."""

    def __init__(self, where: str, content: object, error: type[Exception]) -> None:
        if not isinstance(content, dict):
            raise error(f"{where}: must be a table")
        self.where = where
        self._error = error
        self._left: dict[str, Any] = dict(content)

    @classmethod
    def of_file(cls, path: Path, error: type[Exception]) -> "TOMLTable":
        """Return the whole file. Raises `error` for one that cannot be read."""
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as cause:
            raise error(f"{path.name}: cannot be read: {cause}") from cause
        return cls(path.name, content, error)

    def wrong(self, key: str, message: str) -> Exception:
        return self._error(f"{self.where}: `{key}` {message}")

    def finish(self) -> None:
        """Raise for a key that nobody has taken."""
        if self._left:
            raise self._error(f"{self.where}: unknown `{min(self._left)}`")

    def text(self, key: str) -> str:
        return self._there(key, self.optional_text(key))

    def optional_text(self, key: str) -> str | None:
        value = self._left.pop(key, None)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self.wrong(key, "must be a text")
        return value

    def day(self, key: str) -> date:
        return self._there(key, self.optional_day(key))

    def optional_day(self, key: str) -> date | None:
        value = self._left.pop(key, None)
        if value is not None and type(value) is not date:  # a time is a date too, to isinstance
            raise self.wrong(key, "must be a date such as 2026-12-31")
        return value

    def days(self, key: str) -> Mapping[str, date]:
        """Return the table of days, none for one that is not there."""
        days = self.optional(key)
        return MappingProxyType({} if days is None else {name: days.day(name) for name in tuple(days._left)})

    def number(self, key: str) -> int:
        return self._there(key, self.optional_number(key))

    def optional_number(self, key: str) -> int | None:
        value = self._left.pop(key, None)
        if value is not None and (type(value) is not int or not 1 <= value < 2**31):
            raise self.wrong(key, "must be a whole number from 1 on")
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:
        value = self._there(key, self._left.pop(key, default))
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        return self._there(key, self.optional_names(key))

    def optional_names(self, key: str) -> tuple[str, ...] | None:
        """Return the names of a list that is not empty; None where there is no list."""
        values = self._left.pop(key, None)
        if values is not None and (not _is_list_of(values, str) or not values):
            raise self.wrong(key, "must be a list of names, not an empty one")
        return None if values is None else tuple(values)

    def codes(self, key: str) -> tuple[str | int, ...]:
        """Return the keys of records: texts or numbers, as the register has them; none where there is no list."""
        values = self._left.pop(key, [])
        if not _is_list_of(values, str | int):
            raise self.wrong(key, "must be a list of codes")
        return tuple(values)

    def given(self, *keys: str) -> Mapping[str, Any]:
        """Return the values of those keys that are there, as they are: others check them."""
        return {key: self._left.pop(key) for key in keys if key in self._left}

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Return a table as it is, empty where there is none: others check what it holds."""
        inner = self.optional(key)
        return {} if inner is None else inner._left

    def inner(self, key: str) -> "TOMLTable":
        return self._there(key, self.optional(key))

    def optional(self, key: str) -> "TOMLTable | None":
        return TOMLTable(f"{self.where}, `{key}`", self._left.pop(key), self._error) if key in self._left else None

    def tables(self, key: str, least: int = 1) -> Sequence["TOMLTable"]:
        """Return the tables of a list."""
        values = self._left.pop(key, [])
        if not isinstance(values, list) or len(values) < least:
            raise self.wrong(key, "must be a list of tables" + (", with one at least" if least else ""))
        places = enumerate(values, start=1)
        return [TOMLTable(f"{self.where}, `{key}` {place}", value, self._error) for place, value in places]

    def entries(self) -> Iterator[tuple[str, "TOMLTable"]]:
        """Yield all that is left, by name: each must be a table."""
        for name in tuple(self._left):
            yield name, TOMLTable(f"{self.where}: {name}", self._left.pop(name), self._error)

    def _there(self, key: str, value: _Value | None) -> _Value:
        if value is None:
            raise self.wrong(key, "is missing")
        return value


def _is_list_of(values: object, kind: Any) -> bool:
    return isinstance(values, list) and all(isinstance(one, kind) and type(one) is not bool for one in values)
