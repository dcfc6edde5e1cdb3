"""The tables of an agreements file: each key is taken once and checked; what is left over is refused."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from auth.agreements import AgreementInvalid


class Keys:
    """One table. `where` says in errors which."""

    def __init__(self, where: str, table: object) -> None:
        self.where = where
        if not isinstance(table, dict):
            raise AgreementInvalid(f"{where}: must be a table")
        self._left: dict[str, Any] = dict(table)

    def wrong(self, key: str, message: str) -> AgreementInvalid:
        return AgreementInvalid(f"{self.where}: `{key}`: {message}")

    def finish(self) -> None:
        """Raise AgreementInvalid for a key that nobody has taken."""
        if self._left:
            raise self.wrong(min(self._left), "is not known")

    def text(self, key: str) -> str:
        text = self.optional_text(key)
        if text is None:
            raise self.wrong(key, "is missing")
        return text

    def optional_text(self, key: str) -> str | None:
        value = self._left.pop(key, None)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self.wrong(key, "must be a text")
        return value

    def day(self, key: str) -> date:
        day = self.optional_day(key)
        if day is None:
            raise self.wrong(key, "is missing")
        return day

    def optional_day(self, key: str) -> date | None:
        value = self._left.pop(key, None)
        if value is not None and type(value) is not date:
            raise self.wrong(key, "must be a date such as 2026-12-31")
        return value

    def days(self, key: str) -> Mapping[str, date]:
        """Return the table of days, none for one that is not there."""
        days = self.mapping(key)
        for name, day in days.items():
            if type(day) is not date:
                raise self.wrong(key, f"`{name}` must be a date such as 2026-12-31")
        return MappingProxyType(days)

    def number(self, key: str, default: int) -> int:
        number = self.optional_number(key)
        return default if number is None else number

    def optional_number(self, key: str) -> int | None:
        value = self._left.pop(key, None)
        if value is not None and (type(value) is not int or not 1 <= value < 2**31):
            raise self.wrong(key, "must be a whole number from 1 on")
        return value

    def flag(self, key: str) -> bool:
        value = self._left.pop(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def names(self, key: str) -> frozenset[str]:
        return self.optional_names(key) or frozenset()

    def optional_names(self, key: str) -> frozenset[str] | None:
        """Return the names of a list that is not empty; None where there is no list."""
        values = self._left.pop(key, None)
        if values is not None and (not self._is_list_of(values, str) or not values):
            raise self.wrong(key, "must be a list of texts, not an empty one")
        return None if values is None else frozenset(values)

    def codes(self, key: str) -> frozenset[str | int]:
        """Return the keys of records: texts or numbers, as the register has them."""
        values = self._left.pop(key, [])
        if not self._is_list_of(values, str | int):
            raise self.wrong(key, "must be a list of codes")
        return frozenset(values)

    def mapping(self, key: str) -> dict[str, Any]:
        value = self._left.pop(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "must be a table")
        return value

    def optional(self, key: str) -> "Keys | None":
        return Keys(f"{self.where}, `{key}`", self._left.pop(key)) if key in self._left else None

    def tables(self, key: str, least: int = 1) -> Sequence["Keys"]:
        values = self._left.pop(key, [])
        if not isinstance(values, list) or len(values) < least:
            raise self.wrong(key, "must be a list of tables" + (", with one at least" if least else ""))
        return [Keys(f"{self.where}, `{key}` {place}", value) for place, value in enumerate(values, start=1)]

    def _is_list_of(self, values: object, kind: Any) -> bool:
        return isinstance(values, list) and all(isinstance(one, kind) and type(one) is not bool for one in values)
