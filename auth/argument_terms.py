"""With which arguments an answer may be asked, and about how many different things of one subject."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

MOST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class ArgumentTerms:
    """The terms of one answer for one purpose.

    `values`: what each argument may be, by its name in the schema; an argument that is not named may be anything.
    Dates are ISO 8601 texts, input objects mappings, null is an argument that is not given.
    `distinct`: so many different questions one client may ask about one subject within `days` from its first one.
    """

    values: Mapping[str, tuple[Any, ...]]
    distinct: int
    days: int = 365

    def __post_init__(self) -> None:
        """Raise ValueError for terms that cannot be meant."""
        if self.distinct < 1:
            raise ValueError(f"`distinct` must be at least 1, not {self.distinct}")
        if not 1 <= self.days <= MOST_DAYS:
            raise ValueError(f"`days` must be between 1 and {MOST_DAYS}, not {self.days}")
        for name, values in self.values.items():
            if not values:
                raise ValueError(f"`{name}` must have at least one value")

    def refused(self, arguments: Mapping[str, Any]) -> str | None:
        """Return the first argument, by its name in the schema, whose value is not permitted; None: all are."""
        for name, permitted in self.values.items():
            given = plain(arguments.get(name))
            if not any(_alike(given, value) for value in permitted):
                return name
        return None

    def as_json(self) -> dict[str, Any]:
        """Return the terms as JSON holds them; `parsed` reads them back."""
        values = {name: [plain(value) for value in self.values[name]] for name in sorted(self.values)}
        return {"values": values, "distinct": self.distinct, "days": self.days}

    @classmethod
    def parsed(cls, stored: object) -> "ArgumentTerms":
        """Return the terms of a JSON object. Raises ValueError for anything else; `days` may be left out."""
        if not isinstance(stored, Mapping):
            raise ValueError("terms of arguments must be a table")
        unknown = stored.keys() - {"values", "distinct", "days"}
        values, distinct, days = stored.get("values", {}), stored.get("distinct"), stored.get("days", 365)
        if unknown:
            raise ValueError(f"unknown `{min(unknown)}` in terms of arguments")
        if not isinstance(values, Mapping) or not all(isinstance(listed, list | tuple) for listed in values.values()):
            raise ValueError("`values` must hold a list for each argument")
        if not _is_number(distinct) or not _is_number(days):
            raise ValueError("`distinct` and `days` must be whole numbers")
        return cls(
            MappingProxyType({name: tuple(plain(value) for value in listed) for name, listed in values.items()}),
            distinct,  # type: ignore[arg-type]
            days,
        )


def plain(value: Any) -> Any:
    """Return an argument's value as JSON holds it, members of an input object that are not given left out."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in sorted(value.items()) if inner is not None}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _alike(one: Any, another: Any) -> bool:
    """Tell whether two plain values are the same; true and 1 are not."""
    return one == another and isinstance(one, bool) == isinstance(another, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
